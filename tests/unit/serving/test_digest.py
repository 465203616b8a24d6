"""The scoring digest changes with all that a prediction depends on, and with nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving import digest
from serving.card import Card, parse_card
from serving.digest import scoring_digest

LIBRARIES = {"onnxruntime": "1.31.1", "numpy": "2.4.6"}


@pytest.fixture
def version(tmp_path: Path) -> Path:
    directory = tmp_path / "example" / "1"
    (directory / "labels").mkdir(parents=True)
    (directory / "model.onnx").write_bytes(b"graph")
    (directory / "labels" / "en.txt").write_bytes(b"yes\nno")
    return directory


def card(toml: str) -> Card:
    return parse_card(toml.encode(), source="model.toml")


def test_the_digest_is_a_sha256_in_hex(version: Path) -> None:
    digest = scoring_digest(version, Card(), LIBRARIES)

    assert len(bytes.fromhex(digest)) == 32


def test_two_copies_of_a_version_have_one_digest(version: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(version, tmp_path / "elsewhere" / "7")

    assert scoring_digest(copy, Card(), LIBRARIES) == scoring_digest(version, Card(), LIBRARIES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(position=st.integers(0, 4), mask=st.integers(1, 255))
def test_any_bit_of_any_byte_counts(version: Path, position: int, mask: int) -> None:
    content = bytearray(b"graph")
    (version / "model.onnx").write_bytes(content)
    before = scoring_digest(version, Card(), LIBRARIES)

    content[position] ^= mask
    (version / "model.onnx").write_bytes(content)

    assert scoring_digest(version, Card(), LIBRARIES) != before


def test_bytes_that_were_read_count_instead_of_those_that_are_there_now(version: Path) -> None:
    before = scoring_digest(version, Card(), LIBRARIES)
    (version / "model.onnx").write_bytes(b"another graph")

    assert scoring_digest(version, Card(), LIBRARIES, read={"model.onnx": b"graph"}) == before


def test_a_files_name_counts(version: Path) -> None:
    before = scoring_digest(version, Card(), LIBRARIES)

    (version / "labels" / "en.txt").rename(version / "labels" / "fr.txt")

    assert scoring_digest(version, Card(), LIBRARIES) != before


def test_a_further_file_counts_even_when_it_is_empty(version: Path) -> None:
    before = scoring_digest(version, Card(), LIBRARIES)

    (version / "labels" / "fr.txt").touch()

    assert scoring_digest(version, Card(), LIBRARIES) != before


def test_a_byte_that_moves_from_one_file_to_the_next_counts(version: Path) -> None:
    (version / "a").write_bytes(b"12")
    (version / "b").write_bytes(b"3")
    before = scoring_digest(version, Card(), LIBRARIES)

    (version / "a").write_bytes(b"1")
    (version / "b").write_bytes(b"23")

    assert scoring_digest(version, Card(), LIBRARIES) != before


def test_where_the_card_stands_does_not_count(version: Path) -> None:
    here, there = (scoring_digest(version, Card(source=s), LIBRARIES) for s in ("here", "there"))

    assert here == there


def test_the_bytes_of_a_card_beside_the_model_do_not_count(version: Path) -> None:
    before = scoring_digest(version, Card(), LIBRARIES)

    (version / "model.toml").write_text("live = 1 # a comment")

    assert scoring_digest(version, Card(), LIBRARIES) == before


@pytest.mark.parametrize(
    "same_meaning",
    [
        "live = 2\ntitle = 'Houses'",
        '# a comment\ntitle = "Houses"\nlive = 1',
        "live = 1\ntitle = 'Houses'\nthreads = 1",
    ],
)
def test_a_cards_comments_defaults_and_live_version_do_not_count(
    version: Path, same_meaning: str
) -> None:
    before = scoring_digest(version, card("live = 1\ntitle = 'Houses'"), LIBRARIES)

    assert scoring_digest(version, card(same_meaning), LIBRARIES) == before


@pytest.mark.parametrize(
    "other_meaning",
    [
        "title = 'Homes'",
        "threads = 2",
        "features = { a = { kind = 'number' }, b = { kind = 'number', minimum = 0 } }",
        "features = { b = { kind = 'number' }, a = { kind = 'number' } }",
        "outputs = { y = { labels = ['no', 'yes'] } }",
        "batch = { error_threshold = 1 }",
        "batch = { error_threshold = 1.0 }",
    ],
)
def test_a_cards_meaning_counts(version: Path, other_meaning: str) -> None:
    features = "features = { a = { kind = 'number' }, b = { kind = 'number' } }"
    before = scoring_digest(version, card(f"live = 1\n{features}"), LIBRARIES)

    assert scoring_digest(version, card(f"live = 1\n{other_meaning}"), LIBRARIES) != before


def test_a_share_of_bad_rows_and_a_count_of_them_differ(version: Path) -> None:
    share = card("live = 1\nbatch = { error_threshold = 1.0 }")
    count = card("live = 1\nbatch = { error_threshold = 1 }")

    assert scoring_digest(version, share, LIBRARIES) != scoring_digest(version, count, LIBRARIES)


@pytest.mark.parametrize(
    "libraries",
    [
        {"onnxruntime": "1.31.2", "numpy": "2.4.6"},
        {"onnxruntime": "1.31.1", "numpy": "2.4.7"},
        {"onnxruntime": "2.4.6", "numpy": "1.31.1"},
    ],
)
def test_a_librarys_version_counts(version: Path, libraries: dict[str, str]) -> None:
    before = scoring_digest(version, Card(), LIBRARIES)

    assert scoring_digest(version, Card(), libraries) != before


def test_the_engines_version_counts(version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scoring_digest(version, Card(), LIBRARIES)

    monkeypatch.setattr(digest, "ENGINE_VERSION", "0")

    assert scoring_digest(version, Card(), LIBRARIES) != before
