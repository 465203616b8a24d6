"""Whatever calls itself Parquet, it costs no more than its own delivery."""

from __future__ import annotations

import datetime as dt
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats import parquet_batches, parquet_footer, parquet_pages, parquet_row_group
from formats.errors import BadFileError
from formats.parquet_file import ParquetFile
from formats.parquet_footer import read_footer
from formats.parquet_pages import PageCheck
from formats.parquet_row_group import Chunk
from formats.row_file import Span
from serving.errors import InvalidInputError
from serving.model import Model
from tests.unit.formats.parquet_files import MemoryFile, opened, scored, written

ENCRYPTED = "expected a Parquet file that is not encrypted, got an encrypted one"
NUMBERS = {"X_0": [1.0], "X_1": [2.0]}


@cache
def sample(version: str, compression: str) -> bytes:
    rows = 50
    table = pa.table(
        {
            "X_0": np.arange(rows, dtype=np.float32),
            "X_1": pa.array([float(row) if row % 7 else None for row in range(rows)]),
            "text": pa.array([f"text {row % 5}" if row % 3 else None for row in range(rows)]),
            "list": pa.array([["a"] * (row % 3) for row in range(rows)]),
            "at": pa.array([dt.datetime(2024, 1, 1)] * rows),  # noqa: DTZ001 - without a zone
        }
    )
    return written(table, row_group_size=20, data_page_version=version, compression=compression)


samples = st.builds(sample, st.sampled_from(["1.0", "2.0"]), st.sampled_from(["none", "zstd"]))


def rows_of(body: bytes, model: Model) -> int | None:
    """How many rows are scored; None for a file that is refused."""
    try:
        file = opened(body, model)
        encoder = file.encoder(0)
        results = [file.score(block) for span in file.spans(1) for block in file.blocks(span)]
        for result in results:
            encoder.encode(result.data)
        encoder.finish()
    except InvalidInputError:
        return None
    return sum(result.rows.total for result in results)


@settings(max_examples=300)
@given(
    body=samples,
    damages=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=3),
)
def test_a_damaged_file_is_refused_or_has_all_its_rows(
    body: bytes, damages: list[tuple[int, int]], total: Model
) -> None:
    damaged = bytearray(body)
    for place, byte in damages:
        damaged[-1 - place % len(body)] = byte

    assert rows_of(bytes(damaged), total) in {None, 50}


@given(body=samples, size=st.integers(0))
def test_a_file_that_is_cut_off_is_refused(body: bytes, size: int, total: Model) -> None:
    assert rows_of(body[: size % len(body)], total) is None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "one that does not end as they do"),
        (b"PAR1", "one that does not end as they do"),
        (b"X_0,X_1\n1,2\n", "one that does not end as they do"),
        (b"PAR1" * 3, "a footer that is longer than the file"),
        (b"PAR1" + b"\0" * 4 + b"PAR1", "a footer that cannot be read"),
        (b"PAR1" + b"\xff" * 8 + b"\x08\0\0\0PAR1", "a footer that cannot be read"),
    ],
)
def test_what_is_no_parquet_is_refused(body: bytes, sentence: str, total: Model) -> None:
    with pytest.raises(BadFileError) as raised:
        opened(body, total)

    assert str(raised.value) == f"expected a whole Parquet file, got {sentence}; write it again"


def test_a_footer_that_is_too_large_is_not_read(total: Model) -> None:
    size = parquet_footer.MAX_FOOTER_BYTES
    source = MemoryFile(b"PAR1" + bytes(size) + size.to_bytes(4, "little") + b"PAR1")

    with pytest.raises(BadFileError, match=r"^expected a Parquet footer of at most 8388608 bytes"):
        ParquetFile(source, total)

    assert source.reads == [(source.size - parquet_footer.TAIL_BYTES, source.size)]


def test_pyarrow_sees_no_footer_that_claims_more_than_it_has(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = "192c 480173150200 1502250018016100"
    a_row_group_of_90000_columns = "191c 19fc90bf05 260800"
    footer = bytes.fromhex(f"1502 {schema} 1600 {a_row_group_of_90000_columns}")
    body = b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"
    monkeypatch.setattr(pq, "ParquetFile", None)

    with pytest.raises(BadFileError, match="a footer that cannot be read"):
        opened(body, total)


def test_a_row_group_that_claims_no_rows_costs_none_of_them_silently(total: Model) -> None:
    twenty_rows, none = b"\x16\x28\x26", b"\x16\x00\x26"
    body = sample("2.0", "none")
    assert body.count(twenty_rows) == 2

    with pytest.raises(BadFileError) as raised:
        opened(body.replace(twenty_rows, none, 1), total)

    assert str(raised.value) == (
        "expected a whole Parquet file, got a footer of 50 rows whose row groups have 30; "
        "write it again"
    )


def test_an_encrypted_file_is_refused_and_says_so(total: Model) -> None:
    body = written(pa.table(NUMBERS))

    with pytest.raises(BadFileError) as raised:
        opened(body[:-4] + b"PARE", total)

    assert str(raised.value) == ENCRYPTED


def test_encrypted_columns_are_refused_where_the_footer_is_plain(total: Model) -> None:
    class Keys(pe.KmsClient):
        def wrap_key(self, key_bytes: bytes, _: str) -> bytes:
            return key_bytes

        def unwrap_key(self, wrapped_key: bytes, _: str) -> bytes:
            return wrapped_key

    configuration = pe.EncryptionConfiguration(
        footer_key="key", column_keys={"key": ["X_0"]}, plaintext_footer=True
    )
    properties = pe.CryptoFactory(lambda _: Keys()).file_encryption_properties(
        pe.KmsConnectionConfig(), configuration
    )

    with pytest.raises(BadFileError) as raised:
        opened(written(pa.table(NUMBERS), encryption_properties=properties), total)

    assert str(raised.value) == ENCRYPTED


def test_a_page_that_unpacks_to_too_much_is_not_unpacked(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_pages, "MAX_PAGE_BYTES", 100_000)
    body = written(pa.table({**NUMBERS, "text": ["x" * 200_000]}), compression="zstd")

    with pytest.raises(BadFileError) as raised:
        scored(opened(body, total))

    assert str(raised.value) == (
        "expected pages of at most 100000 bytes, got 200004; write the file with smaller pages"
    )


def test_every_page_is_checked_where_a_row_group_is_read_in_pieces(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_batches, "WINDOW_BYTES", 1)
    monkeypatch.setattr(parquet_pages, "MAX_PAGE_BYTES", 100_000)
    rows = 300_000
    random = np.random.default_rng(0).random
    texts = pa.array([*["x"] * (rows - 1), "x" * 200_000])
    table = pa.table({"X_0": random(rows), "X_1": random(rows), "text": texts})
    body = written(table, compression="zstd", use_dictionary=False, data_page_size=50_000)

    with pytest.raises(BadFileError, match=r"^expected pages of at most 100000 bytes"):
        list(opened(body, total).blocks(Span(0, None)))


def test_a_row_of_values_out_of_nothing_is_refused(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_row_group, "MAX_UNBACKED_VALUES", 1000)
    table = pa.table({**NUMBERS, "list": pa.array([[0] * 100_000])})

    with pytest.raises(BadFileError) as raised:
        opened(written(table), total)

    assert str(raised.value).startswith("column 'list.list.element': expected at most ")
    assert str(raised.value).endswith(
        " values in a row group, got 100000; write smaller row groups"
    )


@given(
    body=samples,
    cuts=st.lists(st.integers(0, 600)),
    most=st.sampled_from([20, parquet_pages.MAX_PAGE_BYTES]),
)
def test_pages_are_checked_alike_however_they_are_read(
    body: bytes, cuts: list[int], most: int
) -> None:
    chunk = read_footer(MemoryFile(body)).row_groups[0].chunks[2]
    data = body[chunk.start : chunk.stop]
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_pages, "MAX_PAGE_BYTES", most)
        errors = [
            check_error(chunk, pieces)
            for pieces in ([data], [data[a:b] for a, b in pairwise(places)])
        ]

    assert errors[0] == errors[1]
    assert (errors[0] is None) == (most > 20)


def check_error(chunk: Chunk, pieces: list[bytes]) -> str | None:
    check = PageCheck(chunk)
    try:
        for piece in pieces:
            check.feed(memoryview(piece))
    except BadFileError as error:
        return str(error)
    assert check.is_done
    return None
