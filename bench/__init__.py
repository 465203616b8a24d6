"""Measurements: every figure a ratio of CPU time, taken in one run, against a floor and rivals."""
