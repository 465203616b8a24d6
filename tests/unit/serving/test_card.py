"""The card says what a model means, and a wrong one says where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.card import Card, parse_card, read_card
from serving.card_features import Feature
from serving.card_images import ImageOptions
from serving.card_outputs import Output
from serving.card_texts import TextOptions
from serving.errors import ConfigurationError

PLAIN = Feature("plain", "number", None, "", (), None, None, "reject", None)


IMAGE_KEYS = (
    "missing: expected only kind, tensor, description, scale, size, resize, interpolation, colors, "
    "layout, invert, mean, std, got an unknown key"
)


def parse(toml: str) -> Card:
    return parse_card(toml.encode(), source="model.toml")


def test_a_card_that_says_only_what_is_live_has_defaults_for_the_rest() -> None:
    assert parse("live = 1") == Card(live=1)


def test_a_card_says_everything_it_can_say() -> None:
    card = parse(
        """
        live = 3
        title = "Houses"
        description = "Prices"
        owner = "Ann"
        licence = "MIT"
        intended_use = "A demo"
        limits = "One town"
        threads = 2

        [features]
        area = { kind = "number", minimum = 1, maximum = 9.5, missing = "nan", description = "m²" }
        heat = { kind = "category", categories = ["gas", "oil"], missing = "fill", fill = "gas" }
        note = { kind = "text", tensor = "words" }
        age = { kind = "number", mean = 30, std = 12.5 }
        town = { kind = "category", codes = { Ely = 3, Bath = 1 } }
        street = { kind = "category", categories = ["a", "b"], encode = "one-hot" }
        ad = { kind = "text", tokenizer = "tokenizer.json", max_tokens = 64, padding = "longest" }
        reply = { kind = "text", second_of = "ad" }
        view = { kind = "image", tensor = "pixels", size = [8, 9], invert = true, mean = [0.5] }

        [outputs]
        price = { description = "dollars" }
        size = { tensor = "label", labels = ["small", "large"] }
        dear = { tensor = "logits", activation = "sigmoid", index = 1, threshold = 0.5 }
        kinds = { tensor = "logits", take = "top-k", k = 2, labels = ["flat", "house"] }

        [batch]
        error_threshold = 0.1
        output_prefix = "predicted_"
        long_rows = "mark"

        [runs]
        tokens = 1000
        values = 2000

        [golden]
        tolerance = 1e-4

        [graph]
        extensions = true
        """
    )

    assert card == Card(
        live=3,
        title="Houses",
        description="Prices",
        owner="Ann",
        licence="MIT",
        intended_use="A demo",
        limits="One town",
        threads=2,
        features=(
            Feature("area", "number", None, "m²", (), 1, 9.5, "nan", None),
            Feature("heat", "category", None, "", ("gas", "oil"), None, None, "fill", "gas"),
            Feature("note", "text", "words", "", (), None, None, "reject", None),
            PLAIN._replace(name="age", mean=30, std=12.5),
            PLAIN._replace(name="town", kind="category", categories=("Ely", "Bath"), codes=(3, 1)),
            PLAIN._replace(name="street", kind="category", categories=("a", "b"), encode="one-hot"),
            PLAIN._replace(
                name="ad", kind="text", text=TextOptions("tokenizer.json", 64, "longest", {})
            ),
            PLAIN._replace(name="reply", kind="text", second_of="ad"),
            PLAIN._replace(
                name="view",
                kind="image",
                tensor="pixels",
                image=ImageOptions(size=(8, 9), invert=True, mean=(0.5,)),
            ),
        ),
        outputs=(
            Output("price", "price", "dollars", ()),
            Output("size", "label", "", ("small", "large")),
            Output("dear", "logits", "", (), "sigmoid", column=1, threshold=0.5),
            Output("kinds", "logits", "", ("flat", "house"), take="top-k", k=2),
        ),
        error_threshold=0.1,
        output_prefix="predicted_",
        long_rows="mark",
        tokens_per_run=1000,
        values_per_run=2000,
        tolerance=1e-4,
        extensions=True,
    )


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("", "live: expected a whole number, got nothing"),
        ("live = true", "live: expected a whole number, got True"),
        ('live = "1"', "live: expected a whole number, got '1'"),
        ("live = 1\ntitle = 5", "title: expected a string, got 5"),
        ("live = 1\nthreads = 0", "threads: expected a whole number from 1 to 64, got 0"),
        ("live = 1\nthreads = 65", "threads: expected a whole number from 1 to 64, got 65"),
        ("live = 1\nthreads = true", "threads: expected a whole number, got True"),
        (
            "live = 1\nthread = 2",
            (
                "thread: expected only batch, runs, golden, graph, live, title, description, "
                "owner, licence, intended_use, limits, threads, features, outputs, source, got an "
                "unknown key"
            ),
        ),
        (
            "live = 1\n[outputs.y]\nlabel = 2",
            (
                "outputs.y.label: expected only tensor, description, labels, activation, index, "
                "threshold, take, k, got an unknown key"
            ),
        ),
        (
            "live = 1\n[outputs.y]\nlabels = [1]",
            "outputs.y.labels: expected an array of different strings, got [1]",
        ),
        ("live = 1\nfeatures = []", "features: expected a table, got []"),
        ("live = 1\n[features]\na = 1", "features.a: expected a table, got 1"),
    ],
)
def test_a_wrong_card_names_the_key_and_what_was_expected(toml: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse(toml)

    assert str(raised.value) == f"model.toml: {sentence}"


@pytest.mark.parametrize(
    ("feature", "sentence"),
    [
        ("", 'kind: expected one of "number", "category", "text", "image", got nothing'),
        (
            'kind = "float"',
            'kind: expected one of "number", "category", "text", "image", got \'float\'',
        ),
        (
            'kind = "text", kinds = 1',
            (
                "kinds: expected only kind, missing, tensor, description, categories, minimum, "
                "maximum, fill, second_of, tokenizer, max_tokens, padding, tensors, got an unknown "
                "key"
            ),
        ),
        (
            'kind = "number", missing = "skip"',
            'missing: expected one of "reject", "nan", "fill", got \'skip\'',
        ),
        ('kind = "number", minimum = true', "minimum: expected a number, got True"),
        ('kind = "number", maximum = "9"', "maximum: expected a number, got '9'"),
        ('kind = "number", minimum = nan', "minimum: expected a finite number, got nan"),
        (
            'kind = "number", minimum = 3, maximum = 2.5',
            "minimum: expected at most the maximum of 2.5, got 3",
        ),
        (
            'kind = "number", categories = ["a"]',
            'categories: expected kind = "category" beside it, got number',
        ),
        (
            'kind = "text", categories = ["a"]',
            'categories: expected kind = "category" beside it, got text',
        ),
        (
            'kind = "text", minimum = 1',
            'minimum, maximum: expected kind = "number" beside them, got text',
        ),
        (
            'kind = "category", maximum = 1',
            'minimum, maximum: expected kind = "number" beside them, got category',
        ),
        (
            'kind = "text", missing = "nan"',
            'missing: expected "reject" or "fill" unless kind = "number", got nan',
        ),
        (
            'kind = "number", fill = 1',
            'fill: expected a value exactly when missing = "fill", got 1',
        ),
        (
            'kind = "number", missing = "fill"',
            'fill: expected a value exactly when missing = "fill", got nothing',
        ),
        (
            'kind = "number", missing = "nan", fill = 0',
            'fill: expected a value exactly when missing = "fill", got 0',
        ),
        ('kind = "number", missing = "fill", fill = "0"', "fill: expected a number, got '0'"),
        ('kind = "text", missing = "fill", fill = 0', "fill: expected a string, got 0"),
        (
            'kind = "number", missing = "fill", fill = 0, minimum = 1',
            "fill: expected a number from 1 to inf, got 0",
        ),
        (
            'kind = "category", missing = "fill", fill = "c", categories = ["a", "b"]',
            "fill: expected one of the categories, got 'c'",
        ),
        ('kind = "text", tensor = 1', "tensor: expected a string, got 1"),
        (
            'kind = "category", encode = "hot"',
            'encode: expected one of "index", "one-hot", got \'hot\'',
        ),
        (
            'kind = "category", encode = "index"',
            "encode: expected categories beside it, got 'index'",
        ),
        (
            'kind = "category", encode = "index", codes = { a = 1 }',
            "encode: expected none beside codes, got 'index'",
        ),
        (
            'kind = "category", categories = ["a", "b"], codes = { a = 1 }',
            "codes: expected a number for each of the categories, got a",
        ),
        (
            'kind = "category", codes = { a = "1" }',
            "codes.a: expected a finite number, got '1'",
        ),
        ('kind = "number", std = 0', "std: expected a number above 0, got 0"),
        ('kind = "text", max_tokens = 5', "max_tokens: expected tokenizer beside it, got none"),
        (
            'kind = "text", tokenizer = "../tokenizer.json"',
            ("tokenizer: expected the name of a file beside model.onnx, got '../tokenizer.json'"),
        ),
        (
            'kind = "text", tokenizer = "t", max_tokens = 0',
            "max_tokens: expected a whole number from 1 to 65,536, got 0",
        ),
        (
            'kind = "text", tokenizer = "t", tensors = { ids = "x" }',
            (
                "tensors.ids: expected only input_ids, attention_mask, token_type_ids, got an "
                "unknown key"
            ),
        ),
        (
            'kind = "text", tokenizer = "t", tensor = "x"',
            "tensor: expected none where text is tokenized: see tensors, got x",
        ),
        (
            'kind = "text", tokenizer = "t", second_of = "b"',
            "tokenizer: expected none beside second_of, got 't'",
        ),
        (
            'kind = "text", second_of = "b"',
            (
                "second_of: expected a feature above it with a tokenizer, and no other second "
                "text, got 'b'"
            ),
        ),
        (
            'kind = "text", tokenizer = "t", padding = "longest"',
            (
                'padding: expected "fixed", or [golden] with a tolerance: bits depend on the rows '
                'of a run, got "longest" alone'
            ),
        ),
        (
            'kind = "text", tokenizer = "t", max_tokens = 65537',
            "max_tokens: expected a whole number from 1 to 65,536, got 65537",
        ),
        (
            'kind = "image", size = [0, 8]',
            "size: expected a height and a width from 1 to 16,384 pixels, got [0, 8]",
        ),
        (
            'kind = "image", size = [8, 16385]',
            "size: expected a height and a width from 1 to 16,384 pixels, got [8, 16385]",
        ),
        (
            'kind = "image", size = [true, 8]',
            "size: expected a height and a width in pixels, got [True, 8]",
        ),
        (
            'kind = "image", size = [8192, 8192]',
            (
                "size: expected at most 67,108,864 values, one for each channel of each pixel, "
                "got 201,326,592 of [8192, 8192]"
            ),
        ),
        ('kind = "image", invert = 1', "invert: expected a boolean, got 1"),
        ('kind = "image", missing = "fill"', IMAGE_KEYS),
    ],
)
def test_a_wrong_feature_names_itself(feature: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse(f"live = 1\n[features]\narea = {{ {feature} }}")

    assert str(raised.value) == f"model.toml: features.area.{sentence}"


@pytest.mark.parametrize(
    "feature",
    [
        'kind = "text", tokenizer = "t", max_tokens = 65_536',
        'kind = "image", size = [8192, 8192], colors = "grey"',
        'kind = "image", size = [16_384, 1]',
    ],
)
def test_a_feature_may_be_as_large_as_its_limit(feature: str) -> None:
    assert parse(f"live = 1\n[features]\narea = {{ {feature} }}").features[0].name == "area"


@pytest.mark.parametrize("share_or_count", [0.0, 0.25, 1.0, 0, 1, 1000])
def test_bad_rows_are_allowed_by_share_or_by_count(share_or_count: float) -> None:
    card = parse(f"live = 1\n[batch]\nerror_threshold = {share_or_count}")

    assert card.error_threshold == share_or_count
    assert type(card.error_threshold) is type(share_or_count)


@pytest.mark.parametrize("threshold", ["-0.1", "1.1", "2.0", "-1"])
def test_a_threshold_that_is_neither_share_nor_count_is_refused(threshold: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse(f"live = 1\n[batch]\nerror_threshold = {threshold}")

    assert str(raised.value) == (
        "model.toml: batch.error_threshold: expected a share from 0.0 to 1.0, "
        f"or a whole number of rows, got {threshold}"
    )


@pytest.mark.parametrize(
    ("batch", "sentence"),
    [
        ("error_threshold = true", "error_threshold: expected a number, got True"),
        ('long_rows = "cut"', 'long_rows: expected one of "reject", "mark", got \'cut\''),
        (
            "threshold = 1",
            (
                "threshold: expected only error_threshold, output_prefix, long_rows, "
                "got an unknown key"
            ),
        ),
    ],
)
def test_a_wrong_batch_setting_names_itself(batch: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse(f"live = 1\n[batch]\n{batch}")

    assert str(raised.value) == f"model.toml: batch.{sentence}"


def test_the_card_stands_one_directory_up(tmp_path: Path) -> None:
    version = tmp_path / "1"
    version.mkdir()
    (tmp_path / "model.toml").write_text('live = 1\ntitle = "above"')

    assert read_card(version) == Card(live=1, title="above", source=str(tmp_path / "model.toml"))


def test_the_card_beside_the_model_comes_first(tmp_path: Path) -> None:
    version = tmp_path / "1"
    version.mkdir()
    (tmp_path / "model.toml").write_text('live = 1\ntitle = "above"')
    (version / "model.toml").write_text('live = 1\ntitle = "beside"')

    assert read_card(version) == Card(live=1, title="beside", source=str(version / "model.toml"))


def test_without_a_card_everything_is_default(tmp_path: Path) -> None:
    version = tmp_path / "models" / "example" / "1"
    version.mkdir(parents=True)
    (tmp_path / "models" / "model.toml").write_text('live = 1\ntitle = "too far up"')

    assert read_card(version) == Card()


@pytest.mark.parametrize("live", ["9" * 400, "9" * 5000, "[" * 5000])
def test_a_card_beyond_reason_is_named_by_its_file(tmp_path: Path, live: str) -> None:
    (tmp_path / "model.toml").write_text(f"live = {live}")

    with pytest.raises(ConfigurationError, match=rf"^{tmp_path}/model\.toml: .*expected .*, got "):
        read_card(tmp_path / "1")


def test_a_wrong_card_is_named_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text("live = 1.5")

    with pytest.raises(ConfigurationError) as raised:
        read_card(tmp_path / "1")

    assert str(raised.value) == f"{tmp_path}/model.toml: live: expected a whole number, got 1.5"
