"""The picture in a training's report: each metric of two versions, side by side.

    python -m registry.picture <picture.svg> < comparisons.json

Drawn in the environment that trains, which has matplotlib; `comparisons.json` is
{"labels": [live, trained], "metrics": {name: [live, trained]}}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from matplotlib import rcParams
from matplotlib.figure import Figure

COLORS = ["#9aa5b1", "#1f6feb"]
WIDTH_INCHES, HEIGHT_INCHES = 2.4, 3.0


def draw(document: dict[str, Any], path: Path) -> None:
    """The same comparisons make the same bytes."""
    rcParams["svg.hashsalt"] = "registry"
    metrics = document["metrics"]
    figure = Figure((WIDTH_INCHES * len(metrics), HEIGHT_INCHES), layout="constrained")
    [axes] = figure.subplots(1, len(metrics), squeeze=False)
    for axis, (name, values) in zip(axes, metrics.items(), strict=True):
        bars = axis.bar(document["labels"], values, color=COLORS)
        axis.bar_label(bars, fmt="{:,.5g}", padding=2)
        axis.set_title(name)
        axis.margins(y=0.15)
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, format="svg", metadata={"Date": None})


if __name__ == "__main__":
    draw(json.load(sys.stdin), Path(sys.argv[1]))
