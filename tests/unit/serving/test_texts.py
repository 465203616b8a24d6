"""A model of texts predicts: the same text, the same bits, whatever runs beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from serving.coercion import Array
from serving.deployment import Deployment
from serving.description import describe
from serving.errors import ConfigurationError, InvalidRowsError, ModelError, OversizedInputError
from serving.feeds import Feeds
from serving.instances import decode_rows
from serving.model import Model
from serving.predictions import as_objects, encode
from tests import graphs
from tests.texts import CARD, WORDS, save_reviews, tokenizer

ROOT = Path(__file__).parents[3]
HOUSING = ROOT / "models" / "housing" / "1"
ENVIRONMENT = {"PYTHONPATH": str(ROOT / "layers" / "serving" / "python")}
TEXTS = [" ".join(Random(i).choices(WORDS, k=i % 23)) for i in range(130)]
LONGEST = CARD.replace("max_tokens = 16", 'max_tokens = 16, padding = "longest"') + (
    "[golden]\ntolerance = 1e-4\n"
)


def loaded(directory: Path, **options: Any) -> Model:  # noqa: ANN401 - those of save_reviews
    return Model.load(Deployment(save_reviews(directory, **options), "reviews", 1))


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return loaded(tmp_path_factory.mktemp("models") / "reviews" / "1")


def feeds_of(model: Model, texts: list[str]) -> Feeds:
    return decode_rows(texts, model.columns, "").feeds(model.columns)


def logits(model: Model, feeds: Feeds, length: int) -> Array:
    found = model.predict(feeds, length)["logits"]
    assert isinstance(found, np.ndarray)
    return found


def test_bare_texts_are_rows_and_answers_are_what_the_card_makes_of_scores(reviews: Model) -> None:
    texts = ["I love this film!", ""]

    raw = reviews.predict(feeds_of(reviews, texts), 2)
    [first, second] = as_objects(encode(raw, reviews.outputs))

    assert first.keys() == {"positive", "score", "label", "top"}
    for answer in (first, second):
        share = answer["score"]
        assert answer["positive"] is bool(share >= 0.5)
        assert answer["label"] == ("good" if share > 0.5 else "bad")
        assert [entry["label"] for entry in answer["top"]] == ([1, 0] if share > 0.5 else [0, 1])
        assert sum(entry["score"] for entry in answer["top"]) == pytest.approx(1)


@pytest.mark.parametrize("size", [1, 2, 63, 64, 65])
def test_a_text_has_the_same_bits_in_a_batch_of_any_size(reviews: Model, size: int) -> None:
    feeds = feeds_of(reviews, TEXTS)
    whole = logits(reviews, feeds, len(TEXTS))
    starts = range(0, len(TEXTS) - size + 1, size)

    parts = [
        logits(reviews, {n: a[start : start + size] for n, a in feeds.items()}, size)
        for start in starts
    ]

    assert np.concatenate(parts).tobytes() == whole[: len(starts) * size].tobytes()


@pytest.mark.parametrize("tokens", [1, 33, 64 * 16])
def test_micro_batches_change_no_bit_where_padding_is_fixed(
    reviews: Model, tmp_path: Path, tokens: int
) -> None:
    cut = loaded(tmp_path / "reviews" / "1", card=f"{CARD}[runs]\ntokens = {tokens}")
    feeds = feeds_of(reviews, TEXTS)

    found = logits(cut, feeds, len(TEXTS))

    assert found.tobytes() == logits(reviews, feeds, len(TEXTS)).tobytes()


@pytest.mark.parametrize("tokens", [1, 33, 16 * 1024])
def test_padding_as_far_as_the_longest_changes_no_more_than_last_bits(
    reviews: Model, tmp_path: Path, tokens: int
) -> None:
    trimming = loaded(tmp_path / "reviews" / "1", card=f"{LONGEST}[runs]\ntokens = {tokens}")
    feeds = feeds_of(reviews, TEXTS)

    found = logits(trimming, feeds, len(TEXTS))

    expected = logits(reviews, feeds, len(TEXTS))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_a_row_that_is_no_text_is_pointed_at(reviews: Model) -> None:
    with pytest.raises(InvalidRowsError) as raised:
        feeds_of(reviews, [{"review": "good"}, {"review": 5}])  # type: ignore[list-item]

    assert str(raised.value) == "row 1: review: expected a string, got 5"
    assert raised.value.pointers == ("/1/review",)


def test_more_texts_than_there_is_room_for_are_refused(tmp_path: Path) -> None:
    model = loaded(tmp_path / "reviews" / "1", card=CARD.replace("16", "4096"))

    with pytest.raises(OversizedInputError) as raised:
        feeds_of(model, [""] * 17)

    assert feeds_of(model, [""] * 16)["input_ids"].shape == (16, 4096)
    assert str(raised.value) == (
        "the body: expected at most 65536 tokens, which is rows times max_tokens, got 69632; send "
        "fewer rows at a time, or a file for batch scoring"
    )


def test_a_graph_of_a_fixed_width_says_how_far_texts_are_cut(
    reviews: Model, tmp_path: Path
) -> None:
    card = CARD.replace(", max_tokens = 16", "")
    fixed = loaded(tmp_path / "reviews" / "1", card=card, tokens=16)
    feeds = feeds_of(reviews, TEXTS)

    found = logits(fixed, feeds, len(TEXTS))

    assert found.tobytes() == logits(reviews, feeds, len(TEXTS)).tobytes()


def test_an_answer_for_each_token_needs_runs_of_one_width(tmp_path: Path) -> None:
    directory = save_reviews(tmp_path / "reviews" / "1", card=f"{LONGEST}[runs]\ntokens = 1")
    onnx.save(per_token(), directory / "model.onnx")
    model = Model.load(Deployment(directory, "reviews", 1))

    with pytest.raises(ModelError) as raised:
        model.predict(feeds_of(model, ["", "good film"]), 2)

    assert str(raised.value) == "outputs: expected rows of one shape in all runs, got [[2], [4]]"


def per_token() -> onnx.ModelProto:
    """input_ids and attention_mask [n, tokens] -> logits [n, tokens]."""
    inputs = ("input_ids", "attention_mask")
    return graphs.model(
        [
            helper.make_node("Mul", inputs, ["product"]),
            helper.make_node("Cast", ["product"], ["logits"], to=TensorProto.FLOAT),
        ],
        [graphs.tensor(name, TensorProto.INT64, [None, None]) for name in inputs],
        [graphs.tensor("logits", TensorProto.FLOAT, [None, None])],
    )


def test_a_model_of_texts_is_described_as_callers_see_it(reviews: Model) -> None:
    description = describe(reviews)

    [feature] = description["features"]
    assert feature == {
        "name": "review",
        "kind": "text",
        "missing": "reject",
        "shape": (),
        "datatype": "BYTES",
        "text": {
            "tokenizer": "tokenizer.json",
            "max_tokens": 16,
            "padding": "fixed",
            "tensors": {"input_ids": "input_ids", "attention_mask": "attention_mask"},
        },
        "inputs": [
            {"name": "input_ids", "datatype": "INT64", "shape": (-1, 16)},
            {"name": "attention_mask", "datatype": "INT64", "shape": (-1, 16)},
        ],
    }
    assert description["outputs"][0] == {
        "name": "positive",
        "labels": [],
        "tensor": "logits",
        "datatype": "BOOL",
        "shape": (-1,),
        "activation": "softmax",
        "index": 1,
        "threshold": 0.5,
    }


def test_the_scoring_digest_counts_the_tokenizer(tmp_path: Path, reviews: Model) -> None:
    directory = save_reviews(tmp_path / "reviews" / "1")
    tokenizer(adds_special=False).save(str(directory / "tokenizer.json"))

    other = Model.load(Deployment(directory, "reviews", 1))

    assert other.digest != reviews.digest


def test_a_library_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "serving.tokens", None)

    with pytest.raises(ConfigurationError) as raised:
        loaded(tmp_path / "reviews" / "1")

    assert str(raised.value) == (
        f"{tmp_path}/reviews/model.toml: features.review: expected the library tokenizers to "
        "prepare it, got none; add it to the requirements of the model's images"
    )


def test_models_of_other_cells_start_without_any_of_it() -> None:
    heavy = ["tokenizers", "PIL", "serving.tokens", "serving.images", "serving.card_texts"]
    code = (
        "import sys; from pathlib import Path; from serving.deployment import Deployment; "
        "from serving.model import Model; "
        f"Model.load(Deployment(Path({str(HOUSING)!r}), 'housing', 1)); "
        f"print(*(name for name in {heavy!r} if name in sys.modules))"
    )

    printed = subprocess.check_output([sys.executable, "-c", code], text=True, env=ENVIRONMENT)

    assert printed == "\n"
