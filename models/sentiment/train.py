"""Train a version of the sentiment model on the texts and words that people rated for VADER.

    make train MODEL=sentiment [SEED=2014], or with the repository's root on the path
    python models/sentiment/train.py --out models/sentiment/2 [--seed 2014]
    python models/sentiment/train.py --evaluate models/sentiment/1

Writes the graph, its tokenizer, golden answers and `quality.json`: how it does on texts that
training never saw. Ratings and texts come with the source archive of the Python package
vaderSentiment (MIT licence): C. J. Hutto and E. Gilbert, "VADER: A Parsimonious Rule-based Model
for Sentiment Analysis of Social Media Text", ICWSM 2014.
"""

# ruff: noqa: S311 - it shuffles texts, and keeps no secrets

from __future__ import annotations

import random
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import pearsonr
from sklearn.metrics import accuracy_score, roc_auc_score
from tokenizers import Tokenizer
from torch import Tensor
from torch.export import Dim
from torch.nn import functional

from models.sentiment.network import Encoder
from models.sentiment.phrases import phrases_of_importance, rated_phrases, rated_words
from models.sentiment.rules import Rules
from models.sentiment.texts import Text, read_corpus
from models.sentiment.tokenizer import MAX_TOKENS, encode, padded, train_tokenizer
from training import script
from training.descent import Descent
from training.export import require_agreement, to_onnx
from training.golden import golden_document
from training.quality import quality_document
from training.session import answer, session_of
from training.version import GOLDEN, GRAPH, QUALITY, read_graph, require_new, write_version

TOKENIZER = "tokenizer.json"
THRESHOLD = 0.5  # the card's
LEANING = 0.1  # texts whose share is nearer to one half are left out of accuracy and AUC

SEED = 2014
EPOCHS = 5
BATCH = 64
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 0.05

EXAMPLES = [
    "MLOps is critical for robustness",
    "This film was a waste of time",
    "I love it",
    "not good",
    "not bad",
    "The room was clean and the staff were friendly.",
    "Terrible. Broke after two days.",
    "The meeting is on Tuesday.",
    "",
]


def publish(version_directory: Path, seed: int) -> None:
    """Train and write a new version; nothing is written unless the graph agrees with PyTorch."""
    require_new(version_directory)
    corpus = read_corpus()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random.seed(seed)
    words = rated_words()
    texts = [*corpus.train, *words, *rated_phrases(), *phrases_of_importance(words)]
    tokenizer = train_tokenizer(text.text for text in texts)
    network = train(tokenizer, texts)
    graph = graph_of(network)
    require_agreement(network, graph, tensors(tokenizer, corpus.test[:BATCH]))
    report = quality(graph, tokenizer, corpus.test)
    write_version(
        version_directory,
        {
            GRAPH: graph,
            TOKENIZER: tokenizer.to_str().encode(),
            GOLDEN: golden(graph, tokenizer),
            QUALITY: report,
        },
    )
    print(report.decode(), end="")


def evaluate(version_directory: Path) -> bytes:
    tokenizer = Tokenizer.from_file(str(version_directory / TOKENIZER))
    return quality(read_graph(version_directory), tokenizer, read_corpus().test)


def train(tokenizer: Tokenizer, texts: list[Text]) -> Encoder:
    network = Encoder(tokenizer.get_vocab_size(), MAX_TOKENS)

    def loss_of(batch: list[Text]) -> Tensor:
        shares = torch.tensor([text.share for text in batch])
        logits = network(**tensors(tokenizer, batch))
        return functional.binary_cross_entropy_with_logits(logits, shares)

    descent = Descent(EPOCHS, ceil(len(texts) / BATCH), LEARNING_RATE, WEIGHT_DECAY)
    descent.fit(network, lambda: batches(texts), loss_of)
    return network


def batches(texts: list[Text]) -> Iterator[list[Text]]:
    """All texts in random order, those of a batch of about one length."""
    shuffled = sorted(texts, key=lambda text: len(text.text) * random.uniform(0.8, 1.25))
    starts = list(range(0, len(shuffled), BATCH))
    random.shuffle(starts)
    return (shuffled[start : start + BATCH] for start in starts)


def tensors(tokenizer: Tokenizer, texts: list[Text]) -> dict[str, Tensor]:
    arrays = encode(tokenizer, [text.text for text in texts])
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def graph_of(network: Encoder) -> bytes:
    tokens = torch.ones(2, MAX_TOKENS, dtype=torch.int64)
    examples = {"input_ids": tokens, "attention_mask": tokens.clone()}
    dynamic = {0: Dim("texts"), 1: Dim("tokens", max=MAX_TOKENS)}
    return to_onnx(network, examples, "logit", dynamic=dynamic)


def quality(graph: bytes, tokenizer: Tokenizer, texts: list[Text]) -> bytes:
    """How a version does on texts that training never saw, beside VADER's own rules."""
    rules = Rules()
    metrics = measures(scores(graph, tokenizer, texts), texts)
    baseline = measures(np.array([rules.share(text.text) for text in texts]), texts)
    return quality_document(
        held_out_rows=len(texts),
        metrics=metrics,
        better=dict.fromkeys(metrics, "higher"),
        baseline={"VADER's rules": baseline},
    )


def scores(graph: bytes, tokenizer: Tokenizer, texts: list[Text]) -> NDArray[np.float32]:
    session = session_of(graph)
    parts = [
        answer(session, encode(tokenizer, [text.text for text in texts[start : start + BATCH]]))
        for start in range(0, len(texts), BATCH)
    ]
    return sigmoid(np.concatenate(parts))


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shares: NDArray[np.float64] = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return shares.astype(np.float32)


def measures(scores: NDArray[Any], texts: list[Text]) -> dict[str, float]:
    """Those of a decision on texts on which raters lean, that of scores on all."""
    shares = np.array([text.share for text in texts])
    leaning = abs(shares - THRESHOLD) > LEANING
    positive, guesses = shares[leaning] >= THRESHOLD, scores[leaning]
    values = {
        "accuracy": accuracy_score(positive, guesses >= THRESHOLD),
        "auc": roc_auc_score(positive, guesses),
        "correlation": pearsonr(scores, shares)[0],
    }
    return {name: round(float(value), 4) for name, value in values.items()}


def golden(graph: bytes, tokenizer: Tokenizer) -> bytes:
    """The examples and what the card answers for them, padded as it says."""
    logits = answer(session_of(graph), encode(padded(tokenizer, MAX_TOKENS), EXAMPLES))
    return golden_document(
        [{"text": text} for text in EXAMPLES],
        [{"positive": bool(share >= THRESHOLD), "score": share} for share in sigmoid(logits)],
    )


if __name__ == "__main__":
    script.run(publish, evaluate, seed=SEED)
