"""The report of a training: two versions on the same held-out rows, in Markdown, with a picture."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import orjson

from registry.errors import TrainingError
from registry.quality import Comparison
from registry.selection import digest_of
from serving.repository import ModelVersion

DIRECTORY = "reports"


def write_report(
    live: ModelVersion,
    trained: ModelVersion,
    comparisons: Sequence[Comparison],
    *,
    held_out_rows: int,
    python: Path,
) -> Path:
    """Into reports/ beside the versions; no image carries it. `python` has matplotlib."""
    directory = live.directory.parent / DIRECTORY
    directory.mkdir(exist_ok=True)
    picture = directory / f"{trained.version}.svg"
    _draw(live, trained, comparisons, picture, python)
    path = directory / f"{trained.version}.md"
    path.write_text(_text(live, trained, comparisons, held_out_rows), encoding="utf-8")
    return path


def _text(
    live: ModelVersion,
    trained: ModelVersion,
    comparisons: Sequence[Comparison],
    held_out_rows: int,
) -> str:
    rows = "\n".join(
        f"| {c.metric} | {c.better} | {c.live:,.6g} | {c.trained:,.6g} | {c.verdict} |"
        for c in comparisons
    )
    return f"""\
# {trained.name}, version {trained.version}

Measured on {held_out_rows:,} rows that training does not see, beside version {live.version}, which
is live.

| metric | better is | version {live.version} | version {trained.version} | |
|---|---|---|---|---|
{rows}

![each metric of both versions]({trained.version}.svg)

It is admitted and predicts its golden rows. Its scoring digest is
`{digest_of(trained)}`.

`live = {trained.version}` in `{trained.name}/model.toml` makes it live, `live = {live.version}`
brings the other back.
"""


def _draw(
    live: ModelVersion,
    trained: ModelVersion,
    comparisons: Sequence[Comparison],
    path: Path,
    python: Path,
) -> None:
    document = {
        "labels": [f"{live.version} (live)", str(trained.version)],
        "metrics": {c.metric: [c.live, c.trained] for c in comparisons},
    }
    command = [str(python), "-m", "registry.picture", str(path)]
    try:
        subprocess.run(command, input=orjson.dumps(document), check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise TrainingError(f"{path}: expected a picture: {error}") from error
