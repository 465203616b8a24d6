"""What keeps a proof from being made."""

from __future__ import annotations


class ScenarioError(Exception):
    """What was to be watched did not happen."""
