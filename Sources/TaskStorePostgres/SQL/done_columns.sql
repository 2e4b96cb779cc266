l.state, l.updated_at, l.started_at, l.finished_at, l.cancel_requested_at, NULL::timestamptz, l.worker, l.progress, l.result
