t.key, t.id, t.name, t.queue, t.owner, t.parent, t.max_attempts, t.metadata, t.options, t.input,
s.priority, s.timeout, s.run_at, s.created_at, s.attempts, s.lost_attempts, s.fence, s.version, s.error, s.checkpoint,
s.finished, s.stage, s.updated_at, s.started_at, s.finished_at, s.cancel_requested_at, s.deadline, s.worker,
s.progress, s.result, s.sequence
