"""Answers hold what the card makes of a graph's scores: shares, decisions, labels, rankings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from serving.card import parse_card
from serving.coercion import Array
from serving.csv_predictions import csv_columns, csv_names
from serving.errors import ConfigurationError, ModelError
from serving.predictions import NamedOutput, Values, as_json, encode, named_outputs
from serving.signature import ANY, Signature, Tensor

LOGITS = Tensor("logits", "FP32", (ANY, 3))
LOGIT = Tensor("logit", "FP32", (ANY, 1))
SCORES = np.array([[1, 3, 2], [0, 0, 0], [-50, 90, 90]], np.float32)


def named(said: str, *tensors: Tensor) -> NamedOutput:
    card = parse_card(f"live = 1\n[outputs]\ny = {{ {said} }}".encode(), source="model.toml")
    [output] = named_outputs(Signature((), tensors or (LOGITS, LOGIT)), card)
    return output


def answered(said: str, scores: Array, *tensors: Tensor) -> Values:
    output = named(said, *tensors)
    return encode({output.source.name: scores}, [output])["y"]


def softmax(row: list[float]) -> list[float]:
    powers = [math.exp(score - max(row)) for score in row]
    return [power / math.fsum(powers) for power in powers]


@given(arrays.arrays(np.float32, (4, 3), elements=st.floats(-100, 100, width=32)))
def test_softmax_gives_the_shares_of_a_row(scores: Array) -> None:
    shares = answered('tensor = "logits", activation = "softmax"', scores)

    assert isinstance(shares, np.ndarray)
    assert shares.dtype == np.float32
    np.testing.assert_allclose(shares, [*map(softmax, scores.tolist())], rtol=1e-6, atol=1e-38)


def test_sigmoid_gives_the_share_of_each_score() -> None:
    scores = np.array([[0], [-1000], [1000], [2]], np.float32)

    shares = answered('tensor = "logit", activation = "sigmoid"', scores)

    np.testing.assert_array_equal(shares, np.array([0.5, 0, 1, 1 / (1 + math.exp(-2))], np.float32))


@given(
    arrays.arrays(np.float32, (70, 7), elements=st.floats(-90, 90, width=32)),
    st.sampled_from(["softmax", "sigmoid"]),
    st.sampled_from([1, 2, 63, 64, 65]),
)
def test_a_row_has_the_same_bits_whatever_is_beside_it(
    scores: Array, activation: str, length: int
) -> None:
    said = f'tensor = "logits", activation = "{activation}"'
    tensor = LOGITS._replace(shape=(ANY, 7))
    whole = answered(said, scores, tensor)

    part = answered(said, scores[-length:], tensor)

    assert isinstance(whole, np.ndarray)
    assert isinstance(part, np.ndarray)
    assert part.tobytes() == whole[-length:].tobytes()


def test_scores_lie_in_memory_as_they_may() -> None:
    said = 'tensor = "logits", activation = "softmax"'

    turned = answered(said, np.asfortranarray(SCORES))

    np.testing.assert_array_equal(turned, answered(said, SCORES))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('tensor = "logits", index = 1', [3, 0, 90]),
        ('tensor = "logits", index = 2, threshold = 2', [True, False, True]),
        ('tensor = "logits", take = "argmax"', [1, 0, 1]),
        (
            'tensor = "logits", take = "argmax", labels = ["cat", "dog", "cow"]',
            ["dog", "cat", "dog"],
        ),
        (
            'tensor = "logits", take = "top-k", k = 2, labels = ["cat", "dog", "cow"]',
            [
                [{"label": "dog", "score": 3}, {"label": "cow", "score": 2}],
                [{"label": "cat", "score": 0}, {"label": "dog", "score": 0}],
                [{"label": "dog", "score": 90}, {"label": "cow", "score": 90}],
            ],
        ),
        (
            'tensor = "logits", activation = "softmax", labels = ["a", "b", "c"]',
            [
                dict(zip("abc", map(np.float32, softmax(row)), strict=True))
                for row in SCORES.tolist()
            ],
        ),
    ],
)
def test_a_card_chooses_among_scores(said: str, expected: list[object]) -> None:
    values = answered(said, SCORES)

    assert list(values) == expected


def test_a_ranking_without_labels_names_columns_by_their_numbers() -> None:
    values = answered('tensor = "logits", activation = "softmax", take = "top-k", k = 1', SCORES)

    assert as_json({"y": values[:1]}) == ['{"y":[{"label":1,"score":0.66524094}]}']


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.7])
def test_a_score_that_is_answered_as_the_threshold_reaches_it(threshold: float) -> None:
    scores = np.array([threshold, np.nextafter(np.float32(threshold), np.float32(0))], np.float32)

    decisions = answered(f'tensor = "logit", threshold = {threshold}', scores.reshape(-1, 1))

    assert decisions == [True, False]


def test_shares_of_what_is_no_number_are_none() -> None:
    scores = np.array([[np.inf, 0, 0], [np.nan, 0, 0], [0, 0, 0]], np.float32)

    values = answered('tensor = "logits", activation = "softmax", index = 0', scores)

    assert as_json({"y": values}) == ['{"y":null}', '{"y":null}', '{"y":0.33333334}']


@pytest.mark.parametrize(
    "said", ['take = "argmax"', 'take = "top-k", k = 1', "index = 0, threshold = 0.5"]
)
def test_nothing_is_decided_by_what_is_no_number(said: str) -> None:
    scores = np.array([[np.nan, 0, 0]], np.float32)

    with pytest.raises(ModelError) as raised:
        answered(f'tensor = "logits", {said}', scores)

    assert str(raised.value) == "output 'y': expected scores to decide by, got NaN"


@pytest.mark.parametrize(
    ("said", "shape", "expected"),
    [
        ("index = 2", (2, 2), "rows of at least 3 scores, got rows of shape [2]"),
        ("threshold = 1", (2, 2), "one score for each row, got rows of shape [2]"),
        (
            'activation = "sigmoid"',
            (2, 2, 2),
            "rows of at least 1 scores, got rows of shape [2, 2]",
        ),
        ('take = "argmax"', (2, 0), "rows of at least 1 scores, got rows of shape [0]"),
    ],
)
def test_an_open_graph_that_answers_otherwise_is_found_out(
    said: str, shape: tuple[int, ...], expected: str
) -> None:
    tensor = Tensor("logits", "FP32", ())

    with pytest.raises(ModelError) as raised:
        answered(f'tensor = "logits", {said}', np.zeros(shape, np.float32), tensor)

    assert str(raised.value) == f"output 'y': expected {expected}"


@pytest.mark.parametrize(
    ("said", "names", "cells"),
    [
        (
            'tensor = "logits", take = "top-k", k = 1, labels = ["=a", "b", "c"]',
            ["y"],
            [['"[{""label"":""b"",""score"":3.0}]"', '"[{""label"":""=a"",""score"":0.0}]"']],
        ),
        ('tensor = "logits", index = 0, threshold = 1', ["y"], [["true", "false"]]),
        ('tensor = "logits", take = "argmax"', ["y"], [["1", "0"]]),
        (
            'tensor = "logits", activation = "sigmoid"',
            ["y_0", "y_1", "y_2"],
            [["0.7310586", "0.5"], ["0.95257413", "0.5"], ["0.8807971", "0.5"]],
        ),
    ],
)
def test_derived_answers_are_columns_of_a_file(
    said: str, names: list[str], cells: list[list[str]]
) -> None:
    output = named(said)
    values = encode({"logits": SCORES[:2]}, [output])

    assert csv_names(output, parse_card(b"live = 1", source="model.toml")) == names
    assert list(csv_columns(values, [output])) == cells


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            'tensor = "label", take = "argmax"',
            (".tensor: expected scores as floats, at most a row of them, 'label' is INT64 [-1]"),
        ),
        (
            'tensor = "logit", activation = "softmax"',
            (
                ": expected a row of scores for softmax, argmax and top-k, 'logit' has one for "
                "each row"
            ),
        ),
        ('tensor = "logits", index = 3', ".index: expected a column from 0 to 2, got 3"),
        (
            'tensor = "logits", threshold = 1',
            ".threshold: expected index beside it, to choose one of the scores, got none",
        ),
        ('tensor = "logits", take = "top-k", k = 4', ".k: expected at most 3, got 4"),
        (
            'tensor = "logits", take = "argmax", labels = ["a", "b"]',
            ".labels: expected 3 of them, one for each score, got 2",
        ),
        ('tensor = "logits", index = -1', ".index: expected a whole number from 0, got -1"),
        (
            'tensor = "logits", take = "top-k"',
            '.k: expected a whole number exactly when take = "top-k", got nothing',
        ),
        (
            'tensor = "logits", take = "argmax", k = 1',
            '.k: expected a whole number exactly when take = "top-k", got 1',
        ),
        (
            'tensor = "logits", take = "top-k", k = 0',
            ".k: expected a whole number from 1, got 0",
        ),
        (
            'tensor = "logits", take = "argmax", threshold = 0.5',
            ".threshold: expected none beside take, got 0.5",
        ),
        (
            'tensor = "logits", index = 0, labels = ["a"]',
            ".labels: expected none beside index, got a",
        ),
    ],
)
def test_what_scores_cannot_give_is_refused(said: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        named(said, LOGITS, LOGIT, Tensor("label", "INT64", (ANY,)))

    assert str(raised.value) == f"model.toml: outputs.y{sentence}"
