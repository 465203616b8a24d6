"""Files of texts and pictures: few rows at a time, however little stands in their cells."""

from __future__ import annotations

import base64
from pathlib import Path

import orjson
import pyarrow as pa
import pytest

from formats import block
from formats.csv_file import CsvFile
from formats.errors import BadFileError
from formats.json_lines_file import JsonLinesFile
from formats.row_file import Span
from serving.deployment import Deployment
from serving.model import Model
from tests import pictures
from tests.conftest import LoadModel
from tests.texts import save_reviews
from tests.unit.formats.parquet_files import opened, read, scored, written
from tests.unit.formats.text_files import MemoryText

WHOLE = Span(0, None)


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Model:
    directory: Path = tmp_path_factory.mktemp("models") / "reviews" / "1"
    return Model.load(Deployment(save_reviews(directory), "reviews", 1))


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two inputs of 16 tokens for each text: three rows have room."""
    monkeypatch.setattr(block, "MAX_PREPARED_ELEMENTS", 3 * 2 * 16 + 1)


@pytest.mark.usefixtures("few_rows")
def test_a_block_has_as_many_rows_as_there_is_room_for_their_tokens(reviews: Model) -> None:
    csv = CsvFile(MemoryText(b"review\n" + b"good\n" * 8), reviews)
    lines = JsonLinesFile(MemoryText(b'{"review":"good"}\n' * 8), reviews)
    parquet = opened(written(pa.table({"review": ["good"] * 8})), reviews)

    assert [len(part.body.ends) for part in csv.blocks(WHOLE)] == [3, 3, 2]
    assert [len(part.body.ends) for part in lines.blocks(WHOLE)] == [3, 3, 2]
    assert [part.body.num_rows for part in parquet.blocks(WHOLE)] == [3, 3, 2]


def test_parquet_has_decisions_labels_and_rankings_with_their_types(reviews: Model) -> None:
    table = pa.table({"review": ["good", None]})

    result = read(scored(opened(written(table), reviews)))

    ranking = pa.list_(pa.struct({"label": pa.int64(), "score": pa.float32()}))
    types = [pa.bool_(), pa.float32(), pa.string(), ranking, pa.string()]
    assert [*map(str, result.schema.types[1:])] == [
        str(kind).replace("item:", "element:") for kind in types
    ]
    assert result["error"].to_pylist() == [None, "review: expected a string, got null"]
    assert result["top"].to_pylist()[1] is None


def test_pictures_are_base64_in_text_and_bytes_in_parquet(load_model: LoadModel) -> None:
    model = load_model(pictures.brightness(), card=pictures.CARD)
    picture = pictures.encoded(pictures.random_pixels(4, 4, 3))
    text = base64.b64encode(picture).decode()
    line = orjson.dumps({"picture": text}) + b"\n"
    file = JsonLinesFile(MemoryText(line), model)

    [lines] = [file.score(part).data for part in file.blocks(WHOLE)]
    table = pa.table({"picture": pa.array([picture, b"no picture"], pa.binary())})
    parquet = read(scored(opened(written(table), model)))
    texts = read(scored(opened(written(pa.table({"picture": [text]})), model)))

    found = orjson.loads(lines)["brightness"]
    assert texts["brightness"].to_pylist() == [parquet["brightness"][0].as_py()]
    assert parquet["brightness"][0].as_py() == pytest.approx(found)
    assert parquet["brightness"][1].as_py() is None
    assert parquet["picture"].type == pa.binary()


def test_bytes_are_no_cells_of_other_features(reviews: Model) -> None:
    table = pa.table({"review": pa.array([b"good"], pa.binary())})

    with pytest.raises(BadFileError, match="column 'review': expected booleans, integers"):
        opened(written(table), reviews)
