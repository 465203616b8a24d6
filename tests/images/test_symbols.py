"""A library without its symbol table is the same library, and smaller."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pyarrow as pa

from images.steps.symbols import drop_symbols, without_symbols


def test_a_module_without_symbols_works_as_before(tmp_path: Path) -> None:
    [extension] = Path(orjson.__file__).parent.glob("*.so")
    (tmp_path / extension.name).write_bytes(extension.read_bytes())

    drop_symbols(tmp_path)

    answer = subprocess.run(
        [sys.executable, "-c", "import orjson; print(orjson.__file__, orjson.dumps([1.5]))"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == f"{tmp_path / extension.name} b'[1.5]'\n"


def test_a_library_with_symbols_becomes_smaller_once() -> None:
    [library] = Path(pa.__file__).parent.glob("libparquet.so.*")

    once = without_symbols(library.read_bytes())

    assert len(once) < library.stat().st_size
    assert without_symbols(once) == once


def test_what_is_no_library_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "libm.so").write_text("/* GNU ld script */")

    drop_symbols(tmp_path)

    assert (tmp_path / "libm.so").read_text() == "/* GNU ld script */"
