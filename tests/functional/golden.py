"""The housing model's golden rows, and the predictions that they must get."""

from __future__ import annotations

import orjson

from tests.functional.runtime import ROOT

HOUSING = ROOT / "models" / "housing" / "1"

_GOLDEN = orjson.loads((HOUSING / "golden.json").read_bytes())
ROWS = _GOLDEN["instances"]
FEATURES = list(ROWS[0])
PREDICTIONS = _GOLDEN["predictions"]
