"""The card says what a model means, and a wrong one says where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.card import Card, Feature, Output, parse_card, read_card
from serving.errors import ConfigurationError


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

        [outputs]
        price = { description = "dollars" }
        size = { tensor = "label", labels = ["small", "large"] }

        [batch]
        error_threshold = 0.1
        output_prefix = "predicted_"
        long_rows = "mark"
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
        ),
        outputs=(
            Output("price", "price", "dollars", ()),
            Output("size", "label", "", ("small", "large")),
        ),
        error_threshold=0.1,
        output_prefix="predicted_",
        long_rows="mark",
    )


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("", "live: expected a whole number, got nothing"),
        ("live = true", "live: expected a whole number, got True"),
        ('live = "1"', "live: expected a whole number, got '1'"),
        ("live = 1\ntitle = 5", "title: expected a string, got 5"),
        ("live = 1\nthreads = 0", "threads: expected a whole number from 1, got 0"),
        ("live = 1\nthreads = true", "threads: expected a whole number, got True"),
        (
            "live = 1\nthread = 2",
            (
                "thread: expected only batch, live, title, description, owner, licence, "
                "intended_use, limits, threads, features, outputs, got an unknown key"
            ),
        ),
        (
            "live = 1\n[outputs.y]\nlabel = 2",
            "outputs.y.label: expected only tensor, description, labels, got an unknown key",
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
        ("", 'kind: expected one of "number", "category", "text", got nothing'),
        ('kind = "float"', 'kind: expected one of "number", "category", "text", got \'float\''),
        (
            'kind = "text", kinds = 1',
            (
                "kinds: expected only kind, missing, tensor, description, categories, minimum, "
                "maximum, fill, got an unknown key"
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
            'fill: expected a value exactly when missing = "fill", got None',
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
    ],
)
def test_a_wrong_feature_names_itself(feature: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse(f"live = 1\n[features]\narea = {{ {feature} }}")

    assert str(raised.value) == f"model.toml: features.area.{sentence}"


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

    assert read_card(version) == Card(live=1, title="above")


def test_the_card_beside_the_model_comes_first(tmp_path: Path) -> None:
    version = tmp_path / "1"
    version.mkdir()
    (tmp_path / "model.toml").write_text('live = 1\ntitle = "above"')
    (version / "model.toml").write_text('live = 1\ntitle = "beside"')

    assert read_card(version) == Card(live=1, title="beside")


def test_without_a_card_everything_is_default(tmp_path: Path) -> None:
    version = tmp_path / "models" / "example" / "1"
    version.mkdir(parents=True)
    (tmp_path / "models" / "model.toml").write_text('live = 1\ntitle = "too far up"')

    assert read_card(version) == Card()


def test_a_wrong_card_is_named_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text("live = 1.5")

    with pytest.raises(ConfigurationError) as raised:
        read_card(tmp_path / "1")

    assert str(raised.value) == f"{tmp_path}/model.toml: live: expected a whole number, got 1.5"
