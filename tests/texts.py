"""A model of texts: a tokenizer of a few words, and a small transformer behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from tests.graphs import model, save, tensor

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS = [
    *("a", "the", "film", "was", "is", "good", "bad", "great", "awful", "not", "very"),
    *("i", "it", "love", "loved", "hate", ",", ".", "!"),
]
VOCABULARY = [*SPECIAL, *WORDS]
PADDING, UNKNOWN, START, END = range(4)

CARD = """
live = 1

[features]
review = { kind = "text", tokenizer = "tokenizer.json", max_tokens = 16 }

[outputs]
positive = { tensor = "logits", activation = "softmax", index = 1, threshold = 0.5 }
score = { tensor = "logits", activation = "softmax", index = 1 }
label = { tensor = "logits", take = "argmax", labels = ["bad", "good"] }
top = { tensor = "logits", activation = "softmax", take = "top-k", k = 2 }
"""


def tokenizer(*, adds_special: bool = True) -> Tokenizer:
    """Lower-cases, splits at spaces and punctuation, and knows VOCABULARY."""
    numbers = {word: number for number, word in enumerate(VOCABULARY)}
    made = Tokenizer(models.WordLevel(numbers, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if adds_special:
        made.post_processor = processors.BertProcessing(("[SEP]", END), ("[CLS]", START))
    return made


def transformer(tokens: int | None = None, hidden: int = 16, seed: int = 0) -> onnx.ModelProto:
    """input_ids and attention_mask [n, tokens] -> logits [n, 2]: one layer of attention, and the
    first token's state decides."""
    random = np.random.default_rng(seed)

    def weights(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return random.standard_normal(shape).astype(np.float32)

    nodes = [
        helper.make_node("Gather", ["embeddings", "input_ids"], ["states"]),
        helper.make_node("LayerNormalization", ["states", "ones"], ["x"]),
        helper.make_node("MatMul", ["x", "query"], ["q"]),
        helper.make_node("MatMul", ["x", "key"], ["k"]),
        helper.make_node("MatMul", ["x", "value"], ["v"]),
        helper.make_node("Transpose", ["k"], ["k_turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["q", "k_turned"], ["affinities"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["mask", "one"], ["absent"]),
        helper.make_node("Mul", ["absent", "far"], ["penalties"]),
        helper.make_node("Unsqueeze", ["penalties", "axis"], ["penalty"]),
        helper.make_node("Add", ["affinities", "penalty"], ["masked"]),
        helper.make_node("Softmax", ["masked"], ["attention"], axis=-1),
        helper.make_node("MatMul", ["attention", "v"], ["attended"]),
        helper.make_node("Add", ["attended", "x"], ["sum"]),
        helper.make_node("LayerNormalization", ["sum", "ones"], ["normal"]),
        helper.make_node("MatMul", ["normal", "wide"], ["widened"]),
        helper.make_node("Erf", ["widened"], ["activated"]),
        helper.make_node("MatMul", ["activated", "narrow"], ["narrowed"]),
        helper.make_node("Gather", ["narrowed", "first"], ["pooled"], axis=1),
        helper.make_node("MatMul", ["pooled", "head"], ["logits"]),
    ]
    return model(
        nodes,
        [
            tensor(name, TensorProto.INT64, [None, tokens])
            for name in ("input_ids", "attention_mask")
        ],
        [tensor("logits", TensorProto.FLOAT, [None, 2])],
        embeddings=weights(len(VOCABULARY), hidden),
        ones=np.ones(hidden, np.float32),
        query=weights(hidden, hidden),
        key=weights(hidden, hidden),
        value=weights(hidden, hidden),
        one=np.array(1, np.float32),
        far=np.array(10_000, np.float32),
        axis=np.array([1]),
        wide=weights(hidden, 4 * hidden),
        narrow=weights(4 * hidden, hidden),
        first=np.array(0),
        head=weights(hidden, 2),
    )


def save_reviews(directory: Path, *, card: str = CARD, tokens: int | None = None) -> Path:
    """The version directory of a model of reviews."""
    save(transformer(tokens), directory, card=card)
    tokenizer().save(str(directory / "tokenizer.json"))
    return directory
