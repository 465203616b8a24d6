"""The input of a graph that pictures go to."""

from __future__ import annotations

from serving.card_images import Colors, ImageOptions, Layout
from serving.errors import ConfigurationError
from serving.signature import ANY, Tensor

NUMERIC = "fiu"
CHANNELS = {1, 3}
# By the number of channels; where the graph leaves it open, pictures have three.
COLORS: dict[int, Colors] = {1: "grey", 3: "RGB", ANY: "RGB"}


def picture_input(name: str, options: ImageOptions, tensor: Tensor) -> tuple[ImageOptions, Tensor]:
    """What the card leaves open in a feature's options, told from the graph; and its input in the
    shape that it is filled with. Raises ConfigurationError."""
    key = f"features.{name}"
    if tensor.dtype.kind not in NUMERIC or len(tensor.row_shape) != 3:  # noqa: PLR2004 - axes
        raise ConfigurationError(
            f"{key}.tensor: expected an input of numbers with three axes for each picture, "
            f"{tensor.name!r} is {tensor.datatype} {list(tensor.shape)}"
        )
    layout = _layout(options, tensor, key)
    axes = tensor.row_shape if layout == "NCHW" else (tensor.row_shape[2], *tensor.row_shape[:2])
    if axes[0] not in COLORS:
        raise ConfigurationError(
            f"{key}.tensor: expected an input of 1 or 3 channels, {tensor.name!r} of "
            f"{list(tensor.shape)} has {axes[0]} as {layout}"
        )
    told = options._replace(
        layout=layout,
        colors=_colors(options, axes[0], key),
        size=_size(options, axes[1:], key),
    )
    _require_channels(told, key)
    return told, tensor._replace(shape=(tensor.shape[0], *told.row_shape))


def _layout(options: ImageOptions, tensor: Tensor, key: str) -> Layout:
    first, _, last = tensor.row_shape
    told: Layout | None = None
    if (first in CHANNELS) != (last in CHANNELS):
        told = "NCHW" if first in CHANNELS else "NHWC"
    layout = options.layout or told
    if layout is None:
        raise ConfigurationError(
            f'{key}.layout: expected "NCHW" or "NHWC", which {list(tensor.shape)} does not tell, '
            "got nothing"
        )
    # An open axis may be the channels', whatever the other one is.
    if told not in {None, layout} and ANY not in {first, last}:
        raise ConfigurationError(
            f'{key}.layout: expected "{told}", as {tensor.name!r} of {list(tensor.shape)} is, got '
            f'"{layout}"'
        )
    return layout


def _colors(options: ImageOptions, channels: int, key: str) -> Colors:
    colors = options.colors or COLORS[channels]
    if channels in {ANY, options._replace(colors=colors).channels}:
        return colors
    raise ConfigurationError(
        f"{key}.colors: expected as many as the graph's input has channels, {channels}, got "
        f'"{colors}"'
    )


def _size(options: ImageOptions, declared: tuple[int, ...], key: str) -> tuple[int, int]:
    height, width = options.size or declared
    fits = all(d in {ANY, e} for d, e in zip(declared, (height, width), strict=True))
    if fits and ANY not in {height, width}:
        return height, width
    raise ConfigurationError(
        f"{key}.size: expected a height and a width that fit the graph's {list(declared)}, got "
        f"{'nothing' if options.size is None else list(options.size)}"
    )


def _require_channels(options: ImageOptions, key: str) -> None:
    for name, numbers in {"mean": options.mean, "std": options.std}.items():
        if len(numbers) not in {1, options.channels}:
            raise ConfigurationError(
                f"{key}.{name}: expected one number, or one for each of {options.channels} "
                f"channel(s), got {len(numbers)}"
            )
