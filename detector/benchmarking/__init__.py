"""Networks on engines, timed by turns in one run: what `benchmark` prints."""
