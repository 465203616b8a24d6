from __future__ import annotations

import io
import random
import tarfile
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import archive, tar_archive
from formats.archive import UnusableMemberError
from formats.tar_archive import TarArchive
from serving.errors import MalformedInputError
from tests.unit.formats.archives import Files, MemorySource, tarred

FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
LONG = "/".join(["a folder of pictures"] * 20) + "/é.png"


def contents(data: bytes, start: int = 0, stop: int | None = None) -> list[tuple[str, Any]]:
    """What is in an archive, or what came instead; None where there is no file."""
    found: list[tuple[str, Any]] = []
    for member in TarArchive(MemorySource(data)).members(start, stop):
        try:
            found.append((member.name, member.unpack and member.unpack()))
        except UnusableMemberError as error:
            found.append((member.name, (error.expected, error.got)))
    return found


@pytest.mark.parametrize("kind", FORMATS, ids=["ustar", "gnu", "pax"])
def test_files_come_in_their_order_under_their_names(kind: int) -> None:
    files: Files = [("b.png", b"second" * 200), ("a.png", b""), ("sub/a.png", b"x" * 512)]

    assert contents(tarred(files, kind=kind)) == list(files)


@pytest.mark.parametrize("kind", FORMATS[1:], ids=["gnu", "pax"])
def test_names_may_be_long_and_in_any_script(kind: int) -> None:
    assert contents(tarred([(LONG, b"1"), ("short", b"2")], kind=kind)) == [
        (LONG, b"1"),
        ("short", b"2"),
    ]


def test_a_name_is_a_label_whatever_path_it_looks_like() -> None:
    files: Files = [("../../etc/passwd", b"1"), ("/root", b"2"), ("C:\\x", b"3"), ("twice", b"4")]

    assert contents(tarred([*files, ("twice", b"5")])) == [*files, ("twice", b"5")]


def test_folders_and_hidden_files_are_no_files() -> None:
    hidden = [".DS_Store", "a/._b.png", "__MACOSX/a.png", "./.git/x"]
    files: Files = [("folder", None), ("./seen.png", b"1"), *((name, b"2") for name in hidden)]

    assert contents(tarred(files)) == [
        ("folder", None),
        ("./seen.png", b"1"),
        *((name, None) for name in hidden),
    ]


def test_links_are_refused_one_by_one() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        link = tarfile.TarInfo("link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
        packed.addfile(tarfile.TarInfo("empty.png"))

    assert contents(buffer.getvalue()) == [
        ("link.png", ("a file", "a link or the like")),
        ("empty.png", b""),
    ]


def test_a_file_that_is_too_large_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_archive, "MAX_MEMBER_BYTES", 5)
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 5)

    assert contents(tarred([("large", b"123456"), ("small", b"12345")])) == [
        ("large", ("a file of at most 5 bytes", "one of 6")),
        ("small", b"12345"),
    ]


@given(
    sizes=st.lists(st.integers(0, 1500), max_size=8),
    kind=st.sampled_from(FORMATS),
    data=st.data(),
)
def test_reading_goes_on_from_every_position(
    sizes: list[int], kind: int, data: st.DataObject
) -> None:
    files = [
        (f"{number}.png", random.Random(number).randbytes(s)) for number, s in enumerate(sizes)
    ]
    packed = tarred(files, kind=kind)
    source = TarArchive(MemorySource(packed))
    members = list(source.members(0, None))

    cut = data.draw(st.integers(0, len(files)))
    position = members[cut].start if cut < len(files) else (members[-1].stop if members else 0)

    assert contents(packed, 0, position) + contents(packed, position) == files
    assert [member.start for member in members] == list(source.starts())
    assert all(one.stop == other.start for one, other in pairwise(members))


@pytest.mark.parametrize(
    ("damaged", "place"),
    [
        (b"", "byte 0"),
        (tarred([("a.png", b"1" * 600)])[:700], "byte 700"),
        (tarred([("a.png", b"1")])[:1024], "byte 1024"),
        (b"not a tar archive", "byte 17"),
    ],
)
def test_an_archive_that_was_cut_off_is_a_bad_file(damaged: bytes, place: str) -> None:
    with pytest.raises(MalformedInputError) as raised:
        contents(damaged)

    assert str(raised.value) == (f"{place}: expected a whole tar archive, got the end of the file")


@pytest.mark.parametrize("place", [0, 100, 156, 1024 + 148])
def test_a_damaged_header_is_a_bad_file_rather_than_the_end(place: int) -> None:
    packed = bytearray(tarred([("a.png", b"1"), ("b.png", b"2")], kind=tarfile.USTAR_FORMAT))
    packed[place] ^= 0x55

    with pytest.raises(MalformedInputError) as raised:
        contents(bytes(packed))

    assert str(raised.value) == (
        f"byte {place // 1024 * 1024}: expected the header of a file in a tar archive, got other "
        "bytes"
    )


@pytest.mark.parametrize(
    "record",
    [
        b"0 path=x\n",
        b"-5 path=x\n",
        b"path=x\n",
        b"9999999999999999999999 path=x\n",
        b"12 size=xyz\n",
    ],
)
def test_a_damaged_extension_is_a_bad_file(record: bytes) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, len(record)
    packed = header.tobuf() + record.ljust(512, b"\0") + tarred([("a.png", b"1")])

    with pytest.raises(MalformedInputError, match="in the tar archive, got something else"):
        contents(packed)


def extended(records: bytes) -> bytes:
    """A header of records in the order of pax."""
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, len(records)
    return header.tobuf() + records + bytes(-len(records) % 512)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (extended(b"4 =\n" * 1001), "at most 1000 records of a header"),
        (extended(b"") * 17, "at most 16 extended headers of 1048576 bytes in all"),
        (
            extended(b"600000 =" + b"x" * 599_991 + b"\n") * 2,
            "at most 16 extended headers of 1048576 bytes in all",
        ),
    ],
    ids=["records", "headers", "bytes"],
)
def test_extensions_have_bounds(before: bytes, expected: str) -> None:
    assert contents(extended(b"12 path=abc\n") + tarred([("a.png", b"1")])) == [("abc", b"1")]
    with pytest.raises(MalformedInputError, match=expected):
        contents(before + tarred([("a.png", b"1")]))


@pytest.mark.parametrize("size", [512, 1024, 1536])
def test_zeros_in_the_middle_lose_no_rows_unseen(size: int) -> None:
    packed = tarred([(f"{n}.png", b"1") for n in range(4)], kind=tarfile.USTAR_FORMAT)

    with pytest.raises(MalformedInputError, match="nothing behind the mark of the end"):
        contents(packed[:1024] + bytes(size) + packed[1024 + size :])


def test_an_extension_of_nothing_is_a_bad_file() -> None:
    with pytest.raises(MalformedInputError, match="a file behind its extended header"):
        contents(extended(b"12 path=abc\n") + bytes(1024))


@pytest.mark.parametrize("size", [512, 1024, 1100, 10_240])
def test_an_archive_ends_with_any_zeros(size: int) -> None:
    header = tarfile.TarInfo("a.png").tobuf()

    assert contents(header + bytes(size)) == [("a.png", b"")]


@given(data=st.data())
def test_no_damage_raises_anything_else(data: st.DataObject) -> None:
    packed = bytearray(tarred([(LONG, b"1" * 700), ("b.png", b"2")]))
    for place in data.draw(st.lists(st.integers(0, 3000), max_size=5)):
        packed[place] = data.draw(st.integers(0, 255))

    with suppress(MalformedInputError):
        contents(bytes(packed))
