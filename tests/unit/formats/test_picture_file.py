from __future__ import annotations

import base64
import tarfile
from collections.abc import Callable
from types import ModuleType
from typing import Any

import orjson
import pytest

from delivery.tally import Tally
from formats import block, picture_file
from formats.errors import BadFileError
from formats.format import format_of
from formats.json_lines_file import JsonLinesFile
from formats.row_file import RowCounts, RowError, Span
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel
from tests.pictures import CARD, brightness, of_brightness
from tests.unit.formats import text_files
from tests.unit.formats.archives import Files, MemorySource, tarred, zipped
from tests.unit.formats.text_files import MemoryText, scored_by_spans

Pack = Callable[[Files], bytes]

LEVELS = [255, 51, 0, 102]
PICTURES: Files = [(f"{level}.png", of_brightness(level)) for level in LEVELS]
NO_PICTURE = "picture: expected a PNG, JPEG or WebP image, got 5 bytes"
ARCHIVES: list[tuple[str, Pack]] = [
    ("example/x.zip", zipped),
    ("example/x.tar", tarred),
    ("example/x.tar.gz", lambda files: tarred(files, mode="w:gz")),
    ("example/x.tgz", lambda files: tarred(files, mode="w:gz")),
]


@pytest.fixture
def model(load_model: LoadModel) -> Model:
    return load_model(brightness(), card=CARD)


def scored(key: str, data: bytes, model: Model, tally: Tally | None = None) -> list[Any]:
    file = format_of(key).open(MemorySource(data), model)
    return [orjson.loads(line) for line in text_files.scored(file, tally).splitlines()]


def row(brightness: float | None, error: str | None = None, **name: str) -> dict[str, Any]:
    return {**name, "brightness": brightness, "error": error}


def approximately(level: int) -> Any:  # noqa: ANN401 - what pytest compares by
    return pytest.approx(level / 255, abs=1e-6)


@pytest.mark.parametrize("ending", ["png", "jpg", "jpeg", "webp", "PNG"])
def test_a_picture_is_one_row_whatever_its_name_says_it_is(ending: str, model: Model) -> None:
    tally = Tally()

    objects = scored(f"example/x.{ending}", of_brightness(51), model, tally)

    assert objects == [row(approximately(51))]
    assert tally.rows == RowCounts(1, 1, 0)


@pytest.mark.parametrize("data", [b"", b"other"])
def test_a_file_that_is_no_picture_is_a_bad_row(data: bytes, model: Model) -> None:
    tally = Tally()

    scored("example/x.png", data, model, tally)

    got = f"{len(data)} bytes"
    assert tally.rows == RowCounts(1, 0, 1)
    assert tally.errors == [RowError(1, "picture", "a PNG, JPEG or WebP image", got)]


@pytest.mark.parametrize(("key", "pack"), ARCHIVES)
def test_an_archive_has_a_row_for_each_picture_under_its_name(
    key: str,
    pack: Pack,
    model: Model,
) -> None:
    tally = Tally()
    files = [*PICTURES[:2], ("folder", None), ("readme.txt", b"hello"), (".DS_Store", b"1")]

    objects = scored(key, pack([*files, *PICTURES[2:]]), model, tally)

    assert objects == [
        row(approximately(255), name="255.png"),
        row(approximately(51), name="51.png"),
        row(None, NO_PICTURE, name="readme.txt"),
        row(approximately(0), name="0.png"),
        row(approximately(102), name="102.png"),
    ]
    assert tally.rows == RowCounts(5, 4, 1)
    assert tally.errors == [RowError(3, "picture", "a PNG, JPEG or WebP image", "5 bytes")]


@pytest.mark.parametrize("files", [[], [("folder", None)]])
@pytest.mark.parametrize(("key", "pack"), ARCHIVES)
def test_an_archive_without_files_has_no_rows(
    key: str,
    pack: Pack,
    files: Files,
    model: Model,
) -> None:
    tally = Tally()

    assert scored(key, pack(files), model, tally) == []
    assert tally.rows == RowCounts(0, 0, 0)


def test_a_member_that_cannot_be_unpacked_is_a_bad_row(model: Model) -> None:
    packed = bytearray(zipped(PICTURES[:2]))
    packed[50] ^= 0xFF

    assert scored("example/x.zip", bytes(packed), model) == [
        row(None, "picture: expected a whole file, got a damaged one", name="255.png"),
        row(approximately(51), name="51.png"),
    ]


@pytest.mark.parametrize(("key", "pack"), ARCHIVES[:2])
@pytest.mark.parametrize("size_bytes", [1, 150, 600, 2000, 10_000])
def test_spans_together_are_the_archive(
    key: str,
    pack: Pack,
    model: Model,
    size_bytes: int,
) -> None:
    data = pack([("folder", None), *PICTURES, ("last", None)])
    file = format_of(key).open(MemorySource(data), model)
    tally = Tally()

    lines = scored_by_spans(file, file.spans(size_bytes), tally)

    assert [orjson.loads(line)["name"] for line in lines.splitlines()] == [
        name for name, _ in PICTURES
    ]
    assert tally.rows == RowCounts(4, 4, 0)


@pytest.mark.parametrize(("key", "pack"), ARCHIVES)
def test_every_block_stops_where_reading_can_go_on(
    key: str,
    pack: Pack,
    model: Model,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(block, "MAX_PICTURES", 2)
    file = format_of(key).open(MemorySource(pack([*PICTURES, ("last", None)])), model)
    first, *others = file.blocks(Span(0, None))

    rest = list(file.blocks(Span(first.stop, None)))

    assert [file.member.name for block in rest for file in block.body] == [
        file.member.name for block in others for file in block.body
    ]
    assert [len(block.body) for block in (first, *others)] == [2, 2, 1]


@pytest.mark.parametrize(
    ("module", "limit"),
    [
        (picture_file, "BLOCK_BYTES"),
        (picture_file, "BLOCK_PIXELS"),
        (block, "MAX_PICTURES"),
        (block, "MAX_PREPARED_ELEMENTS"),
    ],
)
def test_a_block_holds_no_more_than_its_budget(
    module: ModuleType, limit: str, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 1)
    file = format_of("example/x.tar").open(MemorySource(tarred(PICTURES)), model)

    assert [len(b.body) for b in file.blocks(Span(0, None))] == [1, 1, 1, 1]


def test_a_picture_has_the_same_prediction_by_itself_in_an_archive_and_in_base64(
    model: Model,
) -> None:
    alone = [scored("example/x.png", data or b"", model)[0]["brightness"] for _, data in PICTURES]
    together = [line["brightness"] for line in scored("example/x.zip", zipped(PICTURES), model)]
    lines = b"\n".join(
        orjson.dumps({"picture": base64.b64encode(data or b"").decode()}) for _, data in PICTURES
    )
    texts = text_files.scored(JsonLinesFile(MemoryText(lines), model)).splitlines()

    assert together == alone
    assert [orjson.loads(text)["brightness"] for text in texts] == alone


def test_pictures_are_no_rows_of_other_models(load_model: LoadModel) -> None:
    with pytest.raises(BadFileError) as raised:
        format_of("example/x.png").open(MemorySource(b""), load_model(graphs.total()))

    assert str(raised.value) == (
        "expected rows as text or Parquet, got pictures, which are rows of models whose only "
        "feature is an image; the features of this one are X_0, X_1"
    )


def test_an_output_that_is_called_as_the_members_name_is_a_bad_file(load_model: LoadModel) -> None:
    model = load_model(brightness(), card=CARD.replace("brightness =", "name ="))

    with pytest.raises(BadFileError, match="got name, name, error"):
        format_of("example/x.tar").open(MemorySource(tarred([])), model)
    assert scored("example/x.png", of_brightness(0), model) == [{"name": 0.0, "error": None}]


def test_names_may_be_any_text(model: Model) -> None:
    buffer = tarfile.TarInfo("é\n\"'.png").tobuf(tarfile.GNU_FORMAT) + bytes(1024)

    [line] = scored("example/x.tar", buffer, model)

    assert line["name"] == "é\n\"'.png"
