"""What the checkout says that a stage serves: each model's live version, and what it predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.card import Card
from serving.digest import scoring_digest
from serving.golden import Golden, differences, read_golden
from serving.libraries import installed_versions
from serving.repository import ModelVersion, live_versions
from smoke.errors import SmokeError


@dataclass(frozen=True, slots=True)
class Expectation:
    """`golden` is None for a version that has no golden rows."""

    name: str
    version: int
    digest: str
    card: Card
    golden: Golden | None

    @classmethod
    def of(cls, live: ModelVersion) -> Expectation:
        digest = scoring_digest(live.directory, live.card, installed_versions(live.card))
        return cls(live.name, live.version, digest, live.card, read_golden(live.directory))

    def require_identity(self, version: object, digest: object) -> None:
        """Raises SmokeError where another version answers, or the same one otherwise made."""
        if (str(version), digest) != (str(self.version), self.digest):
            raise SmokeError(
                f"expected version {self.version} under the digest {self.digest}, got version "
                f"{version} under {digest}; deploy this checkout, or check out what is deployed"
            )

    def require_golden(self, predictions: Sequence[Any]) -> None:
        """Raises SmokeError with the first prediction that is not the golden one, within the card's
        tolerance; what else stands beside a prediction is not looked at."""
        expected = [] if self.golden is None else self.golden.predictions
        if len(predictions) != len(expected):
            raise SmokeError(f"expected {len(expected)} predictions, got {len(predictions)}")
        for row, (one, other) in enumerate(zip(expected, predictions, strict=True)):
            asked = {name: other.get(name) for name in one} if isinstance(other, dict) else other
            for difference in differences(one, asked, self.card.tolerance):
                raise SmokeError(f"row {row}{difference}")


def expectations(models_directory: Path) -> list[Expectation]:
    """Raises ConfigurationError where a model cannot serve."""
    return [Expectation.of(live) for live in live_versions(models_directory)]
