"""The window. It shows what the detector package finds and holds no detection logic."""
