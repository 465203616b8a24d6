"""What a card leaves out of a picture, its graph's input tells."""

from __future__ import annotations

import pytest

from serving.card import parse_card
from serving.card_images import ImageOptions
from serving.errors import ConfigurationError
from serving.features import Column, plan
from serving.signature import ANY, Signature, Tensor


def planned(shape: tuple[int, ...], said: str = "", datatype: str = "FP32") -> Column:
    toml = f'live = 1\n[features]\npicture = {{ kind = "image"{said} }}'
    tensor = Tensor("pixels", datatype, shape)
    card = parse_card(toml.encode(), source="model.toml")
    [column] = plan(Signature((tensor,), ()), card)
    return column


@pytest.mark.parametrize(
    ("shape", "said", "options"),
    [
        ((ANY, 1, 28, 20), "", ImageOptions(size=(28, 20), colors="grey", layout="NCHW")),
        ((ANY, 28, 20, 1), "", ImageOptions(size=(28, 20), colors="grey", layout="NHWC")),
        ((ANY, 3, 8, 9), "", ImageOptions(size=(8, 9), colors="RGB", layout="NCHW")),
        (
            (1, 8, 9, 3),
            ', colors = "BGR"',
            ImageOptions(size=(8, 9), colors="BGR", layout="NHWC"),
        ),
        (
            (ANY, 3, ANY, ANY),
            ", size = [8, 9], mean = [1, 2, 3], std = [4]",
            ImageOptions(size=(8, 9), colors="RGB", layout="NCHW", mean=(1, 2, 3), std=(4,)),
        ),
        (
            (ANY, ANY, ANY, ANY),
            ', size = [8, 9], layout = "NHWC", colors = "grey", invert = true, scale = 0.5',
            ImageOptions(size=(8, 9), colors="grey", layout="NHWC", invert=True, scale=0.5),
        ),
    ],
)
def test_the_graph_tells_what_the_card_does_not(
    shape: tuple[int, ...], said: str, options: ImageOptions
) -> None:
    column = planned(shape, said)

    assert column.feature is not None
    assert column.feature.image == options
    assert column.tensor == Tensor("picture", "BYTES", (ANY,))
    assert column.inputs == (Tensor("pixels", "FP32", (shape[0], *options.row_shape)),)


@pytest.mark.parametrize(
    ("shape", "said", "sentence"),
    [
        (
            (ANY, 28, 28),
            "",
            (
                "tensor: expected an input of numbers with three axes for each picture, 'pixels' "
                "is FP32 [-1, 28, 28]"
            ),
        ),
        (
            (ANY, ANY, ANY, ANY),
            "",
            'layout: expected "NCHW" or "NHWC", which [-1, -1, -1, -1] does not tell, got nothing',
        ),
        (
            (ANY, 3, 8, 8),
            ', colors = "grey"',
            'colors: expected as many as the graph\'s input has channels, 3, got "grey"',
        ),
        (
            (ANY, 4, 8, 8),
            ', layout = "NCHW"',
            (
                "tensor: expected an input of 1 or 3 channels, 'pixels' of [-1, 4, 8, 8] has 4 as "
                "NCHW"
            ),
        ),
        (
            (ANY, 8, 8, 3),
            ', layout = "NCHW"',
            'layout: expected "NHWC", as \'pixels\' of [-1, 8, 8, 3] is, got "NCHW"',
        ),
        (
            (ANY, 1, 28, 20),
            ', layout = "NHWC"',
            'layout: expected "NCHW", as \'pixels\' of [-1, 1, 28, 20] is, got "NHWC"',
        ),
        (
            (ANY, 3, ANY, 8),
            "",
            "size: expected a height and a width that fit the graph's [-1, 8], got nothing",
        ),
        (
            (ANY, 3, 8, 8),
            ", size = [8, 9]",
            "size: expected a height and a width that fit the graph's [8, 8], got [8, 9]",
        ),
        (
            (ANY, 3, 8, 8),
            ", mean = [1, 2]",
            "mean: expected one number, or one for each of 3 channel(s), got 2",
        ),
        ((ANY, 3, 8, 8), ", std = [0]", "std: expected numbers above 0, got 0"),
        ((ANY, 3, 8, 8), ", size = [8]", "size: expected a height and a width in pixels, got [8]"),
    ],
)
def test_a_picture_that_does_not_fit_is_refused(
    shape: tuple[int, ...], said: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        planned(shape, said)

    assert str(raised.value) == f"model.toml: features.picture.{sentence}"
