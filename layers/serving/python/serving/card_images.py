"""How the card has pictures made into tensors."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, get_args

from serving.document import Table

Resize = Literal["stretch", "crop", "pad"]
Interpolation = Literal["bilinear", "nearest", "bicubic"]
Colors = Literal["RGB", "BGR", "grey"]
Layout = Literal["NCHW", "NHWC"]

MAX_EXTENT = 16 * 1024
# In float32, 256 MiB for one picture.
MAX_ELEMENTS = 64 * 1024 * 1024

RESIZE: tuple[Resize, ...] = get_args(Resize)
INTERPOLATION: tuple[Interpolation, ...] = get_args(Interpolation)
COLORS: tuple[Colors, ...] = get_args(Colors)
LAYOUT: tuple[Layout, ...] = get_args(Layout)


class ImageOptions(NamedTuple):
    """A pixel of 0 to 255, inverted where `invert` says so, becomes `(pixel * scale - mean) / std`;
    `mean` and `std` have one number, or one for each channel in the order of `colors`.

    `size` is height and width. What the card leaves out is None; serving.picture_input tells
    it from the graph, so that a column's feature has all of it.
    """

    size: tuple[int, int] | None = None
    resize: Resize = "stretch"
    interpolation: Interpolation = "bilinear"
    colors: Colors | None = None
    layout: Layout | None = None
    invert: bool = False
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    @property
    def channels(self) -> int:
        return 1 if self.colors == "grey" else 3

    @property
    def row_shape(self) -> tuple[int, ...]:
        """The shape of one picture, where nothing is left out."""
        size = self.size or ()
        return (self.channels, *size) if self.layout == "NCHW" else (*size, self.channels)


def image_options(table: Table) -> ImageOptions:
    scale = table.number("scale")
    options = ImageOptions(
        size=_size(table),
        resize=table.choice("resize", RESIZE, default="stretch"),
        interpolation=table.choice("interpolation", INTERPOLATION, default="bilinear"),
        colors=table.optional_choice("colors", COLORS),
        layout=table.optional_choice("layout", LAYOUT),
        invert=table.flag("invert"),
        scale=1.0 if scale is None else scale,
        mean=table.numbers("mean") or (0.0,),
        std=table.numbers("std") or (1.0,),
    )
    _require_size(options, table)
    for deviation in options.std:
        if deviation <= 0:
            raise table.error("std", "numbers above 0", f"{deviation:g}")
    return options


def _size(table: Table) -> tuple[int, int] | None:
    match table.optional("size", list):
        case None:
            return None
        case [height, width] if type(height) is type(width) is int:  # a bool would be one, too
            return height, width
        case other:
            raise table.error("size", "a height and a width in pixels", repr(other))


def _require_size(options: ImageOptions, table: Table) -> None:
    size = options.size or (1, 1)
    if not all(1 <= extent <= MAX_EXTENT for extent in size):
        expected = f"a height and a width from 1 to {MAX_EXTENT:,} pixels"
        raise table.error("size", expected, repr([*size]))
    elements = math.prod((*size, options.channels))
    if elements > MAX_ELEMENTS:
        expected = f"at most {MAX_ELEMENTS:,} values, one for each channel of each pixel"
        raise table.error("size", expected, f"{elements:,} of {[*size]}")
