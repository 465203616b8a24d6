"""MLServer with one worker and nothing that the others do not have: no metrics, no debug log."""
