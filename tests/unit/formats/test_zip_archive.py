from __future__ import annotations

import io
import random
import struct
import zipfile
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import zip_archive, zip_directory
from formats.archive import UnusableMemberError
from formats.errors import BadFileError
from formats.zip_archive import ZipArchive
from serving.errors import InvalidInputError, MalformedInputError
from tests.unit.formats.archives import Files, MemorySource, zipped

NOT_A_ZIP = "the file: expected a zip archive, got other bytes or only a part of one"
FILES: Files = [("b.png", b"second" * 200), ("a.png", b""), ("sub/a.png", b"x" * 512)]


def contents(
    source: MemorySource | bytes, start: int = 0, stop: int | None = None
) -> list[tuple[str, Any]]:
    """What is in an archive, or what came instead; None where there is no file."""
    found: list[tuple[str, Any]] = []
    pinned = MemorySource(source) if isinstance(source, bytes) else source
    for member in ZipArchive(pinned).members(start, stop):
        try:
            found.append((member.name, member.unpack and member.unpack()))
        except UnusableMemberError as error:
            found.append((member.name, (error.expected, error.got)))
    return found


def patched(packed: bytes, offset: int, value: bytes) -> bytes:
    """With other bytes in the directory's first entry."""
    place = packed.index(b"PK\1\2") + offset
    return packed[:place] + value + packed[place + len(value) :]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_come_in_the_order_of_the_directory_under_their_names(compression: int) -> None:
    assert contents(zipped(FILES, compression=compression)) == list(FILES)


def test_what_stands_before_an_archive_is_no_part_of_it() -> None:
    assert contents(b"#!/bin/sh\n" + zipped(FILES)) == list(FILES)


def test_a_name_is_a_label_whatever_path_it_looks_like() -> None:
    files: Files = [("../../etc/passwd", b"1"), ("/root", b"2"), ("C:\\x", b"3"), ("é.png", b"4")]

    assert contents(zipped(files)) == list(files)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_may_come_twice() -> None:
    assert contents(zipped([("a", b"1"), ("a", b"2")])) == [("a", b"1"), ("a", b"2")]


def test_names_in_utf_8_are_read_as_such_though_nothing_says_so() -> None:
    packed = zipped([("é.png", b"1")])
    unmarked = patched(packed, 8, struct.pack("<H", 0))

    assert contents(unmarked) == [("é.png", b"1")]


def test_names_in_the_old_code_page_are_read_as_such() -> None:
    packed = zipped([("XX.png", b"1")]).replace(b"XX", b"\x82\x83")

    assert contents(packed) == [("éâ.png", b"1")]


def test_folders_and_hidden_files_are_no_files() -> None:
    files: Files = [("folder", None), ("__MACOSX/._a.png", b"1"), ("a/.DS_Store", b"2")]

    assert contents(zipped([*files, ("./a.png", b"3")])) == [
        ("folder/", None),
        ("__MACOSX/._a.png", None),
        ("a/.DS_Store", None),
        ("./a.png", b"3"),
    ]


@pytest.mark.parametrize(
    ("offset", "value", "expected"),
    [
        (8, struct.pack("<H", 1), ("a file without a password", "one with")),
        (10, struct.pack("<H", 9), ("a file stored or deflated", "one by method 9")),
        (16, b"\0\0\0\0", ("a whole file", "a damaged one")),
        (24, struct.pack("<I", 50), ("a whole file", "a damaged one")),
        (24, struct.pack("<I", 2000), ("a whole file", "a damaged one")),
        (
            24,
            struct.pack("<I", 40_000_000),
            ("a file of at most 33554432 bytes", "one of 40000000"),
        ),
        (42, struct.pack("<I", 7), ("a whole file", "a damaged one")),
    ],
    ids=["encrypted", "method", "CRC", "longer than said", "shorter", "too large", "elsewhere"],
)
def test_a_bad_member_is_refused_by_itself(
    offset: int, value: bytes, expected: tuple[str, str]
) -> None:
    packed = patched(zipped(FILES), offset, value)

    assert contents(packed) == [("b.png", expected), *FILES[1:]]


def test_damaged_content_is_refused_by_itself() -> None:
    packed = bytearray(zipped(FILES))
    packed[40] ^= 0xFF

    assert contents(bytes(packed)) == [("b.png", ("a whole file", "a damaged one")), *FILES[1:]]


@pytest.mark.parametrize(
    "packed",
    [b"", b"no zip", zipped(FILES)[:-1], zipped(FILES)[:100], zipped(FILES)[200:]],
    ids=["nothing", "no zip", "without its end", "its beginning", "its end"],
)
def test_what_is_no_whole_archive_is_a_bad_file(packed: bytes) -> None:
    with pytest.raises(MalformedInputError) as raised:
        contents(packed)

    assert str(raised.value) == NOT_A_ZIP


def test_a_bomb_is_a_bad_file_before_it_goes_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "FREE_BYTES", 1000)
    packed = zipped([("zeros", bytes(1_000_000))])

    with pytest.raises(BadFileError) as raised:
        contents(packed)

    assert str(raised.value) == (
        f"expected at most 250 bytes out of each compressed one, got 1000000 out of {len(packed)}"
    )


def test_members_that_overlap_are_a_bad_file() -> None:
    packed = patched(zipped(FILES), 20, struct.pack("<I", 10_000))

    with pytest.raises(BadFileError, match="expected members that do not overlap"):
        contents(packed)


def test_a_directory_that_is_too_large_is_a_bad_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_directory, "MAX_DIRECTORY_BYTES", 100)

    with pytest.raises(BadFileError, match="expected a directory of at most 100 bytes"):
        contents(zipped(FILES))


def test_a_fault_of_the_store_is_no_fault_of_the_archive() -> None:
    class BrokenSource(MemorySource):
        def read(self, start: int, stop: int) -> bytes:
            raise ConnectionError(f"{start} to {stop}")

    with pytest.raises(ConnectionError):
        ZipArchive(BrokenSource(zipped(FILES)))


def ended(packed: bytes, offset: int, value: bytes) -> bytes:
    """With other bytes in the record at the end."""
    place = packed.rindex(b"PK\5\6") + offset
    return packed[:place] + value + packed[place + len(value) :]


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (
            ended(zipped(FILES), 10, struct.pack("<H", 4)),
            "expected 4 members, as the zip archive's end says, got 3 in its directory",
        ),
        (
            ended(zipped(FILES), 12, struct.pack("<L", 0)),
            "expected 3 members, as the zip archive's end says, got 0 in its directory",
        ),
        (ended(zipped(FILES), 16, struct.pack("<L", 5000)), "expected a zip archive"),
        (patched(zipped(FILES), 42, struct.pack("<L", 10**9)), "got one at 1000000000"),
        (patched(zipped(FILES), 42, struct.pack("<L", 0xFFFFFFFF)), "got one at 4294967295"),
    ],
    ids=["its count", "its size", "its offset", "a member's offset", "one that is nowhere"],
)
def test_a_directory_that_is_wrong_loses_no_rows_unseen(packed: bytes, reason: str) -> None:
    source = MemorySource(packed)

    with pytest.raises(MalformedInputError, match=reason):
        contents(source)

    assert all(0 <= start < stop <= len(packed) for start, stop in source.reads)


def test_members_at_one_place_are_a_bad_file() -> None:
    packed = zipped(FILES)
    second = packed.index(b"PK\1\2", packed.index(b"PK\1\2") + 1)
    packed = packed[: second + 42] + bytes(4) + packed[second + 46 :]

    with pytest.raises(BadFileError, match="members that do not overlap, got several"):
        contents(packed)


def test_a_name_of_other_bytes_than_it_says_is_a_label_too() -> None:
    packed = zipped([("é.png", b"1")]).replace("é".encode(), b"\xff\xfe")

    assert contents(packed) == [("\ufffd\ufffd.png", b"1")]


def in_64_bits(files: Files) -> bytes:
    """As archives of more than 4 GB are, with sizes and places in wider fields."""
    buffer = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch, zipfile.ZipFile(buffer, "w") as archive:
        patch.setattr(zipfile, "ZIP64_LIMIT", 20)
        patch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
        for name, content in files:
            archive.writestr(name, content or b"")
        archive.close()
    return buffer.getvalue()


def test_archives_of_64_bits_are_read_alike() -> None:
    packed = in_64_bits(FILES)

    assert b"PK\6\6" in packed
    assert contents(packed) == list(FILES)


@given(offsets=st.lists(st.integers(0, 1600), min_size=3, max_size=3, unique=True))
def test_wherever_members_are_said_to_be_no_byte_is_read_twice(offsets: list[int]) -> None:
    packed = zipped(FILES, compression=zipfile.ZIP_STORED)
    place = 0
    for offset in offsets:
        place = packed.index(b"PK\1\2", place) + 42
        packed = packed[:place] + struct.pack("<L", offset) + packed[place + 4 :]
    source = MemorySource(packed)
    archive = ZipArchive(source)
    source.reads.clear()

    assert len(list(archive.members(0, None))) == 3

    assert sum(stop - start for start, stop in source.reads) <= len(packed)


def test_files_that_follow_one_another_are_read_together() -> None:
    files = [(f"{number}.png", random.Random(number).randbytes(500)) for number in range(100)]
    source = MemorySource(zipped(files))
    archive = ZipArchive(source)
    source.reads.clear()

    members = list(archive.members(0, None))

    assert len(members) == 100
    assert len(source.reads) == 1


def test_no_more_is_read_at_once_than_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "WINDOW_BYTES", 2000)
    files = [(f"{number}.png", random.Random(number).randbytes(500)) for number in range(10)]
    source = MemorySource(zipped(files))
    archive = ZipArchive(source)
    source.reads.clear()

    assert [m.unpack() for m in archive.members(0, None) if m.unpack] == [c for _, c in files]
    assert len(source.reads) == 4
    assert max(stop - start for start, stop in source.reads) <= 2000


@given(sizes=st.lists(st.integers(0, 1500), max_size=8), data=st.data())
def test_reading_goes_on_from_every_position(sizes: list[int], data: st.DataObject) -> None:
    files = [
        (f"{number}.png", random.Random(number).randbytes(s)) for number, s in enumerate(sizes)
    ]
    packed = zipped(files)
    archive = ZipArchive(MemorySource(packed))
    members = list(archive.members(0, None))

    cut = data.draw(st.integers(0, len(files)))
    position = members[cut].start if cut < len(files) else (members[-1].stop if members else 0)

    assert contents(packed, 0, position) + contents(packed, position) == files
    assert [member.start for member in members] == list(archive.starts())
    assert all(one.start < one.stop == other.start for one, other in pairwise(members))


@given(data=st.data())
def test_no_damage_raises_anything_else(data: st.DataObject) -> None:
    packed = bytearray(zipped(FILES))
    for place in data.draw(st.lists(st.integers(0, len(packed) - 1), max_size=5)):
        packed[place] = data.draw(st.integers(0, 255))

    with suppress(InvalidInputError):
        contents(bytes(packed))
