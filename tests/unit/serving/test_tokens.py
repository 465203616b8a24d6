"""Texts become the tokens that a tokenizer's file gives them, as the card says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.card import parse_card
from serving.card_texts import MAX_CHARACTERS
from serving.coercion import Array, Cells
from serving.errors import ConfigurationError, Fault
from serving.features import Columns, plan
from serving.feeds import Filled, Rows, fill
from serving.preparations import with_preparations
from serving.signature import ANY, Signature, Tensor
from tests.texts import END, PADDING, START, VOCABULARY, tokenizer

IDS = Tensor("input_ids", "INT64", (ANY, ANY))
MASK = Tensor("attention_mask", "INT64", (ANY, ANY))
TYPES = Tensor("token_type_ids", "INT64", (ANY, ANY))
TEXT = 'review = { kind = "text", tokenizer = "tokenizer.json", max_tokens = 6 }'
GOOD, BAD, FILM = map(VOCABULARY.index, ("good", "bad", "film"))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    tokenizer().save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def columns_of(directory: Path, tensors: list[Tensor], features: str = TEXT) -> Columns:
    card = parse_card(f"live = 1\n[features]\n{features}".encode(), source="model.toml")
    return with_preparations(plan(Signature(tuple(tensors), ()), card), directory)


def filled(columns: Columns, *cells: Cells) -> Filled:
    named = {column.name: texts for column, texts in zip(columns, cells, strict=True)}
    return fill(Rows(len(cells[0]), named), columns)


def rewrite(directory: Path, **settings: Any) -> None:  # noqa: ANN401 - as JSON has it
    path = directory / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def assert_rows(array: Array, rows: list[list[int]], dtype: type[np.generic] = np.int64) -> None:
    assert array.dtype == dtype
    assert array.tolist() == rows


def test_a_text_fills_the_inputs_that_the_graph_has(directory: Path) -> None:
    columns = columns_of(directory, [IDS, MASK, TYPES])

    feeds, faults = filled(columns, ["Good film", ""])

    assert faults == []
    assert_rows(
        feeds["input_ids"], [[START, GOOD, FILM, END, PADDING, PADDING], [2, 3, 0, 0, 0, 0]]
    )
    assert_rows(feeds["attention_mask"], [[1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0]])
    assert_rows(feeds["token_type_ids"], [[0] * 6, [0] * 6])


def test_inputs_may_have_other_names_types_and_a_width_of_their_own(directory: Path) -> None:
    ids = Tensor("ids", "INT32", (ANY, 3))
    features = (
        'x = { kind = "text", tokenizer = "tokenizer.json", tensors = { input_ids = "ids" } }'
    )

    feeds, _ = filled(columns_of(directory, [ids], features), ["bad bad bad"])

    assert feeds.keys() == {"ids"}
    assert_rows(feeds["ids"], [[START, BAD, END]], np.int32)


def test_a_long_text_is_cut_within_its_special_tokens(directory: Path) -> None:
    feeds, _ = filled(columns_of(directory, [IDS]), ["good " * 99])

    assert_rows(feeds["input_ids"], [[START, GOOD, GOOD, GOOD, GOOD, END]])


def test_two_texts_are_tokenized_as_a_pair(directory: Path) -> None:
    features = f'{TEXT}\ncontext = {{ kind = "text", second_of = "review" }}'
    columns = columns_of(directory, [IDS, MASK, TYPES], features)

    feeds, faults = filled(columns, ["good", "film"], ["bad", "film " * 9])

    assert faults == []
    assert_rows(
        feeds["input_ids"],
        [[START, GOOD, END, BAD, END, PADDING], [START, FILM, END, FILM, FILM, END]],
    )
    assert_rows(feeds["attention_mask"], [[1, 1, 1, 1, 1, 0], [1] * 6])
    assert_rows(feeds["token_type_ids"], [[0, 0, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1]])


def test_a_fault_of_a_pair_names_its_own_text(directory: Path) -> None:
    features = f'{TEXT}\ncontext = {{ kind = "text", second_of = "review" }}'
    columns = columns_of(directory, [IDS], features)

    _, faults = filled(columns, ["good", 5, "bad"], [None, "film", "film"])

    assert faults == [
        Fault(0, "context", "a string", "null"),
        Fault(1, "review", "a string", "5"),
    ]


def test_how_far_the_file_pads_and_cuts_is_overridden_and_the_rest_of_it_holds(
    directory: Path,
) -> None:
    padding = {
        "strategy": {"Fixed": 99},
        "direction": "Left",
        "pad_to_multiple_of": None,
        "pad_id": 1,
        "pad_type_id": 4,
        "pad_token": "[UNK]",
    }
    truncation = {
        "max_length": 3,
        "strategy": "OnlyFirst",
        "stride": 1,
        "direction": "Left",
    }
    rewrite(directory, padding=padding, truncation=truncation)

    feeds, _ = filled(columns_of(directory, [IDS, MASK, TYPES]), ["good", "bad bad bad film good"])

    assert_rows(
        feeds["input_ids"], [[1, 1, 1, START, GOOD, END], [START, BAD, BAD, FILM, GOOD, END]]
    )
    assert_rows(feeds["attention_mask"], [[0, 0, 0, 1, 1, 1], [1] * 6])
    assert_rows(feeds["token_type_ids"], [[4, 4, 4, 0, 0, 0], [0] * 6])


def test_cells_that_are_no_text_or_too_much_of_it_are_wrong(directory: Path) -> None:
    columns = columns_of(directory, [IDS])

    feeds, faults = filled(columns, ["a" * (MAX_CHARACTERS + 1), None, "good", ["good"]])

    assert [(fault.row, fault.column, fault.expected) for fault in faults] == [
        (0, "review", "a text of at most 1000000 characters"),
        (1, "review", "a string"),
        (3, "review", "a string"),
    ]
    assert feeds["input_ids"][2].tolist() == [START, GOOD, END, PADDING, PADDING, PADDING]


def test_a_missing_text_may_be_filled(directory: Path) -> None:
    features = TEXT.replace(" }", ', missing = "fill", fill = "bad" }')

    feeds, faults = filled(columns_of(directory, [IDS], features), [None, ""])

    assert faults == []
    assert_rows(feeds["input_ids"], [[START, BAD, END, 0, 0, 0]] * 2)


def test_a_text_that_the_tokenizer_fails_on_is_wrong(directory: Path) -> None:
    path = directory / "tokenizer.json"
    model = json.loads(path.read_text())["model"] | {"unk_token": "[NONE]"}
    rewrite(directory, model=model)

    _, faults = filled(columns_of(directory, [IDS]), ["good", "unheard"])

    expected = "a text that the model's tokenizer knows how to split"
    assert faults == [Fault(1, "review", expected, '"unheard"')]


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Columns:
    directory = tmp_path_factory.mktemp("reviews")
    tokenizer().save(str(directory / "tokenizer.json"))
    return columns_of(directory, [IDS, MASK])


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_the_tokens_of_a_text_depend_on_no_other(reviews: Columns, texts: list[str]) -> None:
    together = filled(reviews, texts).feeds["input_ids"]

    alone = [filled(reviews, [text]).feeds["input_ids"][0] for text in texts]
    np.testing.assert_array_equal(together, np.stack(alone))


@pytest.mark.parametrize(
    ("tensors", "features", "sentence"),
    [
        (
            [MASK],
            TEXT,
            (
                "features.review.tensors.input_ids: expected one of the graph's inputs "
                "attention_mask, got 'input_ids'"
            ),
        ),
        (
            [IDS],
            TEXT.replace(" }", ', tensors = { attention_mask = "m" } }'),
            (
                "features.review.tensors.attention_mask: expected one of the graph's inputs "
                "input_ids, got 'm'"
            ),
        ),
        (
            [IDS._replace(datatype="FP32")],
            TEXT,
            (
                "features.review.tensors: expected inputs of INT32 or INT64 with a row of tokens "
                "for each text, 'input_ids' is FP32 [-1, -1]"
            ),
        ),
        (
            [IDS],
            TEXT.replace(", max_tokens = 6", ""),
            "features.review.max_tokens: expected a whole number, got nothing",
        ),
        (
            [IDS._replace(shape=(ANY, 8))],
            TEXT,
            "features.review.max_tokens: expected the width of the graph's inputs, 8, got 6",
        ),
        (
            [IDS, Tensor("position_ids", "INT64", (ANY, ANY))],
            TEXT,
            "features: expected -1 feature(s) for input 'position_ids' [-1, -1], got 0",
        ),
    ],
)
def test_a_graph_that_takes_other_tokens_is_refused(
    directory: Path, tensors: list[Tensor], features: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        columns_of(directory, tensors, features)

    assert str(raised.value) == f"model.toml: {sentence}"


@pytest.mark.parametrize("tensors", [[IDS], [IDS, MASK._replace(shape=(ANY, 6))]])
def test_padding_varies_only_where_the_graph_is_told_of_it(
    directory: Path, tensors: list[Tensor]
) -> None:
    features = TEXT.replace(" }", ', padding = "longest" }') + "\n[golden]\ntolerance = 1e-4"

    with pytest.raises(ConfigurationError, match=r'features\.review\.padding: expected "fixed"'):
        columns_of(directory, tensors, features)


def test_a_file_that_is_not_there_or_no_tokenizer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"

    with pytest.raises(ConfigurationError, match=f"{path}: expected a tokenizer.json: "):
        columns_of(tmp_path, [IDS])
    path.write_text("{}")
    with pytest.raises(ConfigurationError, match=f"{path}: expected a tokenizer.json: "):
        columns_of(tmp_path, [IDS])


def test_a_width_without_room_for_a_text_is_refused(directory: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        columns_of(directory, [IDS], TEXT.replace("6", "2"))

    assert str(raised.value) == (
        f"{directory}/tokenizer.json: expected room for more than the 2 tokens that it adds to "
        "every text, got 2; raise max_tokens in model.toml"
    )
