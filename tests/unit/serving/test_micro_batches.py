"""Rows of texts and pictures run in micro-batches, as large as their tokens and pixels allow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.card import parse_card
from serving.coercion import Array
from serving.features import plan
from serving.micro_batches import MicroBatch, MicroBatches
from serving.signature import ANY, Signature, Tensor

IDS = Tensor("input_ids", "INT64", (ANY, ANY))
MASK = Tensor("attention_mask", "INT64", (ANY, ANY))
PIXELS = Tensor("pixels", "FP32", (ANY, 1, 2, 2))
FIXED = 'review = { kind = "text", tokenizer = "t", max_tokens = 8 }'
LONGEST = FIXED.replace(" }", ', padding = "longest" }')
PICTURE = 'picture = { kind = "image", tensor = "pixels" }'


def cut(
    features: str, tensors: list[Tensor], feeds: dict[str, Array], **runs: int
) -> list[MicroBatch]:
    said = "".join(f"{name} = {most}\n" for name, most in runs.items())
    toml = f"live = 1\n[features]\n{features}\n[golden]\ntolerance = 1\n[runs]\n{said}"
    card = parse_card(toml.encode(), source="model.toml")
    columns = plan(Signature(tuple(tensors), ()), card)
    return [*MicroBatches(columns, card).cut(feeds, len(next(iter(feeds.values()))))]


def texts_of(lengths: list[int], *, left: bool = False) -> dict[str, Array]:
    """Row i has tokens of number i + 1."""
    places = (
        np.arange(8) >= 8 - np.array(lengths)[:, None]
        if left
        else np.arange(8) < np.array(lengths)[:, None]
    )
    rows = np.arange(1, len(lengths) + 1)[:, None]
    return {"input_ids": np.where(places, rows, 0), "attention_mask": places.astype(np.int64)}


def test_texts_of_one_width_are_cut_by_their_tokens_padding_included() -> None:
    feeds = texts_of([1, 8, 2, 3, 4])

    batches = cut(FIXED, [IDS, MASK], feeds, tokens=17)

    assert [batch.rows.tolist() for batch in batches] == [[0, 1], [2, 3], [4]]
    for batch in batches:
        np.testing.assert_array_equal(batch.feeds["input_ids"], feeds["input_ids"][batch.rows])


def test_a_row_that_is_larger_than_a_run_runs_alone() -> None:
    batches = cut(FIXED, [IDS, MASK], texts_of([8, 8]), tokens=1)

    assert [batch.rows.tolist() for batch in batches] == [[0], [1]]


@pytest.mark.parametrize("left", [False, True])
def test_texts_of_like_lengths_run_together_without_the_padding_they_share(*, left: bool) -> None:
    batches = cut(LONGEST, [IDS, MASK], texts_of([5, 1, 0, 2, 8], left=left), tokens=10)

    assert [batch.rows.tolist() for batch in batches] == [[2, 1, 3], [0], [4]]
    few = [[0, 0], [0, 2], [4, 4]] if left else [[0, 0], [2, 0], [4, 4]]
    ids = [batch.feeds["input_ids"].tolist() for batch in batches]
    assert ids == [few, [[1] * 5], [[5] * 8]]


def test_texts_without_a_token_keep_one_place_of_padding() -> None:
    [batch] = cut(LONGEST, [IDS, MASK], texts_of([0, 0]))

    assert batch.feeds["attention_mask"].tolist() == [[0], [0]]


def test_pictures_are_cut_by_their_pixels() -> None:
    pixels = np.arange(12, dtype=np.float32).reshape(3, 1, 2, 2)

    batches = cut(PICTURE, [PIXELS], {"pixels": pixels}, values=8)

    assert [batch.feeds["pixels"].tolist() for batch in batches] == [
        pixels[:2].tolist(),
        pixels[2:].tolist(),
    ]


@given(st.lists(st.integers(0, 8), min_size=1, max_size=40), st.integers(1, 60))
def test_every_row_runs_once_with_all_of_its_tokens(lengths: list[int], tokens: int) -> None:
    batches = cut(LONGEST, [IDS, MASK], texts_of(lengths), tokens=tokens)

    rows = [row for batch in batches for row in batch.rows.tolist()]
    found = [row for batch in batches for row in batch.feeds["attention_mask"].sum(axis=1).tolist()]
    assert sorted(rows) == [*range(len(lengths))]
    assert found == [lengths[row] for row in rows]
    for batch in batches:
        assert len(batch.rows) == 1 or batch.feeds["input_ids"].size <= max(tokens, len(batch.rows))
