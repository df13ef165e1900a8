"""The frame view and what is drawn over the frame."""
