"""What is wrong with an image's files is said of each of them."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from images.archive import Entry
from images.contents import UNCHECKED_HASH, bill_findings, findings

BYTECODE = b"\xf3\r\r\n" + UNCHECKED_HASH


def file(path: str, content: bytes = b"", mode: int = 0o644) -> Entry:
    return Entry(PurePosixPath(path), mode, is_directory=False, is_link=False, content=content)


def found(*entries: Entry) -> list[str]:
    return findings({entry.path: entry for entry in entries})


def test_an_image_as_it_should_be_has_no_findings() -> None:
    assert (
        found(
            file("/opt/python/serving/model.py"),
            file("/opt/python/serving/__pycache__/model.cpython-313.pyc", BYTECODE),
            file("/opt/model/model.onnx"),
            file("/var/task/numpy/lib.so", b"\x7fELF GLIBC_2.28\0"),
        )
        == []
    )


@pytest.mark.parametrize(
    ("entry", "finding"),
    [
        (file("/root/deviceid"), "expected our files below /var/task and /opt"),
        (file("/var/task/a/tests/b.json"), "expected neither tests, caches nor installers"),
        (file("/var/task/pip/__main__.so"), "expected neither tests, caches nor installers"),
        (file("/opt/model/key", b"AKIAIOSFODNN7EXAMPLE"), "expected no keys and no passwords"),
        (file("/opt/model/model.onnx", mode=0o600), "expected it readable to all, got mode 600"),
        (file("/opt/model/model.onnx", mode=0o666), "expected it writable to its owner only"),
        (file("/opt/python/a.py"), "expected bytecode beside it, found none"),
        (file("/opt/__pycache__/a.cpython-313.pyc", bytes(16)), "trusted by its hash"),
        (file("/var/task/a.so", b"\x7fELF GLIBC_2.38\0"), "for glibc 2.34, got one for 2.38"),
    ],
)
def test_a_file_that_should_not_be_as_it_is_is_found(entry: Entry, finding: str) -> None:
    [said] = found(entry)

    assert said.startswith(f"{entry.path}: ")
    assert finding in said


def test_a_package_that_is_not_billed_is_found() -> None:
    metadata = file("/var/task/numpy-2.dist-info/METADATA", b"Metadata-Version: 2.4\nName: numpy\n")

    assert bill_findings({metadata.path: metadata}) == [
        "/var/task/bom: expected what is installed, got a difference in numpy"
    ]
