"""One image looked at from all sides: its size, contents, labels and answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from images import answers, contents
from images.archive import Archive
from images.image import Image
from images.recipe import Recipe

MB = 1_000_000
# Unpacked, and ours: what a function adds to the base image, without its model.
LIMITS_MB = {"catalog": 20, "predict": 85, "score": 190}
# And what few models need beside that, by the library.
LIBRARY_LIMITS_MB = {"extensions": 10, "image": 25, "text": 10}


@dataclass(frozen=True, slots=True)
class Report:
    name: str
    size_bytes: int
    findings: list[str]

    def __str__(self) -> str:
        size = f"{self.name}: {self.size_bytes / MB:.1f} MB"
        return "\n  ".join([f"{size}, {len(self.findings)} findings", *self.findings])


def check(image: Image, recipe: Recipe, base: Archive, scratch: Path) -> Report:
    """`base` is the image below it."""
    archive = image.saved(scratch / "image.tar")
    entries = archive.entries(above=base.layer_digests)
    size_bytes = sum(entry.size_bytes for entry in entries.values())
    return Report(
        recipe.name,
        size_bytes,
        [
            *_size_findings(entries, recipe),
            *contents.findings(entries),
            *contents.bill_findings(entries),
            *_label_findings(archive, recipe),
            *answers.findings(image, archive.command, recipe),
        ],
    )


def _size_findings(entries: contents.Entries, recipe: Recipe) -> Iterator[str]:
    ours = sum(e.size_bytes for e in entries.values() if not e.path.is_relative_to("/opt/model"))
    libraries = recipe.build_args.get("LIBRARIES", "").split()
    limit = LIMITS_MB[recipe.function] + sum(LIBRARY_LIMITS_MB[name] for name in libraries)
    if ours > limit * MB:
        yield f"expected at most {limit} MB beside the model, got {ours / MB:.1f} MB"


def _label_findings(archive: Archive, recipe: Recipe) -> Iterator[str]:
    expected = {
        "org.opencontainers.image.title": recipe.model or recipe.function,
        "org.opencontainers.image.revision": recipe.build_args["REVISION"],
    }
    if recipe.model is not None:
        expected["org.opencontainers.image.version"] = recipe.build_args["MODEL_VERSION"]
        expected["onnx-lambda.scoring-digest"] = recipe.build_args["SCORING_DIGEST"]
    for label, value in expected.items():
        if archive.labels.get(label) != value:
            yield f"label {label}: expected {value}, got {archive.labels.get(label)}"


def repeat_findings(first: Archive, second: Archive) -> Iterator[str]:
    """Which layers of two builds of the same sources differ."""
    for number, (one, other) in enumerate(
        zip(first.layer_digests, second.layer_digests, strict=True)
    ):
        if one != other:
            yield f"layer {number}: expected the same twice, got two: {first.history[number]}"
