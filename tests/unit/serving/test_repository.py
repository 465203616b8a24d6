"""A models directory is read as it stands, and what cannot serve is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.card import Card
from serving.errors import ConfigurationError
from serving.repository import FETCHED, ModelVersion, live_version, live_versions, versions_of


def make(models: Path, *versions: str) -> None:
    for version in versions:
        (models / version).mkdir(parents=True)
        (models / version / "model.onnx").touch()


def test_without_a_card_the_highest_version_is_live(tmp_path: Path) -> None:
    make(tmp_path, "housing/2", "housing/9", "housing/10")

    live = live_version(tmp_path / "housing")

    assert live == ModelVersion("housing", 10, tmp_path / "housing" / "10", Card())


def test_with_a_card_its_version_is_live(tmp_path: Path) -> None:
    make(tmp_path, "housing/1", "housing/2")
    (tmp_path / "housing" / "model.toml").write_text("live = 1")

    live = live_version(tmp_path / "housing")

    card = Card(live=1, source=str(tmp_path / "housing" / "model.toml"))
    assert live == ModelVersion("housing", 1, tmp_path / "housing" / "1", card)


def test_the_live_versions_own_card_is_its_card(tmp_path: Path) -> None:
    make(tmp_path, "housing/1", "housing/2")
    (tmp_path / "housing" / "model.toml").write_text("live = 1")
    (tmp_path / "housing" / "1" / "model.toml").write_text('live = 1\ntitle = "the first"')

    live = live_version(tmp_path / "housing")

    path = tmp_path / "housing" / "1" / "model.toml"
    assert live.card == Card(live=1, title="the first", source=str(path))


def test_a_card_that_calls_a_missing_version_live_is_told_which_there_are(tmp_path: Path) -> None:
    make(tmp_path, "housing/1", "housing/10", "housing/9")
    (tmp_path / "housing" / "model.toml").write_text("live = 2")

    with pytest.raises(ConfigurationError) as raised:
        live_version(tmp_path / "housing")

    assert str(raised.value) == (
        f"{tmp_path}/housing/model.toml: live: expected one of 1, 9, 10, got 2; {FETCHED}"
    )


def test_a_model_file_of_another_name_is_to_be_renamed(tmp_path: Path) -> None:
    make(tmp_path, "housing/1")
    (tmp_path / "housing" / "1" / "model.onnx").rename(tmp_path / "housing" / "1" / "mood.onnx")

    with pytest.raises(ConfigurationError) as raised:
        live_version(tmp_path / "housing")

    assert str(raised.value) == (
        f"{tmp_path}/housing: expected <version>/model.onnx, where <version> is a whole number, "
        "found none; rename 1/mood.onnx to <version>/model.onnx"
    )


def test_a_live_version_whose_model_file_has_another_name_is_to_be_renamed(tmp_path: Path) -> None:
    make(tmp_path, "housing/1", "housing/2")
    (tmp_path / "housing" / "model.toml").write_text("live = 2")
    (tmp_path / "housing" / "2" / "model.onnx").rename(tmp_path / "housing" / "2" / "mood.onnx")

    with pytest.raises(ConfigurationError, match=r"got 2; rename 2/mood\.onnx to <version>/model"):
        live_version(tmp_path / "housing")


def test_versions_are_whole_numbers_written_in_one_way_with_a_model_in_them(
    tmp_path: Path,
) -> None:
    make(tmp_path, "0", "7", "12", "07", "-1", "1.5", "v2", "٣", "latest")
    (tmp_path / "13").mkdir()
    (tmp_path / "14").touch()

    assert versions_of(tmp_path) == {
        0: tmp_path / "0",
        7: tmp_path / "7",
        12: tmp_path / "12",
    }


def test_models_come_by_name(tmp_path: Path) -> None:
    make(tmp_path, "zebra/1", "apple/3", "m-2/1", "2nd/1")

    models = [(model.name, model.version) for model in live_versions(tmp_path)]

    assert models == [("2nd", 1), ("apple", 3), ("m-2", 1), ("zebra", 1)]


def test_files_and_directories_that_start_with_dot_or_underscore_are_passed_over(
    tmp_path: Path,
) -> None:
    make(tmp_path, "housing/1", ".git/1", "_drafts/1")
    (tmp_path / "README.md").touch()

    assert [model.name for model in live_versions(tmp_path)] == ["housing"]


@pytest.mark.parametrize("name", ["Housing", "-housing", "house_prices", "häuser", "a" * 33, "a b"])
def test_a_directory_that_cannot_be_a_models_name_is_to_be_renamed(
    tmp_path: Path, name: str
) -> None:
    make(tmp_path, f"{name}/1")

    with pytest.raises(ConfigurationError) as raised:
        live_versions(tmp_path)

    assert str(raised.value) == (
        f"{tmp_path}/{name}: expected a model name of up to 32 lower-case letters, digits and "
        f"hyphens, got {name!r}; rename the directory"
    )


def test_a_model_without_versions_is_named(tmp_path: Path) -> None:
    make(tmp_path, "apple/1")
    make(tmp_path, "housing/.fetching-1")

    with pytest.raises(ConfigurationError) as raised:
        live_versions(tmp_path)

    assert (
        str(raised.value)
        == f"{tmp_path}/housing: expected <version>/model.onnx, where <version> is a whole "
        f"number, found none; {FETCHED}"
    )


def test_a_directory_without_models_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        live_versions(tmp_path)

    assert str(raised.value) == f"{tmp_path}: expected <name>/<version>/model.onnx, found no model"


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        live_versions(tmp_path / "modles")

    assert str(raised.value) == f"{tmp_path}/modles: expected a directory of models, found none"
