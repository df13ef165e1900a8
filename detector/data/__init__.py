"""Annotated photographs on disk, read into one form and decoded. Knows no model."""
