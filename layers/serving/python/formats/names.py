"""The names under which predictions and errors are added to a row."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from formats.errors import BadFileError
from serving.card import Card


def error_name(card: Card) -> str:
    return f"{card.output_prefix}error"


def require_distinct(added: Sequence[str], *, beside: Collection[str] = ()) -> None:
    """Raises BadFileError where an output is called as another one is, as the error is, or as one
    of the file's own columns `beside` it."""
    if len(set(added)) < len(added):
        raise BadFileError(
            f"expected one name for each prediction and for the error, got {', '.join(added)}; "
            f"rename the outputs in model.toml"
        )
    for name in added:
        if name in beside:
            raise BadFileError(
                f"expected no column named {name!r}, which the prediction adds; rename it, or set "
                f"batch.output_prefix in model.toml"
            )
