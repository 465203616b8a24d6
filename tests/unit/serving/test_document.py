"""A TOML document is taken apart so that every mistake is named where it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from serving.document import Table
from serving.errors import ConfigurationError


def table(toml: str) -> Table:
    return Table.parse(toml.encode(), source="model.toml")


def test_keys_are_taken_by_their_type() -> None:
    document = table(
        """
        title = "Houses"
        live = 2
        share = 0.5
        count = 3
        names = ["a", "b"]
        kind = "text"
        [batch]
        output_prefix = "p_"
        """
    )

    taken = (
        document.text("title"),
        document.required("live", int),
        document.number("share"),
        document.number("count"),
        document.texts("names"),
        document.choice("kind", ("text", "number")),
        document.table("batch").text("output_prefix"),
    )

    assert taken == ("Houses", 2, 0.5, 3, ("a", "b"), "text", "p_")


def test_keys_that_are_not_there_have_defaults() -> None:
    document = table("")

    taken = (
        document.text("title"),
        document.text("title", default="untitled"),
        document.optional("live", int),
        document.number("share"),
        document.positive("threads", default=2),
        document.texts("names"),
        document.choice("kind", ("text", "number"), default="text"),
        document.tables("features"),
    )

    assert taken == ("", "untitled", None, None, 2, (), "text", [])


@pytest.mark.parametrize(
    ("toml", "take", "sentence"),
    [
        ("k = 1", lambda t: t.text("k"), "k: expected a string, got 1"),
        ('k = "1"', lambda t: t.required("k", int), "k: expected a whole number, got '1'"),
        ("k = 1.0", lambda t: t.required("k", int), "k: expected a whole number, got 1.0"),
        ("k = true", lambda t: t.required("k", int), "k: expected a whole number, got True"),
        ("", lambda t: t.required("k", int), "k: expected a whole number, got nothing"),
        ("k = false", lambda t: t.number("k"), "k: expected a number, got False"),
        ("k = nan", lambda t: t.number("k"), "k: expected a finite number, got nan"),
        ("k = -inf", lambda t: t.number("k"), "k: expected a finite number, got -inf"),
        ("k = 0", lambda t: t.positive("k", default=1), "k: expected a whole number from 1, got 0"),
        (
            "k = 9",
            lambda t: t.positive("k", default=1, most=8),
            "k: expected a whole number from 1 to 8, got 9",
        ),
        (
            "k = 0",
            lambda t: t.optional_positive("k"),
            "k: expected a whole number from 1, got 0",
        ),
        ('k = "a"', lambda t: t.texts("k"), "k: expected a list, got 'a'"),
        (
            'k = ["a", 1]',
            lambda t: t.texts("k"),
            "k: expected an array of different strings, got ['a', 1]",
        ),
        (
            'k = ["a", "a"]',
            lambda t: t.texts("k"),
            "k: expected an array of different strings, got ['a', 'a']",
        ),
        (
            'k = "c"',
            lambda t: t.choice("k", ("a", "b")),
            'k: expected one of "a", "b", got \'c\'',
        ),
        ("", lambda t: t.choice("k", ("a", "b")), 'k: expected one of "a", "b", got nothing'),
        ("k = 1", lambda t: t.table("k"), "k: expected a table, got 1"),
        ("[k]\na = 1", lambda t: t.tables("k"), "k.a: expected a table, got 1"),
    ],
)
def test_a_mistake_names_file_and_key_and_what_was_expected_and_what_came(
    toml: str, take: Callable[[Table], object], sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        take(table(toml))

    assert str(raised.value) == f"model.toml: {sentence}"


def test_a_mistake_in_a_table_of_tables_names_its_whole_path() -> None:
    [(name, feature)] = table("[features.area]\nminimum = true").tables("features")

    with pytest.raises(ConfigurationError) as raised:
        feature.number("minimum")

    assert name == "area"
    assert str(raised.value) == "model.toml: features.area.minimum: expected a number, got True"


def test_what_nobody_asked_for_is_refused_with_the_keys_that_are_known() -> None:
    document = table("title = 'Houses'\ntitel = 'Hauses'")
    document.text("title")
    document.text("owner")

    with pytest.raises(ConfigurationError) as raised:
        document.refuse_the_rest()

    assert str(raised.value) == "model.toml: titel: expected only title, owner, got an unknown key"


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        (f"live = {'9' * 400}", "live: expected a whole number of 64 bits, got one of 1329 bits"),
        (f"live = {2**63}", "live: expected a whole number of 64 bits, got one of 64 bits"),
        (
            f"live = 0x{'f' * 5000}",
            "live: expected a whole number of 64 bits, got one of 20000 bits",
        ),
        (
            f"[a]\nb = [{{ c = [1, {'9' * 20}] }}]",
            "a.b.c: expected a whole number of 64 bits, got one of 67 bits",
        ),
        (
            f"live = {'9' * 5000}",
            "expected a whole number of 64 bits, got one of thousands of digits",
        ),
        (
            f"live = {'[' * 5000}",
            "expected tables and arrays a few levels deep, got hundreds of levels",
        ),
        (
            f"{'.'.join('a' * 5000)} = 1",
            "expected tables and arrays a few levels deep, got hundreds of levels",
        ),
    ],
)
def test_what_no_toml_holds_is_refused(toml: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        table(toml)

    assert str(raised.value) == f"model.toml: {sentence}"


@pytest.mark.parametrize("toml", [b"live = ", b"live = 1\nlive = 2", b'title = "\xff"', b"\x00"])
def test_what_is_not_toml_is_refused_by_file(toml: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"^models/a/model\.toml: expected valid TOML: "):
        Table.parse(toml, source="models/a/model.toml")
