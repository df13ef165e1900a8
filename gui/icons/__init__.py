"""The drawings of the window's icons."""
