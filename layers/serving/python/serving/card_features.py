"""Features as the card has them: named columns, and what becomes of their cells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from serving.document import Table

if TYPE_CHECKING:
    from serving.card_images import ImageOptions
    from serving.card_texts import TextOptions

Kind = Literal["number", "category", "text", "image"]
Missing = Literal["reject", "nan", "fill"]
Encode = Literal["index", "one-hot"]

KINDS: tuple[Kind, ...] = get_args(Kind)
MISSING: tuple[Missing, ...] = get_args(Missing)
ENCODE: tuple[Encode, ...] = get_args(Encode)


class Feature(NamedTuple):
    """A named column, and what its cells may hold. `tensor` None: the input of the same name.

    A category goes into a numeric tensor as its number in `codes`, one for each of `categories`, or
    as `encode` says; a number as `(value - mean) / std`. `second_of` names the feature whose text
    stands first where a tokenizer takes two.
    """

    name: str
    kind: Kind
    tensor: str | None
    description: str
    categories: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    missing: Missing
    fill: float | str | None
    encode: Encode | None = None
    codes: tuple[float, ...] = ()
    mean: float | None = None
    std: float | None = None
    second_of: str | None = None
    text: TextOptions | None = None
    image: ImageOptions | None = None

    @property
    def is_encoded(self) -> bool:
        """Whether it goes into a numeric tensor as other numbers than its cells are."""
        return bool(self.encode or self.codes) or (self.mean, self.std) != (None, None)

    @property
    def width(self) -> int:
        """The elements of a row that it takes."""
        return len(self.categories) if self.encode == "one-hot" else 1


def parse_features(table: Table) -> tuple[Feature, ...]:
    features = tuple(_feature(name, entry) for name, entry in table.tables("features"))
    _agree_on_pairs(features, table)
    return features


def _feature(name: str, table: Table) -> Feature:
    kind = table.choice("kind", KINDS)
    if kind == "image":
        return _image(name, table)
    codes = table.numbers_by_name("codes") if kind == "category" else {}
    feature = Feature(
        name=name,
        kind=kind,
        missing=table.choice("missing", MISSING, default="reject"),
        tensor=table.optional("tensor", str),
        description=table.text("description"),
        categories=table.texts("categories") or tuple(codes),
        minimum=table.number("minimum"),
        maximum=table.number("maximum"),
        fill=table.number("fill") if kind == "number" else table.optional("fill", str),
        encode=table.optional_choice("encode", ENCODE) if kind == "category" else None,
        mean=table.number("mean") if kind == "number" else None,
        std=table.number("std") if kind == "number" else None,
        second_of=table.optional("second_of", str) if kind == "text" else None,
        text=_text(table) if kind == "text" else None,
    )
    table.refuse_the_rest()
    _agree(feature, table)
    return _with_codes(feature, codes, table)


# The cards of models of numbers and categories are read without what follows.


def _text(table: Table) -> TextOptions | None:
    from serving.card_texts import text_options  # noqa: PLC0415

    return text_options(table)


def _image(name: str, table: Table) -> Feature:
    from serving.card_images import image_options  # noqa: PLC0415

    feature = Feature(
        name=name,
        kind="image",
        tensor=table.optional("tensor", str),
        description=table.text("description"),
        categories=(),
        minimum=None,
        maximum=None,
        missing="reject",
        fill=None,
        image=image_options(table),
    )
    table.refuse_the_rest()
    return feature


def _agree(feature: Feature, table: Table) -> None:
    numeric = feature.kind == "number"
    if feature.categories and feature.kind != "category":
        raise table.error("categories", 'kind = "category" beside it', feature.kind)
    if not numeric and (feature.minimum is not None or feature.maximum is not None):
        raise table.error("minimum, maximum", 'kind = "number" beside them', feature.kind)
    if feature.missing == "nan" and not numeric:
        raise table.error("missing", '"reject" or "fill" unless kind = "number"', "nan")
    if (feature.missing == "fill") != (feature.fill is not None):
        got = "nothing" if feature.fill is None else str(feature.fill)
        raise table.error("fill", 'a value exactly when missing = "fill"', got)
    if feature.categories and feature.fill not in {None, *feature.categories}:
        raise table.error("fill", "one of the categories", repr(feature.fill))
    if feature.std is not None and feature.std <= 0:
        raise table.error("std", "a number above 0", f"{feature.std:g}")
    _agree_on_range(feature, table)
    _agree_on_text(feature, table)


def _agree_on_range(feature: Feature, table: Table) -> None:
    lowest = -math.inf if feature.minimum is None else feature.minimum
    highest = math.inf if feature.maximum is None else feature.maximum
    if lowest > highest:
        raise table.error("minimum", f"at most the maximum of {highest:g}", f"{lowest:g}")
    if not isinstance(feature.fill, str | None) and not lowest <= feature.fill <= highest:
        raise table.error("fill", f"a number from {lowest:g} to {highest:g}", f"{feature.fill:g}")


def _agree_on_text(feature: Feature, table: Table) -> None:
    if feature.second_of is not None and feature.text is not None:
        raise table.error("tokenizer", "none beside second_of", repr(feature.text.tokenizer))
    prepared = feature.second_of is not None or feature.text is not None
    if prepared and feature.tensor is not None:
        raise table.error("tensor", "none where text is tokenized: see tensors", feature.tensor)


def _with_codes(feature: Feature, codes: dict[str, float], table: Table) -> Feature:
    if feature.encode is not None and not feature.categories:
        raise table.error("encode", "categories beside it", repr(feature.encode))
    if not codes:
        return feature
    if feature.encode is not None:
        raise table.error("encode", "none beside codes", repr(feature.encode))
    if set(codes) != set(feature.categories):
        raise table.error("codes", "a number for each of the categories", ", ".join(codes))
    return feature._replace(codes=tuple(codes[category] for category in feature.categories))


def _agree_on_pairs(features: tuple[Feature, ...], table: Table) -> None:
    """Each second text has a first one of its own, that a tokenizer takes, before it."""
    firsts: list[str] = []
    for feature in features:
        if feature.text is not None:
            firsts.append(feature.name)
        if feature.second_of is None:
            continue
        if feature.second_of not in firsts:
            expected = "a feature above it with a tokenizer, and no other second text"
            key = f"features.{feature.name}.second_of"
            raise table.error(key, expected, repr(feature.second_of))
        firsts.remove(feature.second_of)
