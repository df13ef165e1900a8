"""How good detections are: average precision, and what to expect at one score. Knows no model, only boxes and truth."""
