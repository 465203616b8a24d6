"""A prediction depends on the libraries that prepare its rows, and on their versions."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from serving.card import parse_card
from serving.errors import ConfigurationError
from serving.libraries import extra_versions, installed_versions

TEXT = 'live = 1\n[features]\nreview = { kind = "text", tokenizer = "t.json", max_tokens = 8 }'
IMAGE = 'live = 1\n[features]\npicture = { kind = "image" }'
EXTENSIONS = "live = 1\n[graph]\nextensions = true"


@pytest.mark.parametrize(
    ("card", "needed"), [("live = 1", []), (TEXT, ["tokenizers"]), (IMAGE, ["pillow"])]
)
def test_the_versions_are_those_of_what_the_card_needs(card: str, needed: list[str]) -> None:
    parsed = parse_card(card.encode(), source="model.toml")

    assert extra_versions(parsed) == {name: version(name) for name in needed}
    assert installed_versions(parsed) == {
        name: version(name) for name in ("onnxruntime", "numpy", *needed)
    }


def test_what_is_not_installed_is_named() -> None:
    card = parse_card(EXTENSIONS.encode(), source="model.toml")

    with pytest.raises(ConfigurationError, match="the library onnxruntime-extensions, which its"):
        extra_versions(card)
