"""The difference between two answers, and the tolerance that it needs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from registry.difference import NONE, UNLIKE, Difference, difference
from serving.predictions import Raw

FLOATS = arrays(np.float32, 3, elements=st.floats(-1e6, 1e6, width=32))


def of(got: Raw, expected: Raw) -> Difference:
    return difference({"y": got}, {"y": expected})


@given(FLOATS)
def test_an_answer_does_not_differ_from_itself(
    values: np.ndarray[tuple[int], np.dtype[np.float32]],
) -> None:
    assert of(values, values.copy()) == NONE


@given(FLOATS, FLOATS)
def test_a_tolerance_from_the_one_it_allows_lets_every_element_pass(
    got: np.ndarray[tuple[int], np.dtype[np.float32]],
    expected: np.ndarray[tuple[int], np.dtype[np.float32]],
) -> None:
    tolerance = of(got, expected).allowed_from * (1 + 1e-12)

    assert np.allclose(
        got.astype(np.float64), expected.astype(np.float64), rtol=tolerance, atol=tolerance
    )


def test_the_largest_element_counts_absolutely_and_relatively() -> None:
    found = of(np.array([1.5, 100.0]), np.array([1.0, 104.0]))

    assert found == Difference(absolute=4.0, relative=0.5, allowed_from=0.25)


def test_the_outputs_worst_values_count_together() -> None:
    got: dict[str, Raw] = {"a": np.array([1.0]), "b": np.array([3.0])}
    expected: dict[str, Raw] = {"a": np.array([1.0]), "b": np.array([1.0])}

    assert difference(got, expected) == Difference(2.0, 2.0, 1.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_agrees_with_its_like_alone(value: float) -> None:
    assert of(np.array([value]), np.array([value])) == NONE
    assert of(np.array([value]), np.array([1.0])) == UNLIKE
    assert of(np.array([1.0]), np.array([value])) == UNLIKE


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.array([1, 2]), np.array([1, 3])),
        (np.array(["a"], object), np.array(["b"], object)),
        (np.array([1.0]), np.array([1.0, 2.0])),
        (np.array([1.0], np.float32), np.array([1.0])),
        ([{"no": 1.0}], [{"yes": 1.0}]),
        ([{"no": 1.0}], np.array([1.0])),
    ],
)
def test_other_classes_texts_shapes_types_or_keys_are_beyond_any_tolerance(
    got: Raw, expected: Raw
) -> None:
    assert of(got, expected) == UNLIKE


def test_maps_are_compared_by_their_values() -> None:
    assert of([{"no": 1.0, "yes": 3.5}], [{"no": 1.0, "yes": 3.0}]).absolute == 0.5
