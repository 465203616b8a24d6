"""Quality: what a training script measures of a version, on rows that it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, Self, get_args

import orjson

from registry.errors import TrainingError

Direction = Literal["higher", "lower"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
FILE_NAME = "quality.json"


class Quality(NamedTuple):
    """The measured metrics, and for each which way is better."""

    held_out_rows: int
    metrics: Mapping[str, float]
    better: Mapping[str, Direction]

    @classmethod
    def parse(cls, content: bytes | str, *, source: str) -> Self:
        """Raises TrainingError, naming `source`, where it is no such document."""
        try:
            document = orjson.loads(content)
            quality = cls(document["held_out_rows"], document["metrics"], document["better"])
            sound = (
                all(isinstance(value, int | float) for value in quality.metrics.values())
                and quality.metrics.keys() == quality.better.keys()
                and {*quality.better.values()} <= {*DIRECTIONS}
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            sound = False
        if sound and quality.metrics:
            return quality
        raise TrainingError(
            f'{source}: expected {{"held_out_rows": n, "metrics": {{name: value}}, "better": '
            '{name: "higher" or "lower"}} with at least one metric, got something else'
        )


class Comparison(NamedTuple):
    """One metric of two versions."""

    metric: str
    better: Direction
    live: float
    trained: float

    @property
    def verdict(self) -> str:
        if self.trained == self.live:
            return "the same"
        return "better" if (self.trained > self.live) == (self.better == "higher") else "worse"


def compare(live: Quality, trained: Quality) -> list[Comparison]:
    """Metric by metric. Raises TrainingError where the two were not measured alike."""
    if (live.held_out_rows, live.better) != (trained.held_out_rows, trained.better):
        raise TrainingError(
            f"expected the metrics and the {live.held_out_rows} held-out rows of the live version, "
            f"got {', '.join(trained.metrics)} on {trained.held_out_rows}"
        )
    return [
        Comparison(name, trained.better[name], live.metrics[name], value)
        for name, value in trained.metrics.items()
    ]
