"""The real-time loop: a reader thread, a lane thread per running detector, queues between them, one runner over all."""
