"""What a Parquet file has besides the model's columns goes through as it came."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from formats import parquet_batches, parquet_encoder
from formats.row_file import Span
from serving.model import Model
from tests.unit.formats.parquet_files import opened, read, scored, written

NOON = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
COLUMNS = {
    "bool": pa.array([True, None]),
    "uint32": pa.array([2**32 - 1, None], pa.uint32()),
    "int64": pa.array([-(2**63), None]),
    "float16": pa.array([1.5, None], pa.float16()),
    "double": pa.array([float("nan"), -0.0]),
    "string": pa.array(["ä\0", None]),
    "large_string": pa.array(["a", "a"], pa.large_string()),
    "string_view": pa.array(["a", None], pa.string_view()),
    "binary": pa.array([b"\xff", None]),
    "fixed binary": pa.array([b"ab", None], pa.binary(2)),
    "json": pa.array(["{}", None]).cast(pa.json_()),
    "list of json": pa.array([["{}"], None]).cast(pa.list_(pa.json_())),
    "uuid": pa.array([b"0" * 16, None], pa.binary(16)).cast(pa.uuid()),
    "decimal": pa.array([Decimal("1.50"), None], pa.decimal128(30, 2)),
    "date": pa.array([NOON.date(), None]),
    "timestamp": pa.array([NOON, None], pa.timestamp("ns", "Europe/Berlin")),
    "milliseconds": pa.array([NOON.replace(tzinfo=None), None], pa.timestamp("ms")),
    "time": pa.array([NOON.time(), None], pa.time64("us")),
    "duration": pa.array([dt.timedelta(1), None], pa.duration("ms")),
    "category": pa.array(["b", "a"])
    .dictionary_encode()
    .cast(pa.dictionary(pa.int8(), pa.string())),
    "list": pa.array([["a", None, "a"], None]),
    "large list": pa.array([[1], []], pa.large_list(pa.int32())),
    "vector": pa.array([[1.0, 2.0], None], pa.list_(pa.float32(), 2)),
    "struct": pa.array([{"a": "x", "b": [{"c": 1}]}, None]),
    "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
    "null": pa.nulls(2),
    "dotted.name": pa.array(["a", "a"]),
}


def table_of(columns: dict[str, pa.Array], rows: int = 2) -> pa.Table:
    numbers = {"X_0": np.arange(rows, dtype=np.float32), "X_1": np.ones(rows)}
    return pa.table({**columns, **numbers})


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_keeps_its_type_and_its_values(name: str, version: str, total: Model) -> None:
    body = written(table_of({name: COLUMNS[name]}), data_page_version=version)

    output = read(scored(opened(body, total)))

    assert output.schema.field(name) == read(body).schema.field(name)
    assert str(output[name].to_pylist()) == str(read(body)[name].to_pylist())
    assert output["total"].to_pylist() == [1.0, 2.0]


def test_types_that_only_parquet_knows_are_kept(total: Model) -> None:
    body = written(table_of({"json": COLUMNS["json"]}), store_schema=False)

    output = pq.read_metadata(io.BytesIO(scored(opened(body, total))))

    assert str(output.schema.column(0).logical_type) == "JSON"


def test_names_may_repeat_where_no_model_needs_them(total: Model) -> None:
    table = (
        table_of({}).append_column("a", pa.array([1, 2])).append_column("a", pa.array(["x", "y"]))
    )

    output = read(scored(opened(written(table), total)))

    assert output.select([2, 3]) == table.select([2, 3])


def test_metadata_and_nullability_are_kept(total: Model) -> None:
    schema = pa.schema(
        [
            pa.field("X_0", pa.float32(), nullable=False, metadata={"unit": "m"}),
            pa.field("X_1", pa.float64()),
        ],
        metadata={"owner": "me"},
    )
    body = written(pa.table({"X_0": [1.0], "X_1": [2.0]}, schema=schema))

    output = read(scored(opened(body, total))).schema

    assert output.metadata == {b"owner": b"me"}
    assert output.field("X_0").equals(read(body).schema.field("X_0"), check_metadata=True)
    assert [field.nullable for field in output] == [False, True, True, True]


def test_what_says_that_there_are_only_the_old_columns_is_dropped(total: Model) -> None:
    metadata = {
        "org.apache.spark.sql.parquet.row.metadata": '{"type":"struct","fields":[]}',
        "parquet.avro.schema": "{}",
        "org.apache.spark.version": "3.5.0",
    }
    table = table_of({}).replace_schema_metadata(metadata)

    output = read(scored(opened(written(table), total)))

    assert output.schema.metadata == {b"org.apache.spark.version": b"3.5.0"}


def test_row_groups_codecs_and_dictionaries_are_kept(total: Model) -> None:
    rows = 5000
    table = table_of({"a": pa.array(["x"] * rows), "b": pa.array(range(rows))}, rows)
    codecs = {"a": "zstd", "b": "gzip", "X_0": "none", "X_1": "lz4"}
    body = written(table, row_group_size=1800, compression=codecs, use_dictionary=["a"])

    output = pq.read_metadata(io.BytesIO(scored(opened(body, total))))

    groups = [output.row_group(index) for index in range(output.num_row_groups)]
    columns = [groups[0].column(index) for index in range(output.num_columns)]
    assert [group.num_rows for group in groups] == [1800, 1800, 1400]
    assert [(c.path_in_schema, c.compression, c.has_dictionary_page) for c in columns] == [
        ("a", "ZSTD", True),
        ("b", "GZIP", False),
        ("X_0", "UNCOMPRESSED", False),
        ("X_1", "LZ4", False),
        ("total", "ZSTD", False),
        ("error", "ZSTD", True),
    ]


def test_a_dictionary_that_has_made_a_column_larger_is_not_tried_again(total: Model) -> None:
    few = {
        "few": pa.array([1.5, 2.5] * 1000),
        "many": pa.array(np.random.default_rng(0).random(2000)),
    }

    output = pq.read_metadata(io.BytesIO(scored(opened(written(table_of(few, 2000)), total))))

    columns = [output.row_group(0).column(index) for index in range(2)]
    assert [column.has_dictionary_page for column in columns] == [True, False]


def test_a_row_group_that_is_too_large_to_hold_becomes_several(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_batches, "MAX_ROWS", 100)
    monkeypatch.setattr(parquet_encoder, "MAX_HELD_BYTES", 5000)
    body = written(table_of({}, 1000), row_group_size=700)

    output = scored(opened(body, total))

    metadata = pq.read_metadata(io.BytesIO(output))
    sizes = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    assert sizes == [300, 300, 100, 300]
    assert read(output).select(["X_0", "X_1"]) == read(body)


def test_timestamps_of_twelve_bytes_keep_years_that_nanoseconds_cannot_count(
    total: Model,
) -> None:
    moments = pa.array([dt.datetime(9999, 12, 31), NOON.replace(tzinfo=None)])  # noqa: DTZ001 - Parquet's have no zone
    body = written(
        table_of({"at": moments.cast(pa.timestamp("us"))}), use_deprecated_int96_timestamps=True
    )

    output = read(scored(opened(body, total)))

    assert output["at"].type == pa.timestamp("us")
    assert output["at"].to_pylist() == moments.to_pylist()


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
)
def test_texts_that_repeat_are_spelled_out_for_few_rows_at_a_time(
    kind: pa.DataType, total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_batches, "MAX_TEXT_BYTES", 1000)
    texts = pa.array(["x" * 300, None, "", "y" * 1200] * 10).cast(kind)
    file = opened(written(table_of({"text": texts}, 40)), total)

    blocks = [block.body for block in file.blocks(Span(0, None))]

    assert (
        max(sum(map(len, filter(None, b["text"].to_pylist()))) for b in blocks if len(b) > 1)
        <= 1000
    )
    assert pa.concat_arrays([block["text"].cast(pa.string()) for block in blocks]) == texts.cast(
        pa.string()
    )
