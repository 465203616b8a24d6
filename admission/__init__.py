"""Admission: what a version must be before anything loads it.

For what deploys and for tools: it needs the `onnx` package, which no image carries.
"""
