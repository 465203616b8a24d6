"""The tokenizer: texts as numbers of pieces of words."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from tokenizers.trainers import WordPieceTrainer

WORDS = 8_000
UNKNOWN = "[UNK]"
SPECIAL = ["[PAD]", UNKNOWN, "[CLS]", "[SEP]"]  # by their ids
MAX_TOKENS = 128


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Lower case, no accents, words split into known pieces; emoticons are punctuation."""
    tokenizer = Tokenizer(WordPiece(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = WordPieceTrainer(vocab_size=WORDS, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    sep, cls = ((token, SPECIAL.index(token)) for token in ["[SEP]", "[CLS]"])
    tokenizer.post_processor = processors.BertProcessing(sep, cls)
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


def padded(tokenizer: Tokenizer, tokens: int) -> Tokenizer:
    """Another one, which pads every text to that length instead of a batch's longest."""
    other = Tokenizer.from_str(tokenizer.to_str())
    other.enable_padding(length=tokens)
    return other


def encode(tokenizer: Tokenizer, texts: list[str]) -> dict[str, NDArray[np.int64]]:
    """What the graph takes: two arrays of a row for each text."""
    encodings = tokenizer.encode_batch(texts)
    return {
        "input_ids": np.array([encoding.ids for encoding in encodings], dtype=np.int64),
        "attention_mask": np.array(
            [encoding.attention_mask for encoding in encodings], dtype=np.int64
        ),
    }
