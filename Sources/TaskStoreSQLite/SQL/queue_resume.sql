DELETE FROM paused_queue WHERE name = ?1
