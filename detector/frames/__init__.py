"""Where frames come from: cameras, video files, photographs, the built-in sample. One protocol for all."""
