"""Pictures: PNG, JPEG and WebP files as upright, opaque pixels of eight bits, grey or RGB."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO

import numpy as np
from PIL import Image
from PIL.ExifTags import Base
from PIL.Image import Transpose
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

PICTURE = "a PNG, JPEG or WebP image"
MAX_BYTES = 32 * 1024 * 1024
# While one is decoded, a WebP image takes 16 bytes a pixel, and JPEG at most 8.
MAX_PIXELS = 25_000_000
MAX_JPEG_PIXELS = 50_000_000
# Cameras write about ten. Each costs as much as the whole picture, though it may say nothing.
MAX_JPEG_SCANS = 100
SCAN = b"\xff\xda"

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
    """Its text is what was expected instead, as in "expected a PNG, JPEG or WebP image"."""


def read_picture(data: bytes, *, enough: int | None = None) -> Image.Image:
    """The first frame, upright and on white, in mode L or RGB.

    Of JPEG, `enough` pixels along both sides are enough: it is decoded at the smallest of the
    scales 1, 1/2, 1/4 and 1/8 that leaves them. Raises UnusablePictureError, from the header alone
    where a picture is too large.
    """
    file = _opened(data)
    if enough is not None:
        file.draft(None, (enough, enough))
    try:
        file.load()
        return _upright(_opaque(file), _orientation(file))
    except Exception as error:  # Pillow's errors share no base class
        raise UnusablePictureError(f"a whole {PICTURE[2:]}") from error


def _opened(data: bytes) -> ImageFile:
    """A picture of which only the header is read."""
    if len(data) > MAX_BYTES:
        raise UnusablePictureError(f"an image of at most {MAX_BYTES} bytes")
    try:
        file = _reader(data)(BytesIO(data))
    except Image.DecompressionBombError as error:
        raise _too_large(MAX_PIXELS) from error
    except Exception as error:  # Pillow's errors share no base class
        raise UnusablePictureError(PICTURE) from error
    is_jpeg = isinstance(file, JpegImageFile)
    most = MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS
    if file.width * file.height > most:
        raise _too_large(most)
    if is_jpeg and data.count(SCAN) > MAX_JPEG_SCANS:
        raise UnusablePictureError(f"a JPEG image of at most {MAX_JPEG_SCANS} scans")
    return file


def _too_large(most: int) -> UnusablePictureError:
    return UnusablePictureError(f"an image of at most {most} pixels")


def _reader(data: bytes) -> type[ImageFile]:
    """By the first bytes: `Image.open` would import the plugins of all formats to refuse one."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile
    if data.startswith(b"\xff\xd8\xff"):
        return JpegImageFile
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WebPImageFile
    raise UnusablePictureError(PICTURE)


def _orientation(file: ImageFile) -> int | None:
    """None where there is no telling: viewers show a picture whose EXIF is damaged as it is."""
    with suppress(Exception):
        return file.getexif().get(Base.Orientation)
    return None


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
