"""Memory is flat in the size of a file."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from delivery.block_run import BlockRun
from delivery.deadline import Deadline
from delivery.tally import Tally
from formats.format import format_of
from formats.row_file import Span
from serving.deployment import Deployment
from serving.model import Model
from tests import graphs
from tests.functional.runtime import LAYER, ROOT

MIB = 1024 * 1024
SMALL_MIB = 8
LARGE_MIB = 64
THREADS = 2
HEADERS = {"rows.csv": b"X_0,X_1,note\n", "rows.jsonl": b""}
ROWS = {
    "rows.csv": b"1.25,2.5,%s\n" % (b"x" * 100),
    "rows.jsonl": b'{"X_0":1.25,"X_1":2.5,"note":"%s"}\n' % (b"x" * 100),
}


@pytest.mark.parametrize("key", ROWS)
def test_a_file_of_eight_times_the_size_takes_no_more_memory(key: str, tmp_path: Path) -> None:
    directory = graphs.save(graphs.total(), tmp_path / "example" / "1")

    small, large = (peak_mib(directory, key, size_mib) for size_mib in [SMALL_MIB, LARGE_MIB])

    assert large <= small * 1.1


def peak_mib(directory: Path, key: str, size_mib: int) -> float:
    """The peak of a process that scores a file of this size."""
    command = [sys.executable, __file__, str(directory), key, str(size_mib)]
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [ROOT, LAYER]))}
    run = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return float(run.stdout)


class LongText:
    """About a mebibyte in a chunk, and none of them ends with a line."""

    def __init__(self, key: str, size_mib: int) -> None:
        self._header = HEADERS[key]
        self._repeated = ROWS[key] * (MIB // len(ROWS[key]) + 1)
        self._count = size_mib
        self.size = size_mib * MIB

    def stream(self, start: int = 0) -> Iterator[bytes]:
        yield self._header[start:]
        for _ in range(self._count):
            yield self._repeated[:50]
            yield self._repeated[50:]

    def read(self, start: int, stop: int) -> bytes:
        raise NotImplementedError(f"text is never read at random, from {start} to {stop}")


def score(directory: Path, key: str, size_mib: int) -> float:
    model, tally = Model.load(Deployment(directory, "example", 1)), Tally()
    file = format_of(key).open(LongText(key, size_mib), model)
    encoder, whole = file.encoder(0), Span(0, None)
    with ThreadPoolExecutor(THREADS) as pool:
        deadline = Deadline(lambda: 900.0)
        for block in BlockRun(file, whole, pool=pool, threads=THREADS, deadline=deadline):
            tally.add(block.rows, block.errors)
            encoder.encode(block.data)
    assert tally.rows.ok == tally.rows.total > size_mib * MIB / len(ROWS[key])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.stdout.write(str(score(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
