"""A lone image: the only feature of models to which a picture by itself is a row."""

from __future__ import annotations

from collections.abc import Sequence

from serving.features import Column


def lone_image(columns: Sequence[Column]) -> Column | None:
    if len(columns) != 1:
        return None
    feature = columns[0].feature
    return columns[0] if feature is not None and feature.kind == "image" else None
