"""Compressed text is read as what is in it, and written so that any tool can read it."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import compression
from formats.compression import Codec, CompressedEncoder, Decompressed
from formats.errors import BadFileError
from serving.errors import MalformedInputError

codecs = st.sampled_from(Codec)
texts = st.lists(st.binary(max_size=300), max_size=5).map(b"\n".join)


class MemoryObject:
    """An object in chunks of any size."""

    def __init__(self, body: bytes, chunk_bytes: int = 11) -> None:
        self.size = len(body)
        self._body = body
        self._chunk_bytes = chunk_bytes

    def stream(self, start: int = 0) -> Iterator[bytes]:
        for place in range(start, self.size, self._chunk_bytes):
            yield self._body[place : place + self._chunk_bytes]

    def read(self, start: int, stop: int) -> bytes:
        return self._body[start:stop]


class Text:
    """An encoder of what is text already."""

    def encode(self, data: bytes) -> bytes:
        return data

    def finish(self) -> bytes:
        return b"the end"


def compressed(pieces: list[bytes], codec: Codec) -> bytes:
    encoder = CompressedEncoder(Text(), codec)
    return b"".join([*map(encoder.encode, pieces), encoder.finish()])


def by_another_tool(text: bytes, codec: Codec) -> bytes:
    if codec == Codec.GZIP:
        return gzip.compress(text)
    return bytes(pa.Codec("zstd").compress(text, asbytes=True))


def read_by_another_tool(body: bytes, codec: Codec) -> bytes:
    if codec == Codec.GZIP:
        return gzip.decompress(body)
    with pa.input_stream(io.BytesIO(body), compression="zstd") as stream:
        return bytes(stream.read())


def decompressed(body: bytes, codec: Codec, start: int = 0, chunk_bytes: int = 11) -> bytes:
    return b"".join(Decompressed(MemoryObject(body, chunk_bytes), codec).stream(start))


@given(pieces=st.lists(st.binary(max_size=300), max_size=5), codec=codecs)
def test_what_is_compressed_can_be_read_by_us_and_by_others(
    pieces: list[bytes], codec: Codec
) -> None:
    body = compressed(pieces, codec)

    assert decompressed(body, codec) == b"".join(pieces) + b"the end"
    assert read_by_another_tool(body, codec) == b"".join(pieces) + b"the end"


@given(parts=st.lists(texts, min_size=1, max_size=4), codec=codecs)
def test_parts_that_follow_one_another_are_one_file(parts: list[bytes], codec: Codec) -> None:
    body = b"".join(compressed([part], codec) for part in parts)

    whole = b"".join(part + b"the end" for part in parts)
    assert decompressed(body, codec) == whole
    assert read_by_another_tool(body, codec) == whole


@given(
    parts=st.lists(texts, min_size=1, max_size=3),
    codec=codecs,
    start=st.integers(0, 1500),
    chunk_bytes=st.integers(1, 2000),
    piece_bytes=st.integers(1, 100),
)
def test_a_stream_begins_where_it_is_asked_to(
    parts: list[bytes], codec: Codec, start: int, chunk_bytes: int, piece_bytes: int
) -> None:
    body = b"".join(by_another_tool(part, codec) for part in parts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compression, "PIECE_BYTES", piece_bytes)
        patch.setattr(compression, "CHUNK_BYTES", 50)
        read = decompressed(body, codec, start, chunk_bytes)

    assert read == b"".join(parts)[start:]


@pytest.mark.parametrize("codec", Codec)
def test_equal_texts_are_compressed_to_equal_bytes(codec: Codec) -> None:
    assert compressed([b"1,2\n"], codec) == compressed([b"1,2\n"], codec)


def test_gzip_files_carry_no_time() -> None:
    assert compressed([], Codec.GZIP)[4:8] == b"\0\0\0\0"


def test_zeros_may_fill_up_a_gzip_file() -> None:
    body = gzip.compress(b"a") + bytes(30) + gzip.compress(b"b") + bytes(100)

    assert decompressed(body, Codec.GZIP) == b"ab"


@given(text=texts, codec=codecs, data=st.data())
def test_a_file_that_is_cut_off_is_refused(text: bytes, codec: Codec, data: st.DataObject) -> None:
    whole = by_another_tool(text, codec)
    body = whole[: data.draw(st.integers(0, len(whole) - 1))]

    with pytest.raises(MalformedInputError) as raised:
        decompressed(body, codec)

    assert str(raised.value).endswith(f" near byte {len(body)}")


@pytest.mark.parametrize(
    ("codec", "sentence"),
    [
        (Codec.GZIP, "the file: expected a whole one in gzip, got other bytes near byte 64"),
        (
            Codec.ZSTD,
            "the file: expected a whole one in zstd, got other bytes or an early end near byte 64",
        ),
    ],
)
@pytest.mark.parametrize("before", [b"", b"1,2\n"])
def test_other_bytes_are_refused(
    codec: Codec, sentence: str, before: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "PIECE_BYTES", 64)
    body = (by_another_tool(before, codec) if before else b"") + b"X_0,X_1\n" * 100

    with pytest.raises(MalformedInputError) as raised:
        decompressed(body, codec, chunk_bytes=64)

    assert str(raised.value) == sentence


def test_a_gzip_member_whose_sum_is_wrong_is_refused() -> None:
    body = bytearray(gzip.compress(b"1,2\n" * 100))
    body[-8] ^= 1

    with pytest.raises(MalformedInputError):
        decompressed(bytes(body), Codec.GZIP)


@pytest.mark.parametrize("codec", Codec)
def test_a_bomb_is_refused_before_it_goes_off(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "FREE_BYTES", 200_000)
    monkeypatch.setattr(compression, "CHUNK_BYTES", 10_000)
    bomb = MemoryObject(by_another_tool(bytes(10_000_000), codec), 64)
    sizes: list[int] = []

    with pytest.raises(BadFileError, match=r"^expected at most 250 bytes out of each compressed"):
        sizes.extend(len(chunk) for chunk in Decompressed(bomb, codec).stream())

    assert sum(sizes) <= max(200_000, 250 * bomb.size)
    assert max(sizes) <= 10_000


@pytest.mark.parametrize("codec", Codec)
def test_what_is_only_well_compressed_is_no_bomb(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "FREE_BYTES", 1)
    text = b"".join(b"%d,0.00000,0.00000,0.00000\n" % row for row in range(10_000))

    assert decompressed(by_another_tool(text, codec), codec, chunk_bytes=64) == text


@pytest.mark.parametrize("codec", Codec)
def test_what_storage_raises_is_passed_on(codec: Codec) -> None:
    class BrokenObject(MemoryObject):
        def stream(self, start: int = 0) -> Iterator[bytes]:
            yield from list(super().stream(start))[:3]
            raise ConnectionResetError

    text = Decompressed(BrokenObject(by_another_tool(b"1,2\n" * 1000, codec)), codec)

    with pytest.raises(ConnectionResetError):
        list(text.stream())
