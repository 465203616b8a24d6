"""BentoML with one worker, and neither access log nor metrics."""
