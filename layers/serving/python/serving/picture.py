"""Pictures: PNG, JPEG and WebP files as upright, opaque pixels of eight bits, grey or RGB."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image
from PIL.Image import Transpose
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from serving.file_kind import file_kind
from serving.picture_layout import Layout, read_layout

PICTURE = "a PNG, JPEG or WebP image"
MAX_BYTES = 32 * 1024 * 1024
# While one is decoded, a WebP image takes 16 bytes a pixel, and JPEG at most 8.
MAX_PIXELS = 25_000_000
MAX_JPEG_PIXELS = 50_000_000
# A row of pixels costs something for itself, in memory too.
MAX_SIDE = 1_000_000
MIN_COUNTED = 16
# Encoders write about ten. Each costs a tenth of the whole picture, though it may say nothing.
USUAL_SCANS = 10

READERS: dict[str, type[ImageFile]] = {
    "a PNG": PngImageFile,
    "a JPEG": JpegImageFile,
    "a WebP": WebPImageFile,
}
# What turns a picture upright, by the orientation that EXIF says it has.
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


class UnusablePictureError(Exception):
    """Its text is what was expected instead, as in "expected a PNG, JPEG or WebP image"; `got`,
    where the bytes tell, what they are."""

    def __init__(self, expected: str, got: str | None = None) -> None:
        super().__init__(expected)
        self.got = got


def read_picture(data: bytes, *, enough: int | None = None) -> Image.Image:
    """The first frame, upright and on white, in mode L or RGB.

    Of JPEG, `enough` pixels along both sides are enough: it is decoded at the smallest of the
    scales 1, 1/2, 1/4 and 1/8 that leaves them. Raises UnusablePictureError, from the header alone
    where a picture is too large.
    """
    reader = _reader(data)
    layout = _usable_layout(data, reader)
    file = _opened(layout, reader)
    if enough is not None:
        file.draft(None, (enough, enough))
    try:
        file.load()
        return _upright(_opaque(file), layout.orientation)
    except Exception as error:  # Pillow's errors share no base class
        raise UnusablePictureError(f"a whole {PICTURE[2:]}") from error


def pixels_to_decode(data: bytes) -> int:
    """What `read_picture` has to do, in pixels: those of a JPEG of many scans count several times,
    and what is refused has none."""
    try:
        return _pixels(_usable_layout(data, _reader(data)))
    except UnusablePictureError:
        return 0


def _usable_layout(data: bytes, reader: type[ImageFile]) -> Layout:
    if len(data) > MAX_BYTES:
        raise UnusablePictureError(f"an image of at most {MAX_BYTES} bytes", f"{len(data)} bytes")
    layout = read_layout(data)
    if layout is None:
        raise UnusablePictureError(PICTURE)
    if layout.parts > layout.most_parts:
        raise UnusablePictureError(f"an image of at most {layout.most_parts} chunks or segments")
    if max(layout.width, layout.height) > MAX_SIDE:
        raise UnusablePictureError(f"an image of at most {MAX_SIDE} pixels along a side")
    most = MAX_JPEG_PIXELS if reader is JpegImageFile else MAX_PIXELS
    if _pixels(layout) > most:
        raise _too_large(layout, most)
    return layout


def _pixels(layout: Layout) -> int:
    pixels = max(layout.width, MIN_COUNTED) * max(layout.height, MIN_COUNTED)
    return pixels * max(layout.scans, USUAL_SCANS) // USUAL_SCANS


def _too_large(layout: Layout, most: int) -> UnusablePictureError:
    size = f"{layout.width} x {layout.height}"
    if layout.scans <= USUAL_SCANS:
        return UnusablePictureError(f"an image of at most {most} pixels", size)
    expected = f"an image of at most {most * USUAL_SCANS} pixels in all scans"
    return UnusablePictureError(expected, f"{size} in {layout.scans}")


def _opened(layout: Layout, reader: type[ImageFile]) -> ImageFile:
    try:
        file = reader(BytesIO(b"".join(layout.pieces)))
    except Exception as error:  # Pillow's errors share no base class
        raise UnusablePictureError(PICTURE) from error
    if file.size != (layout.width, layout.height):
        raise UnusablePictureError(PICTURE)
    return file


def _reader(data: bytes) -> type[ImageFile]:
    """By the first bytes: `Image.open` would import the plugins of all formats to refuse one."""
    kind = file_kind(data)
    if kind is None or kind not in READERS:
        raise UnusablePictureError(PICTURE, kind)
    return READERS[kind]


def _upright(image: Image.Image, orientation: int | None) -> Image.Image:
    method = UPRIGHT.get(orientation or 1)
    return image if method is None else image.transpose(method)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode == "I;16":
        return _upper_eight_bits(image)
    if image.has_transparency_data:
        colors = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(colors, mask=colors)
        return white
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def _upper_eight_bits(image: Image.Image) -> Image.Image:
    """As of colours of sixteen bits, which Pillow reads so by itself."""
    grey = np.asarray(image)
    upper = (grey >> 8).astype(np.uint8)
    upper[grey == image.info.get("transparency", -1)] = 255
    return Image.fromarray(upper)
