"""Whole videos in the window: running an analysis, finding earlier ones, and the timeline of what was found."""
