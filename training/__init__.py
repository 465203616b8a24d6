"""What the training scripts of models share: their command line, and what they write."""
