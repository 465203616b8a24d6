"""What is done to a models directory before anything of it serves."""
