"""The rival that most people write: a loop over pandas' chunks of a CSV file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from bench.batch.session import predicted

CHUNK_ROWS = 50_000


def score(model: Path, source: Path, target: Path) -> None:
    with (
        pd.read_csv(source, dtype=np.float32, chunksize=CHUNK_ROWS) as chunks,
        target.open("w") as out,
    ):
        for chunk in chunks:
            values = predicted(model, chunk.to_numpy(np.float32))
            added = pd.DataFrame({"variable": values, "error": ""}, index=chunk.index)
            scored = pd.concat([chunk, added], axis=1)
            scored.to_csv(out, index=False, header=not out.tell())
