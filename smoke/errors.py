"""Everything the smoke test raises on purpose."""

from __future__ import annotations


class SmokeError(Exception):
    """Something does not work as it should; the message says what was expected, and what came."""


class OptionError(Exception):
    """Nobody can be asked with what the command was told; the message holds nothing secret."""
