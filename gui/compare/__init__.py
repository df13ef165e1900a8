"""Two models beside each other on the same frames: two canvases, what tells them apart, the second's choice."""
