SELECT 1 FROM paused_queue WHERE name = ?1
