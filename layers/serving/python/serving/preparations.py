"""Preparations: what makes tensors of texts and pictures, by the files and libraries they need."""

from __future__ import annotations

from pathlib import Path

from serving.card import card_path, naming
from serving.card_images import ImageOptions
from serving.card_texts import TextOptions
from serving.errors import ConfigurationError
from serving.features import Column, Columns
from serving.preparation import Preparation
from serving.signature import Tensor


def with_preparations(columns: Columns, directory: Path) -> Columns:
    """The columns with what prepares their cells, by the files of a version directory.

    Raises ConfigurationError where a file, or a library that reads them, is not there.
    """
    preparations: dict[tuple[Tensor, ...], Preparation] = {}
    for column in columns:
        text = None if column.feature is None else column.feature.text
        image = None if column.feature is None else column.feature.image
        if text is not None:
            sharing = sum(other.inputs == column.inputs for other in columns)
            preparations[column.inputs] = _tokens(directory, text, column, sharing)
        if image is not None:
            preparations[column.inputs] = _pixels(directory, image, column)
    return Columns(c._replace(preparation=preparations.get(c.inputs)) for c in columns)


# Only the images of models of texts, and of pictures, carry the libraries behind them.


def _tokens(directory: Path, text: TextOptions, column: Column, sharing: int) -> Preparation:
    try:
        from serving.tokens import read_tokenizer  # noqa: PLC0415
    except ImportError as error:
        raise _missing("tokenizers", directory, column) from error
    return read_tokenizer(directory / text.tokenizer, text, column.inputs, texts=sharing)


def _pixels(directory: Path, image: ImageOptions, column: Column) -> Preparation:
    try:
        from serving.images import ImagePreparation  # noqa: PLC0415
    except ImportError as error:
        raise _missing("pillow", directory, column) from error
    with naming(_place(directory, column)):
        return ImagePreparation(image, column.inputs[0])


def _missing(library: str, directory: Path, column: Column) -> ConfigurationError:
    return ConfigurationError(
        f"{_place(directory, column)}: expected the library {library} to prepare it, got none; "
        "add it to the requirements of the model's images"
    )


def _place(directory: Path, column: Column) -> str:
    return f"{card_path(directory)}: features.{column.name}"
