"""Transformers of full size: built from what PyPI has, served through both doors, measured."""
