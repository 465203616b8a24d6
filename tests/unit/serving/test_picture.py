from __future__ import annotations

import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from serving import picture
from serving.coercion import Array
from serving.picture import UnusablePictureError, pixels_to_decode, read_picture
from serving.picture_layout import read_layout
from tests.pictures import encoded, random_pixels, smooth

GREY = random_pixels(5, 7)
COLORS = random_pixels(5, 7, 3)
# What undoes a turn, where it is not the turn itself.
UNDONE = {
    Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
    Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
}
NEARLY_LOSSLESS: dict[str, dict[str, int]] = {
    "PNG": {},
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True},
}


def pixels(data: bytes) -> Array:
    return np.asarray(read_picture(data))


def refusal(data: bytes) -> UnusablePictureError:
    with pytest.raises(UnusablePictureError) as raised:
        read_picture(data)
    return raised.value


def expected_instead_of(data: bytes) -> str:
    return str(refusal(data))


def png(width: int, height: int, *, depth: int, kind: int, scanlines: bytes) -> bytes:
    """A PNG by its header's own words."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(scanlines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@pytest.mark.parametrize("array", [GREY, COLORS], ids=["grey", "RGB"])
def test_a_png_is_read_pixel_by_pixel(array: Array) -> None:
    assert pixels(encoded(array)).tolist() == array.tolist()


def test_a_lossless_webp_is_read_pixel_by_pixel() -> None:
    assert pixels(encoded(COLORS, "WEBP", lossless=True)).tolist() == COLORS.tolist()


def test_a_jpeg_is_read_as_it_was_written_but_for_what_jpeg_loses() -> None:
    image = smooth(64, 48)

    read = pixels(encoded(image, "JPEG", **NEARLY_LOSSLESS["JPEG"]))

    assert np.abs(read.astype(int) - np.asarray(image).astype(int)).max() <= 8


@pytest.mark.parametrize(
    ("mode", "color", "seen"),
    [
        ("1", (1,), (255, 255, 255)),
        ("L", (7,), (7, 7, 7)),
        ("LA", (0, 0), (255, 255, 255)),
        ("LA", (0, 255), (0, 0, 0)),
        ("RGBA", (255, 0, 0, 255), (255, 0, 0)),
        ("RGBA", (255, 0, 0, 51), (255, 204, 204)),
        ("RGBA", (9, 9, 9, 0), (255, 255, 255)),
    ],
)
def test_what_is_transparent_is_seen_on_white(
    mode: str, color: tuple[int, ...], seen: tuple[int, int, int]
) -> None:
    data = encoded(Image.new(mode, (2, 2), color))

    assert read_picture(data).convert("RGB").getpixel((1, 1)) == seen


def test_a_palette_is_looked_up_and_its_transparent_color_is_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)

    assert pixels(encoded(image)).tolist() == [[[10, 20, 30], [40, 50, 60]]]
    assert pixels(encoded(image, transparency=1)).tolist() == [[[10, 20, 30], [255, 255, 255]]]


def test_of_sixteen_bits_the_upper_eight_are_seen() -> None:
    grey = png(2, 1, depth=16, kind=0, scanlines=b"\x00\x01\xff\x80\x00")
    colors = png(1, 1, depth=16, kind=2, scanlines=b"\x00\x01\xff\x80\x00\xff\xff")

    assert pixels(grey).tolist() == [[0x01, 0x80]]
    assert pixels(colors).tolist() == [[[0x01, 0x80, 0xFF]]]


def test_a_transparent_grey_of_sixteen_bits_is_white() -> None:
    image = Image.fromarray(np.array([[500, 600]], np.uint16))

    assert pixels(encoded(image, transparency=600)).tolist() == [[500 >> 8, 255]]


def test_print_colors_are_shown_as_light() -> None:
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))

    red, green, blue = pixels(encoded(image, "JPEG", quality=100))[0, 0].tolist()

    assert red > 250
    assert max(green, blue) < 5


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_read(kind: str) -> None:
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "lime", "blue")]

    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)

    assert read_picture(data).getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(kind: str, orientation: int) -> None:
    upright = smooth(40, 24)
    method = picture.UPRIGHT.get(orientation)
    held = upright if method is None else upright.transpose(UNDONE.get(method, method))
    exif = Image.Exif()
    exif[0x0112] = orientation

    seen = read_picture(encoded(held, kind, exif=exif, **NEARLY_LOSSLESS[kind]))

    assert seen.size == (40, 24)
    assert np.abs(np.asarray(seen).astype(int) - np.asarray(upright).astype(int)).max() <= 8


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize(
    "exif", [b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0nonsense", b"Exif\0\0"]
)
def test_a_picture_whose_exif_is_damaged_stays_as_it_is(exif: bytes) -> None:
    data = encoded(smooth(16, 8), "JPEG", exif=exif)

    assert read_picture(data).size == (16, 8)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        encoded(Image.new("RGB", (2, 2)), "GIF"),
        encoded(Image.new("RGB", (2, 2)), "BMP"),
        encoded(Image.new("RGB", (2, 2)), "TIFF"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_anything_else_is_told_what_is_read(data: bytes) -> None:
    assert expected_instead_of(data) == "a PNG, JPEG or WebP image"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "AVIF"])
def test_a_picture_of_another_kind_is_called_by_its_name(kind: str) -> None:
    article = "an" if kind == "AVIF" else "a"

    assert refusal(encoded(Image.new("RGB", (2, 2)), kind)).got == f"{article} {kind}"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_was_cut_off_is_refused(kind: str) -> None:
    data = encoded(random_pixels(64, 64, 3), kind)

    assert expected_instead_of(data[: len(data) // 2]) in {
        "a PNG, JPEG or WebP image",
        "a whole PNG, JPEG or WebP image",
    }


def test_a_picture_of_too_many_pixels_is_refused_by_its_header() -> None:
    bomb = png(5_000, 5_001, depth=1, kind=0, scanlines=b"")

    assert expected_instead_of(bomb) == "an image of at most 25000000 pixels"
    assert refusal(bomb).got == "5000 x 5001"


def test_a_picture_of_too_long_a_side_is_refused_by_its_header() -> None:
    column = png(1, 1_000_001, depth=1, kind=0, scanlines=b"")

    assert expected_instead_of(column) == "an image of at most 1000000 pixels along a side"


def test_a_jpeg_may_have_more_pixels_and_is_refused_by_its_header_too() -> None:
    data = bytearray(encoded(Image.new("L", (8, 8)), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 5001, 10_000)

    assert expected_instead_of(bytes(data)) == "an image of at most 50000000 pixels"


def test_a_webp_of_too_many_pixels_is_refused_by_its_header() -> None:
    size = (16_000 - 1) | (16_000 - 1) << 14
    chunk = b"VP8L" + struct.pack("<I", 6) + b"\x2f" + struct.pack("<I", size) + b"\0"
    bomb = b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk

    assert expected_instead_of(bomb) == "an image of at most 25000000 pixels"


def test_a_file_of_too_many_bytes_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MAX_BYTES", 10)

    assert expected_instead_of(encoded(GREY)) == "an image of at most 10 bytes"


def with_scans(data: bytes, count: int) -> bytes:
    """Of a progressive JPEG, with its last scan repeated until there are so many."""
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * (count - data.count(b"\xff\xda")) + data[-2:]


def test_a_large_jpeg_may_have_no_more_scans_than_are_usual() -> None:
    large = encoded(Image.new("RGB", (3000, 2000)), "JPEG", progressive=True)
    small = encoded(Image.new("RGB", (300, 200)), "JPEG", progressive=True)

    assert expected_instead_of(with_scans(large, 90)) == (
        "an image of at most 500000000 pixels in all scans"
    )
    assert read_picture(large).size == (3000, 2000)
    assert read_picture(with_scans(small, 90)).size == (300, 200)


def test_each_scan_of_a_jpeg_is_work_and_none_of_what_is_refused() -> None:
    progressive = encoded(Image.new("RGB", (30, 20)), "JPEG", progressive=True)

    assert pixels_to_decode(encoded(Image.new("RGB", (30, 20)), "JPEG")) == 600
    assert pixels_to_decode(progressive) == 600
    assert pixels_to_decode(with_scans(progressive, 95)) == 5700
    for small in (encoded(GREY), encoded(COLORS, "WEBP"), encoded(COLORS, "WEBP", lossless=True)):
        assert pixels_to_decode(small) == 256
    assert pixels_to_decode(png(5_000, 5_001, depth=1, kind=0, scanlines=b"")) == 0
    assert pixels_to_decode(b"GIF89a") == 0


def test_a_picture_with_more_parts_than_any_encoder_writes_is_refused() -> None:
    jpeg, small, webp = encoded(smooth(8, 8), "JPEG"), encoded(GREY), encoded(COLORS, "WEBP")
    size = int.from_bytes(webp[4:8], "little") + 8 * 10_000
    comments, chunk = b"\xff\xfe\0\2" * 1000, bytes(4) + b"teXt" + bytes(4)

    segments = expected_instead_of(jpeg[:2] + comments + jpeg[2:])

    assert segments == "an image of at most 1000 chunks or segments"
    for crowded in (
        small[:33] + chunk * 10_000 + small[33:],
        webp[:4] + struct.pack("<I", size) + webp[8:] + b"NONE\0\0\0\0" * 10_000,
    ):
        assert expected_instead_of(crowded) == "an image of at most 10000 chunks or segments"


def test_what_a_camera_says_besides_is_not_even_looked_at() -> None:
    jpeg, small = encoded(smooth(8, 8), "JPEG"), encoded(GREY)
    profile = b"\xff\xe2\0\x12ICC_PROFILE\0\1\1xx" * 300
    text = struct.pack(">I", 4) + b"zTXt" + bytes(8)

    layout = read_layout(jpeg[:2] + profile + jpeg[2:])

    assert layout is not None
    assert b"".join(layout.pieces) == jpeg
    assert pixels(small[:33] + text * 300 + small[33:]).tolist() == GREY.tolist()


def test_a_large_jpeg_is_decoded_no_larger_than_is_enough() -> None:
    image = smooth(1600, 1200)

    small = read_picture(encoded(image, "JPEG", quality=95), enough=300)

    assert small.size == (400, 300)
    whole = image.resize(small.size, Image.Resampling.BOX)
    assert np.abs(np.asarray(small).astype(int) - np.asarray(whole).astype(int)).max() <= 8


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@given(data=st.data())
def test_no_damage_raises_anything_else(kind: str, data: st.DataObject) -> None:
    intact = bytearray(encoded(smooth(24, 16), kind))
    for place in data.draw(st.lists(st.integers(0, len(intact) - 1), max_size=8)):
        intact[place] = data.draw(st.integers(0, 255))

    with suppress(UnusablePictureError):
        assert read_picture(bytes(intact)).mode in {"L", "RGB"}
