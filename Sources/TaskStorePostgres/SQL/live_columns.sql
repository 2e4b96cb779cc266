l.state, l.updated_at, l.started_at, NULL::timestamptz, l.cancel_requested_at, l.deadline, l.worker, l.progress, NULL::text
