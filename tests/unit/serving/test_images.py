from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from serving import images
from serving.card_images import Colors, ImageOptions, Interpolation, Layout, Resize
from serving.coercion import Array
from serving.errors import ConfigurationError, OversizedInputError
from serving.images import ImagePreparation, require_pixels
from serving.signature import ANY, Tensor
from tests.pictures import encoded, random_pixels, smooth

WHITE = Image.new("RGB", (4, 4), "white")


def preparation(
    size: tuple[int, int] = (4, 4),
    *,
    datatype: str = "FP32",
    colors: Colors = "RGB",
    layout: Layout = "NCHW",
    **options: Any,  # noqa: ANN401 - whatever else the card may say
) -> ImagePreparation:
    tensor = Tensor("pixels", datatype, (ANY, ANY, ANY, ANY))
    chosen = ImageOptions(size=size, colors=colors, layout=layout, **options)
    return ImagePreparation(chosen, tensor)


def prepared(cell: object, **options: Any) -> Array:  # noqa: ANN401 - see preparation
    """The one row of a picture, which must be good."""
    feeds, expected, _ = preparation(**options).prepare([cell])
    assert expected == {}
    [row] = feeds["pixels"]
    row_of_tensor: Array = row
    return row_of_tensor


def in_rows(
    image: Image.Image,
    size: tuple[int, int],
    **options: Any,  # noqa: ANN401 - see preparation
) -> list[Any]:
    """A PNG's pixels by row, column and channel."""
    pixels = prepared(encoded(image), size=size, datatype="UINT8", layout="NHWC", **options)
    return list(pixels.tolist())


def by_the_book(  # noqa: PLR0913, PLR0917 - what the card can say of pixels
    pixels: Array,
    colors: str,
    layout: str,
    invert: bool,  # noqa: FBT001
    scale: float,
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> Array:
    """What docs/cards.md says of a picture that has the right size."""
    channels = pixels.astype(np.float32)
    if colors == "BGR":
        channels = channels[:, :, ::-1]
    if colors == "grey":
        # ITU-R 601-2, as libraries round it.
        grey = pixels.astype(int) @ np.array([19595, 38470, 7471])
        channels = ((grey + 0x8000) >> 16)[:, :, np.newaxis].astype(np.float32)
    if invert:
        channels = 255 - channels
    values = channels * np.float32(scale) - np.array(mean, np.float32)
    values = values / np.array(std, np.float32)
    return values if layout == "NHWC" else values.transpose(2, 0, 1)


@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    colors=st.sampled_from(["RGB", "BGR", "grey"]),
    layout=st.sampled_from(["NCHW", "NHWC"]),
    datatype=st.sampled_from(["FP16", "FP32"]),
    invert=st.booleans(),
    scale=st.sampled_from([1.0, 1 / 255, 0.1]),
    mean=st.sampled_from([(0.0,), (0.485, 0.456, 0.406)]),
    std=st.sampled_from([(1.0,), (0.229, 0.224, 0.225)]),
    seed=st.integers(0, 1000),
)
def test_pixels_become_what_the_card_says_bit_by_bit(  # noqa: PLR0913, PLR0917
    height: int,
    width: int,
    colors: Colors,
    layout: Layout,
    datatype: str,
    invert: bool,  # noqa: FBT001
    scale: float,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    seed: int,
) -> None:
    if colors == "grey":
        mean, std = mean[:1], std[:1]
    pixels = random_pixels(height, width, 3, seed=seed)

    row = prepared(
        encoded(pixels),
        size=(height, width),
        datatype=datatype,
        colors=colors,
        layout=layout,
        invert=invert,
        scale=scale,
        mean=mean,
        std=std,
    )

    expected = by_the_book(pixels, colors, layout, invert, scale, mean, std)
    assert row.tobytes() == expected.astype(row.dtype).tobytes()
    assert row.shape == expected.shape
    assert row.dtype == {"FP16": np.float16, "FP32": np.float32}[datatype]


@pytest.mark.parametrize("datatype", ["UINT8", "INT16", "INT32", "INT64", "FP64"])
def test_pixels_go_as_they_are_into_every_type_that_holds_them(datatype: str) -> None:
    pixels = random_pixels(4, 4, 3)

    row = prepared(encoded(pixels), datatype=datatype, layout="NHWC")

    assert row.dtype == Tensor("", datatype, ()).dtype
    assert row.tolist() == pixels.tolist()


def test_in_float64_pixels_are_scaled_in_float64() -> None:
    row = prepared(encoded(Image.new("RGB", (4, 4), (1, 2, 3))), datatype="FP64", scale=0.1)

    assert row[:, 0, 0].tolist() == [1 * 0.1, 2 * 0.1, 3 * 0.1]


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest", "bicubic"])
@given(
    width=st.integers(1, 60), height=st.integers(1, 60), size=st.tuples(*[st.integers(1, 20)] * 2)
)
def test_stretched_pictures_are_those_of_pillow(
    interpolation: Interpolation, width: int, height: int, size: tuple[int, int]
) -> None:
    image = smooth(width, height)

    method = images.RESAMPLING[interpolation]
    expected = image.resize((size[1], size[0]), method)

    assert in_rows(image, size, interpolation=interpolation) == np.asarray(expected).tolist()


@given(
    width=st.integers(1, 60), height=st.integers(1, 60), size=st.tuples(*[st.integers(1, 20)] * 2)
)
def test_cropped_pictures_are_scaled_until_they_cover_the_size_then_cut(
    width: int, height: int, size: tuple[int, int]
) -> None:
    image = smooth(width, height)
    tall, wide = size
    if width * tall >= height * wide:
        across, down = width * tall // height, tall
    else:
        across, down = wide, height * wide // width
    left, top = round((across - wide) / 2), round((down - tall) / 2)
    whole = image.resize((across, down), Image.Resampling.BILINEAR)

    expected = np.asarray(whole.crop((left, top, left + wide, top + tall))).astype(int)

    cropped = np.array(in_rows(image, size, resize="crop"))
    assert np.abs(cropped - expected).max() <= 1


@given(
    width=st.integers(1, 60), height=st.integers(1, 60), size=st.tuples(*[st.integers(2, 20)] * 2)
)
def test_padded_pictures_stand_whole_in_the_middle(
    width: int, height: int, size: tuple[int, int]
) -> None:
    image = smooth(width, height)
    scale = min(size[1] / width, size[0] / height)
    across, down = max(round(width * scale), 1), max(round(height * scale), 1)

    padded = np.array(in_rows(image, size, resize="pad"))

    left, top = round((size[1] - across) / 2), round((size[0] - down) / 2)
    middle = padded[top : top + down, left : left + across]
    scaled = image.resize((across, down), Image.Resampling.BILINEAR)
    assert middle.tolist() == np.asarray(scaled).tolist()
    assert padded.sum() == middle.sum()


def test_pictures_are_padded_as_pillow_pads_them() -> None:
    image = smooth(60, 20)

    expected = ImageOps.pad(image, (16, 16), Image.Resampling.BILINEAR, color="black")

    assert in_rows(image, (16, 16), resize="pad") == np.asarray(expected).tolist()


@pytest.mark.parametrize("invert", [False, True])
def test_what_is_padded_is_black_to_the_graph(invert: bool) -> None:  # noqa: FBT001
    image = Image.new("L", (8, 2), 128)

    rows = in_rows(image, (8, 8), colors="grey", resize="pad", invert=invert)

    assert rows[0] == [[0]] * 8
    assert rows[4] == [[127 if invert else 128]] * 8


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_a_picture_of_any_proportions_is_fitted(resize: Resize) -> None:
    long = encoded(Image.new("L", (1_000_000, 1), 200))

    assert prepared(long, resize=resize).shape == (3, 4, 4)


def test_a_large_jpeg_gives_nearly_what_the_whole_of_it_would() -> None:
    image = smooth(1200, 900)
    data = encoded(image, "JPEG", quality=95)
    with Image.open(BytesIO(data)) as file:
        whole = np.asarray(file.resize((64, 64), Image.Resampling.BILINEAR)).astype(int)

    pixels = prepared(data, size=(64, 64), datatype="UINT8", layout="NHWC")

    assert np.abs(pixels.astype(int) - whole).max() <= 3


def test_text_in_base64_is_the_same_picture() -> None:
    data = encoded(random_pixels(4, 4, 3))

    assert prepared(base64.b64encode(data).decode()).tolist() == prepared(data).tolist()


def test_a_bad_cell_costs_only_its_own_row() -> None:
    white = encoded(WHITE)
    cells = [white, b"GIF89a", None, "!", 5, "é", base64.b64encode(b"text").decode(), white]

    feeds, expected, got = preparation(scale=1 / 255).prepare(cells)

    none = "a PNG, JPEG or WebP image"
    in_base64 = f"{none} in base64"
    assert expected == {1: none, 2: in_base64, 3: in_base64, 4: in_base64, 5: in_base64, 6: none}
    assert got == {1: "a GIF"}
    assert [row.mean() for row in feeds["pixels"]] == [1, 0, 0, 0, 0, 0, 0, 1]


def test_the_prefix_of_a_data_url_is_to_be_left_out() -> None:
    cells = [f"data:image/png;base64,{base64.b64encode(encoded(WHITE)).decode()}", "data:image"]

    assert preparation().prepare(cells).expected == {
        0: 'a PNG, JPEG or WebP image in base64 without "data:image/png;base64," before it',
        1: 'a PNG, JPEG or WebP image in base64 without "data:" before it',
    }


def test_pictures_do_not_depend_on_those_beside_them() -> None:
    cells = [encoded(random_pixels(9, 7, 3, seed=seed)) for seed in range(5)]
    of_image = preparation(scale=1 / 255)

    together = of_image.prepare(cells).feeds["pixels"]

    alone = [of_image.prepare([cell]).feeds["pixels"][0] for cell in cells]
    assert together.tobytes() == np.array(alone).tobytes()


def test_pictures_that_together_are_too_large_to_be_held_are_refused() -> None:
    with pytest.raises(OversizedInputError) as raised:
        preparation(size=(4096, 4096)).prepare([encoded(WHITE)] * 2)

    assert str(raised.value) == (
        "pixels: expected images of at most 67108864 values in all, got 2 of [3, 4096, 4096]; "
        "send fewer rows at a time"
    )


def test_pictures_that_take_too_long_to_decode_together_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS_TO_DECODE", 600)
    white = encoded(WHITE)

    require_pixels([white, base64.b64encode(white).decode(), None, "!", b"GIF89a"])
    with pytest.raises(OversizedInputError) as raised:
        require_pixels([white, base64.b64encode(white).decode(), white])

    assert str(raised.value) == (
        "the body: expected images of at most 600 pixels in all, got 768; send fewer pictures at a "
        "time, or a file for batch scoring"
    )


@pytest.mark.parametrize(
    ("datatype", "options", "held"),
    [
        ("UINT8", {"scale": 1 / 255}, "UINT8 can hold, got some from 0 to 1"),
        ("INT8", {}, "INT8 can hold, got some from 0 to 255"),
        ("UINT8", {"mean": (1.0,)}, "UINT8 can hold, got some from -1 to 254"),
        ("FP16", {"scale": 300.0}, "FP16 can hold, got some from 0 to 76500"),
    ],
)
def test_values_that_the_tensor_cannot_hold_are_refused_at_load(
    datatype: str, options: dict[str, Any], held: str
) -> None:
    with pytest.raises(ConfigurationError, match=held):
        preparation(datatype=datatype, **options)
