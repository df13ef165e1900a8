"""The docks and bars around the canvas, each of one idea."""
