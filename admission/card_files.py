"""Card files: those that a card names are the version's own."""

from __future__ import annotations

from pathlib import Path

from serving.card import Card
from serving.errors import ConfigurationError


def require_card_files(card: Card, version_directory: Path) -> None:
    """Raises ConfigurationError where a tokenizer is none of the version's files."""
    for feature in card.features:
        if feature.text and not (version_directory / feature.text.tokenizer).is_file():
            raise ConfigurationError(
                f"{card.source}: features.{feature.name}.tokenizer: expected a file in "
                f"{version_directory}, got {feature.text.tokenizer!r}"
            )
