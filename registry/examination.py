"""The examination of candidates: the same rows for each, and the clock for those in the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from registry.candidate import Candidate
from registry.contest import cold_times, warm_times
from registry.difference import difference
from registry.trial import Trial
from serving.coercion import Array
from serving.deployment import Deployment
from serving.errors import GoldenError, ModelError, ServingError, shortened
from serving.feeds import Feeds
from serving.golden import Golden, require_golden
from serving.instances import decode_rows
from serving.model import Model
from serving.predictions import Raw

MIXED_ROWS = 16
SEED = 0
REFUSAL_CHARACTERS = 80


def examine(candidates: Sequence[Candidate], name: str, golden: Golden) -> list[Trial]:
    """Of candidates for a version of the model `name`, the first being the version itself.

    Raises GoldenError where that does not predict its golden rows.
    """
    original = _load(candidates[0].directory, name)
    require_golden(original, candidates[0].directory)
    feeds = decode_rows(golden.instances, original.columns, "/instances").feeds(original.columns)
    probe = Probe.of(original, feeds, len(golden.instances))
    trials = [judged(candidate, name, probe) for candidate in candidates]
    right = {t.candidate.name: t.candidate.directory for t in trials if not t.refusal}
    models = {candidate: _load(directory, name) for candidate, directory in right.items()}
    warm = warm_times(models, feeds, len(golden.instances))
    cold = cold_times(right, name)
    return [trial.timed(warm, cold) for trial in trials]


class Probe(NamedTuple):
    """Rows, and what the version predicts for them as it is."""

    feeds: Feeds
    length: int
    expected: Mapping[str, Raw]

    @classmethod
    def of(cls, original: Model, feeds: Feeds, length: int) -> Self:
        """Golden rows, and rows mixed of their cells, unless the graph fails on such."""
        longer = {name: np.concatenate([array, mixed(array)]) for name, array in feeds.items()}
        try:
            expected = original.predict(longer, length + MIXED_ROWS)
            return cls(longer, length + MIXED_ROWS, expected)
        except ModelError:
            return cls(feeds, length, original.predict(feeds, length))


def mixed(array: Array) -> Array:
    """MIXED_ROWS rows, each element taken from the same place of some row: within what a column, a
    category or a vocabulary allows."""
    random = np.random.default_rng(SEED)
    rows = random.integers(len(array), size=(MIXED_ROWS, *array.shape[1:]))
    return np.take_along_axis(array, rows, axis=0)


def judged(candidate: Candidate, name: str, probe: Probe) -> Trial:
    """Whether a candidate answers as the version does, within the card's tolerance."""
    if candidate.failure:
        return Trial(candidate, refusal=shortened(candidate.failure, REFUSAL_CHARACTERS))
    try:
        model = _load(candidate.directory, name)
        found = difference(model.predict(probe.feeds, probe.length), probe.expected)
    except ServingError as error:
        return Trial(candidate, refusal=shortened(str(error), REFUSAL_CHARACTERS))
    tolerance = model.card.tolerance
    if found.allowed_from > tolerance:
        return Trial(candidate, found, f"differs: beyond a tolerance of {tolerance:g}")
    try:
        require_golden(model, candidate.directory)
    except GoldenError:
        return Trial(candidate, found, "misses golden predictions")
    return Trial(candidate, found)


def _load(directory: Path, name: str) -> Model:
    return Model.load(Deployment(directory, name, 1))
