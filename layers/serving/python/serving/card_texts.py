"""How the card has text tokenized."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from serving.document import Table

Padding = Literal["fixed", "longest"]
PADDING: tuple[Padding, ...] = get_args(Padding)

# What a tokenizer gives, by the names that models nearly always have for it.
TENSORS = ("input_ids", "attention_mask", "token_type_ids")
# All of a text is tokenized, for up to a second for so many characters, before it is cut.
MAX_CHARACTERS = 1_000_000
# Of all texts of a request, which a transformer takes seconds for; and so of one, whatever a graph
# takes.
MAX_TOKENS = 64 * 1024
# A file of the version directory itself: it is hashed, shipped and versioned with the graph.
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


class TextOptions(NamedTuple):
    """`max_tokens` None: as many as the graph's inputs are wide. The graph's inputs that tokens go
    to are those of `tensors`, or of the tokenizers' own names: see TENSORS."""

    tokenizer: str
    max_tokens: int | None
    padding: Padding
    tensors: Mapping[str, str]


def text_options(table: Table) -> TextOptions | None:
    """None: the graph takes the text as it is."""
    tokenizer = table.optional("tokenizer", str)
    max_tokens = table.optional_positive("max_tokens", most=MAX_TOKENS)
    padding = table.optional_choice("padding", PADDING)
    tensors = table.texts_by_name("tensors", TENSORS)
    if tokenizer is not None:
        _require_file_name(tokenizer, table)
        return TextOptions(tokenizer, max_tokens, padding or "fixed", tensors)
    for key, value in {"max_tokens": max_tokens, "padding": padding, "tensors": tensors}.items():
        if value:
            raise table.error(key, "tokenizer beside it", "none")
    return None


def _require_file_name(name: str, table: Table) -> None:
    if not _FILE_NAME.fullmatch(name):
        raise table.error("tokenizer", "the name of a file beside model.onnx", repr(name))
