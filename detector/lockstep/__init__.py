"""Several models on the same frames, one frame after the other, and what is written of it."""
