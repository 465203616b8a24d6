"""The libraries that predictions depend on, beside onnxruntime and numpy: few models need any."""

from __future__ import annotations

from serving.card import Card, naming
from serving.errors import ConfigurationError

ALWAYS = ("onnxruntime", "numpy")
# What they are for, and what they are called where they are published.
LIBRARIES = {"extensions": "onnxruntime-extensions", "image": "pillow", "text": "tokenizers"}


def libraries_of(card: Card) -> list[str]:
    """Those of LIBRARIES, by what they are for, without which the model does not load."""
    needs = {
        "extensions": card.extensions,
        "image": any(feature.image is not None for feature in card.features),
        "text": any(feature.text is not None for feature in card.features),
    }
    return [library for library, needed in needs.items() if needed]


def extra_versions(card: Card) -> dict[str, str]:
    """Of LIBRARIES, those that are needed, by their published names, in the versions installed.

    Raises ConfigurationError where one is not.
    """
    names = [LIBRARIES[library] for library in libraries_of(card)]
    with naming(card.source):
        return {name: _version(name) for name in names}


def installed_versions(card: Card) -> dict[str, str]:
    """Of all that predictions depend on, as a function that loads the model has them."""
    return {name: _version(name) for name in ALWAYS} | extra_versions(card)


def _version(name: str) -> str:
    # Only those models pay for its import.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version(name)
    except PackageNotFoundError as error:
        raise ConfigurationError(
            f"expected the library {name}, which its features or its graph need, to be "
            "installed, got none; add it to the requirements of the model's images"
        ) from error
