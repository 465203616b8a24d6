"""The names under which predictions and errors are added to a row."""

from __future__ import annotations

from collections.abc import Sequence

from formats.errors import BadFileError
from serving.card import Card


def error_name(card: Card) -> str:
    return f"{card.output_prefix}error"


def require_distinct(added: Sequence[str]) -> None:
    """Raises BadFileError where an output is called as another one is, or as the error is."""
    if len(set(added)) < len(added):
        raise BadFileError(
            f"expected one name for each prediction and for the error, got {', '.join(added)}; "
            f"rename the outputs in model.toml"
        )
