"""Images: cells that hold pictures become one tensor, each pixel a number as the card says."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable

import numpy as np
from PIL import Image
from PIL.Image import Resampling

from serving.card_images import ImageOptions
from serving.coercion import Array, Cells
from serving.errors import (
    SHOWN_CHARACTERS,
    ConfigurationError,
    OversizedInputError,
    shortened,
)
from serving.picture import PICTURE, UnusablePictureError, pixels_to_decode, read_picture
from serving.preparation import Prepared
from serving.signature import Tensor

RESAMPLING = {
    "bilinear": Resampling.BILINEAR,
    "nearest": Resampling.NEAREST,
    "bicubic": Resampling.BICUBIC,
}
# Of all pictures that somebody waits for: a second or two of work. One by itself always may be.
MAX_PIXELS_TO_DECODE = 100_000_000
# Of all rows together: small files may be pictures of any size.
MAX_VALUES = 64 * 1024 * 1024
# From a JPEG so much larger than the target, nobody tells the smaller scales from the whole.
SHRINKING = 2


class ImagePreparation:
    """Pictures as `bytes`, or as text in base64. See Preparation."""

    def __init__(self, options: ImageOptions, tensor: Tensor) -> None:
        is_nchw = options.layout == "NCHW"
        self._options = options
        self._tensor = tensor
        # From row, height, width and channel to the axes of the tensor.
        self._axes = (0, 2, 3, 1) if is_nchw else (0, 1, 2, 3)
        self._height, self._width = options.row_shape[1:] if is_nchw else options.row_shape[:2]
        self._values = _values_of_pixels(options, tensor)
        exact = options.interpolation == "nearest"
        self._enough = None if exact else SHRINKING * max(self._height, self._width)

    def prepare(self, cells: Cells) -> Prepared:
        """Raises OversizedInputError where all of them together are too large to be held."""
        self._require_room(len(cells))
        pixels = np.zeros((len(cells), *self._options.row_shape), self._tensor.dtype)
        planes = pixels.transpose(self._axes)
        expected, got = {}, {}
        for row, cell in enumerate(cells):
            try:
                self._fill(planes[row], _content(cell))
            except UnusablePictureError as error:
                expected[row] = str(error)
                if error.got is not None:
                    got[row] = error.got
        return Prepared({self._tensor.name: pixels}, expected, got)

    def _require_room(self, rows: int) -> None:
        shape = self._options.row_shape
        if rows * math.prod(shape) > MAX_VALUES:
            raise OversizedInputError(
                f"{self._tensor.name}: expected images of at most {MAX_VALUES} values in all, got "
                f"{rows} of {list(shape)}; send fewer rows at a time"
            )

    def _fill(self, planes: Array, content: bytes) -> None:
        picture = read_picture(content, enough=self._enough)
        mode = "L" if self._options.colors == "grey" else "RGB"
        colored = picture if picture.mode == mode else picture.convert(mode)
        fitted = np.asarray(self._fitted(colored))
        channels = fitted.reshape(self._height, self._width, -1)
        if self._options.colors == "BGR":
            channels = channels[:, :, ::-1]
        for channel, values in enumerate(self._values):
            planes[:, :, channel] = values[channels[:, :, channel]]

    def _fitted(self, picture: Image.Image) -> Image.Image:
        match self._options.resize:
            case "crop":
                return self._resized(picture, box=self._middle(picture))
            case "pad":
                return self._padded(picture)
        return self._resized(picture)

    def _resized(
        self, picture: Image.Image, *, box: tuple[float, float, float, float] | None = None
    ) -> Image.Image:
        method = RESAMPLING[self._options.interpolation]
        return picture.resize((self._width, self._height), method, box)

    def _middle(self, picture: Image.Image) -> tuple[float, float, float, float]:
        """The part of a picture that is left in its middle where it is scaled until it covers the
        size, in whole pixels rounded down, and cropped."""
        width, height = picture.size
        by_height = width * self._height >= height * self._width
        across = width * self._height // height if by_height else self._width
        down = self._height if by_height else height * self._width // width
        left, top = round((across - self._width) / 2), round((down - self._height) / 2)
        return (
            left * width / across,
            top * height / down,
            (left + self._width) * width / across,
            (top + self._height) * height / down,
        )

    def _padded(self, picture: Image.Image) -> Image.Image:
        """Scaled until it fits into the size, in the middle of what is black once inverted."""
        width, height = picture.size
        scale = min(self._width / width, self._height / height)
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        black = "white" if self._options.invert else "black"
        canvas = Image.new(picture.mode, (self._width, self._height), black)
        corner = round((self._width - size[0]) / 2), round((self._height - size[1]) / 2)
        canvas.paste(picture.resize(size, RESAMPLING[self._options.interpolation]), corner)
        return canvas


def require_pixels(cells: Iterable[object]) -> None:
    """Raises OversizedInputError where decoding all of them takes too long to be waited for."""
    pixels = sum(map(_pixels_to_decode, cells))
    if pixels > MAX_PIXELS_TO_DECODE:
        raise OversizedInputError(
            f"the body: expected images of at most {MAX_PIXELS_TO_DECODE} pixels in all, got "
            f"{pixels}; send fewer pictures at a time, or a file for batch scoring"
        )


def _pixels_to_decode(cell: object) -> int:
    try:
        return pixels_to_decode(_content(cell))
    except UnusablePictureError:
        return 0


def _content(cell: object) -> bytes:
    if isinstance(cell, bytes):
        return cell
    if isinstance(cell, str):
        try:
            return base64.b64decode(cell, validate=True)
        except ValueError:
            pass
        if cell.startswith("data:"):
            prefix = shortened(cell[: cell.find(",") + 1] or "data:", SHOWN_CHARACTERS)
            raise UnusablePictureError(f'{PICTURE} in base64 without "{prefix}" before it')
    raise UnusablePictureError(f"{PICTURE} in base64")


def _values_of_pixels(options: ImageOptions, tensor: Tensor) -> Array:
    """What each of the 256 values of a pixel becomes, channel by channel: `[channel, pixel]`."""
    kind = np.dtype(np.float64 if tensor.datatype == "FP64" else np.float32)
    pixels: Array = np.arange(256).astype(kind)
    if options.invert:
        pixels = pixels[::-1]
    scale, mean, std = (
        np.array(n, kind).reshape(-1, 1) for n in (options.scale, options.mean, options.std)
    )
    values = (pixels * scale - mean) / std
    with np.errstate(over="ignore", invalid="ignore"):
        cast: Array = values.astype(tensor.dtype)
    _require_fit(values, cast, tensor)
    return np.broadcast_to(cast, (options.channels, 256))


def _require_fit(values: Array, cast: Array, tensor: Tensor) -> None:
    is_float = tensor.dtype.kind == "f"
    if not (np.isfinite(cast).all() if is_float else np.array_equal(values, cast)):
        lowest, highest = values.min(), values.max()
        raise ConfigurationError(
            f"scale, mean, std: expected values that input {tensor.name!r} of "
            f"{tensor.datatype} can hold, got some from {lowest:g} to {highest:g}"
        )
