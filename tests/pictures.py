"""Pictures in memory: what tests send to models of images."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import onnx
from onnx import TensorProto, helper
from PIL import Image

from serving.coercion import Array
from tests import graphs


def random_pixels(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def smooth(width: int, height: int, seed: int = 0) -> Image.Image:
    """In RGB, without edges: as large photographs are, seen closely."""
    few = 64 + random_pixels(4, 4, 3, seed=seed) // 2
    return Image.fromarray(few).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image | Array, kind: str = "PNG", **options: object) -> bytes:
    """PNG keeps every pixel as it is."""
    buffer = BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


# What makes the graph of `brightness` a model of pictures.
CARD = """\
live = 1
[features]
picture = { kind = "image", tensor = "pixels", scale = 0.00392156862745098 }
[outputs]
brightness = { tensor = "mean" }
"""


def brightness(size: int = 4) -> onnx.ModelProto:
    """pixels [n, 3, size, size] -> mean [n, 1]: of all pixels of a picture."""
    return graphs.model(
        [
            helper.make_node("Flatten", ["pixels"], ["flat"]),
            helper.make_node("ReduceMean", ["flat", "axes"], ["mean"], keepdims=1),
        ],
        [graphs.tensor("pixels", TensorProto.FLOAT, [None, 3, size, size])],
        [graphs.tensor("mean", TensorProto.FLOAT, [None, 1])],
        axes=np.array([1]),
    )


def of_brightness(level: int) -> bytes:
    """A picture whose brightness is `level` / 255."""
    return encoded(Image.new("L", (6, 5), level))
