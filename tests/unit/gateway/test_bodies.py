"""Bodies: rows in every format, by content type."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.bodies import read_instances
from gateway.problem import ProblemError
from gateway.request import Request
from serving.card import Card
from serving.errors import Fault, InvalidRowsError, MalformedInputError, OversizedInputError
from serving.features import Column, Columns, plan
from serving.instances import Instances
from serving.limits import MAX_ROWS
from serving.signature import ANY, Signature, Tensor
from tests.conftest import LoadModel
from tests.pictures import CARD, brightness, of_brightness

TENSORS = (Tensor("area", "FP32", (ANY, 1)), Tensor("heat", "BYTES", (ANY, 1)))
HOUSE = plan(Signature(TENSORS, ()), Card())


def feeds(
    body: str, content_type: str | None, columns: Sequence[Column] = HOUSE
) -> dict[str, list[Any]]:
    headers = {} if content_type is None else {"content-type": content_type}
    instances = read_instances(Request(headers=headers, body=body), columns)
    return {name: array.tolist() for name, array in instances.feeds(columns).items()}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (None, '[{"area": 1, "heat": "gas"}]'),
        ("application/json", '[{"area": 1, "heat": "gas"}]'),
        ("Application/JSON; charset=utf-8", '[{"area": 1, "heat": "gas"}]'),
        ("text/csv", "heat,area\ngas,1\n"),
        ("text/csv;header=present", "heat,area\ngas,1"),
        ("application/jsonl", '{"area": 1, "heat": "gas"}\n'),
        ("application/x-ndjson", '\ufeff\n[1, "gas"]\r\n\r\n'),
        ("application/json-lines", '{"area": 1, "heat": "gas"}'),
    ],
)
def test_the_content_type_says_how_rows_are_written(content_type: str | None, body: str) -> None:
    assert feeds(body, content_type) == {"area": [[1.0]], "heat": [["gas"]]}


@pytest.mark.parametrize("content_type", ["image/png", "text/html", "csv", "\ud800", "x" * 9000])
def test_another_content_type_is_told_which_there_are(content_type: str) -> None:
    with pytest.raises(ProblemError) as raised:
        feeds("[]", content_type)

    assert raised.value.problem.status == 415
    assert str(raised.value).startswith(
        "content-type: expected application/json, text/csv, application/jsonl, "
        "application/x-ndjson, application/json-lines, got '"
    )
    assert len(str(raised.value).encode()) < 400


def test_json_lines_point_at_rows_counted_from_one() -> None:
    with pytest.raises(InvalidRowsError) as raised:
        feeds('{"area":1,"heat":"gas"}\n\n{"area":"x","heat":"gas"}\n5\n', "application/jsonl")

    assert str(raised.value) == 'row 2: area: expected a number, got "x" (and 1 more)'
    assert raised.value.pointers == ()
    assert raised.value.faults == (
        Fault(1, "area", "a number", '"x"'),
        Fault(2, None, "an object, as the first row is", "5"),
    )


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"area":1}\n{"area":\n', "line 2, column 9"),
        ('[1,\n2,"gas"]', "line 1, column 4"),
        ('[1,"gas"],[2,"oil"]', "line 1, column 10"),
        ("[1\n2]\n[3],[4]", "line 1, column 3"),
        ("\n\n\u00a0", "line 3, column 1"),
    ],
)
def test_a_line_that_is_no_json_is_named(body: str, place: str) -> None:
    with pytest.raises(MalformedInputError) as raised:
        feeds(body, "application/jsonl")

    assert str(raised.value) == (
        f"the body: expected JSON on each line, got something else at {place}"
    )


def test_what_people_do_send_on_a_line_is_called_by_its_name() -> None:
    with pytest.raises(MalformedInputError) as raised:
        feeds('[1,"gas"]\n[NaN,"gas"]', "application/jsonl")

    assert str(raised.value) == (
        "the body: expected JSON on each line, got NaN, which JSON does not have, at line 2, "
        "column 2"
    )


@pytest.mark.parametrize("body", ["", "\n", "\r\n\n"])
@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", "JSON"),
        ("application/jsonl", "JSON lines"),
        ("text/csv", "CSV with a header"),
    ],
)
def test_a_body_without_anything_in_it_cannot_be_read(
    content_type: str, expected: str, body: str
) -> None:
    with pytest.raises(MalformedInputError) as raised:
        feeds(body, content_type)

    assert str(raised.value) == f"the body: expected {expected}, got nothing"


def test_a_key_that_comes_twice_in_a_line_is_refused() -> None:
    with pytest.raises(MalformedInputError, match='got "area" again'):
        feeds('{"area":1,"area":2,"heat":"gas"}', "application/jsonl")


@pytest.mark.parametrize("content_type", ["text/csv", "application/jsonl"])
def test_text_of_too_many_lines_is_refused_unread(content_type: str) -> None:
    with pytest.raises(OversizedInputError, match="expected at most 100000 lines, got 100001"):
        feeds("\n" * (MAX_ROWS + 1), content_type)


PICTURE = of_brightness(51)


@pytest.fixture
def pictures(load_model: LoadModel) -> Columns:
    """Of a model whose only feature is an image."""
    return load_model(brightness(), card=CARD).columns


def sent(body: bytes, content_type: str | None, columns: Sequence[Column]) -> Instances:
    """As API Gateway hands on what is no text."""
    headers = {} if content_type is None else {"content-type": content_type}
    text = base64.b64encode(body).decode()
    return read_instances(Request(headers=headers, body=text, body_is_base64=True), columns)


@pytest.mark.parametrize(
    "content_type",
    [
        "image/png",
        "image/jpeg; quality=high",
        "IMAGE/WEBP",
        None,
        "application/x-www-form-urlencoded",
        "text/plain",
    ],
)
def test_a_picture_is_the_one_row_of_a_model_of_pictures(
    content_type: str | None, pictures: Columns
) -> None:
    pixels = sent(PICTURE, content_type, pictures).feeds(pictures)["pixels"]

    assert pixels.shape == (1, 3, 4, 4)
    assert pixels.mean() == pytest.approx(51 / 255)


def test_pictures_in_base64_are_rows_as_other_cells_are(pictures: Columns) -> None:
    text = base64.b64encode(PICTURE).decode()

    bare = feeds(f'["{text}", "{text}"]', None, pictures)

    assert bare == feeds(f'[["{text}"], ["{text}"]]', "application/json", pictures)
    assert bare == feeds(f'{{"picture": "{text}"}}\n' * 2, "application/jsonl", pictures)
    assert bare == feeds(f"picture\n{text}\n{text}\n", "text/csv", pictures)


@pytest.mark.parametrize("content_type", ["image/png", "image/webp"])
def test_a_body_that_is_no_picture_is_told_what_is_read(
    content_type: str, pictures: Columns
) -> None:
    with pytest.raises(InvalidRowsError) as raised:
        sent(b"other", content_type, pictures).feeds(pictures)

    assert str(raised.value) == ("row 1: picture: expected a PNG, JPEG or WebP image, got 5 bytes")


def test_a_picture_of_another_kind_is_told_what_is_taken(pictures: Columns) -> None:
    with pytest.raises(MalformedInputError) as raised:
        sent(b"GIF89a\x01\x00\xff", None, pictures)

    assert str(raised.value) == ("the body: expected a PNG, JPEG or WebP image, or JSON, got a GIF")


def test_a_picture_beside_other_features_is_told_to_be_a_cell(pictures: Columns) -> None:
    with pytest.raises(MalformedInputError) as raised:
        sent(PICTURE, None, [*pictures, *HOUSE])

    assert str(raised.value) == (
        "the body: expected JSON, with pictures as cells in base64, got a PNG"
    )


def test_a_model_without_pictures_says_so_to_one_that_nobody_named() -> None:
    with pytest.raises(MalformedInputError) as raised:
        sent(PICTURE, "application/x-www-form-urlencoded", HOUSE)

    assert str(raised.value) == (
        "the body: expected JSON, since this model takes no pictures, got a PNG"
    )


def test_a_body_without_a_picture_in_it_cannot_be_read(pictures: Columns) -> None:
    with pytest.raises(MalformedInputError) as raised:
        sent(b"", "image/png", pictures)

    assert str(raised.value) == "the body: expected an image, got nothing"


def test_a_model_of_pictures_names_their_types_where_it_gets_another(pictures: Columns) -> None:
    with pytest.raises(ProblemError) as raised:
        sent(PICTURE, "image/gif", pictures)

    assert raised.value.problem.status == 415
    assert str(raised.value) == (
        "content-type: expected application/json, text/csv, application/jsonl, "
        "application/x-ndjson, application/json-lines, image/png, image/jpeg, image/webp, got "
        "'image/gif'"
    )


def test_other_models_take_no_pictures() -> None:
    with pytest.raises(ProblemError) as raised:
        sent(PICTURE, "image/png", HOUSE)

    assert raised.value.problem.status == 415
