// FFmpeg shim
