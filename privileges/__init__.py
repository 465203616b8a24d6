"""Least privilege, proven by execution: what the functions did, held against what they may do."""
