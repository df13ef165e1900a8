"""Whole videos: run, resume, track, count, export, summarise."""
