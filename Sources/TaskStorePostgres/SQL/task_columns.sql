t.id, t.name, t.queue, t.owner, t.parent, t.max_attempts, t.metadata, t.options, t.input, l.rank, l.seq, l.run_at,
l.timeout_us, l.created_at, l.attempts, l.lost_attempts, l.fence, l.version, l.checkpoint, l.error
