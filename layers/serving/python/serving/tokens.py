"""Tokens: texts as the numbers that a `tokenizer.json` gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tokenizers import Encoding, Tokenizer

from serving.card_texts import MAX_CHARACTERS, TextOptions
from serving.coercion import Array, Cells, coerce
from serving.errors import ConfigurationError
from serving.preparation import Prepared
from serving.signature import Tensor

STRINGS = np.dtype(np.object_)
# What tokenizers call the token that means nothing, where their file does not say.
PADDING_TOKENS = ("[PAD]", "<pad>")


class Padding(NamedTuple):
    """What stands behind the tokens of a short text, or before them, by the input's role."""

    values: Mapping[str, int]
    is_left: bool


class TextPreparation:
    """Fills inputs with the tokens of each row's text, or of its two texts. See Preparation.

    `inputs` are by role: input_ids, attention_mask and token_type_ids. Texts are tokenized one by
    one: what a row becomes depends on no other, and the library starts no threads of its own.
    """

    def __init__(
        self, tokenizer: Tokenizer, inputs: Mapping[str, Tensor], padding: Padding, *, texts: int
    ) -> None:
        self._tokenizer = tokenizer
        self._inputs = inputs
        self._padding = padding
        self._texts = texts

    def prepare(self, cells: Cells) -> Prepared:
        coerced = coerce(cells, STRINGS)
        texts = coerced.values
        expected = {**_too_long(texts), **coerced.expected}
        length = len(texts) // self._texts
        faulty = {index % length for index in expected}
        arrays = {role: self._blank(role, length) for role in self._inputs}
        for row in range(length):
            if row in faulty:
                continue
            encoding = self._encode(texts[row::length])
            if encoding is None:
                expected[row] = "a text that the model's tokenizer knows how to split"
            else:
                self._lay(encoding, row, arrays)
        return Prepared({self._inputs[role].name: arrays[role] for role in arrays}, expected)

    def _blank(self, role: str, length: int) -> Array:
        tensor = self._inputs[role]
        return np.full((length, *tensor.row_shape), self._padding.values[role], tensor.dtype)

    def _encode(self, texts: Array) -> Encoding | None:
        first, *second = texts
        try:
            return self._tokenizer.encode(first, *second)
        except Exception:  # noqa: BLE001 - its errors share no base class
            return None

    def _lay(self, encoding: Encoding, row: int, arrays: Mapping[str, Array]) -> None:
        count = len(encoding.ids)
        for role, array in arrays.items():
            place = slice(array.shape[1] - count, None) if self._padding.is_left else slice(count)
            array[row, place] = _tokens(encoding, role)


def _tokens(encoding: Encoding, role: str) -> Sequence[int]:
    match role:
        case "input_ids":
            return encoding.ids
        case "attention_mask":
            return encoding.attention_mask
    return encoding.type_ids


def _too_long(texts: Array) -> dict[int, str]:
    sentence = f"a text of at most {MAX_CHARACTERS} characters"
    return {index: sentence for index, text in enumerate(texts) if len(text) > MAX_CHARACTERS}


def read_tokenizer(
    path: Path, options: TextOptions, tensors: Sequence[Tensor], *, texts: int
) -> TextPreparation:
    """From a file of the version directory; `tensors` are in the order of those in the options.

    How long texts are, in the file, is overridden. Raises ConfigurationError.
    """
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # its errors share no base class
        raise ConfigurationError(f"{path}: expected a tokenizer.json: {error}") from error
    inputs = dict(zip(options.tensors, tensors, strict=True))
    padding = _padding(tokenizer)
    _truncate(tokenizer, inputs["input_ids"].row_shape[0], path, is_pair=texts > 1)
    return TextPreparation(tokenizer, inputs, padding, texts=texts)


def _padding(tokenizer: Tokenizer) -> Padding:
    """As the file has it, but for how far."""
    said = tokenizer.padding or {}
    tokenizer.no_padding()
    known = (tokenizer.token_to_id(token) for token in PADDING_TOKENS)
    default = next((number for number in known if number is not None), 0)
    values = {
        "input_ids": said.get("pad_id", default),
        "attention_mask": 0,
        "token_type_ids": said.get("pad_type_id", 0),
    }
    return Padding(values, is_left=said.get("direction") == "left")


def _truncate(tokenizer: Tokenizer, width: int, path: Path, *, is_pair: bool) -> None:
    special = tokenizer.num_special_tokens_to_add(is_pair)
    if width <= special:
        raise ConfigurationError(
            f"{path}: expected room for more than the {special} tokens that it adds to every "
            f"text, got {width}; raise max_tokens in model.toml"
        )
    direction = (tokenizer.truncation or {}).get("direction", "right")
    tokenizer.enable_truncation(width, direction=direction)
