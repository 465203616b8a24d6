from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serving.csv_records import MAX_CELL_CHARACTERS, Record, records_of
from serving.errors import MalformedInputError
from serving.lines import BOM, lines_of

# A cell as it is written: plain with a literal quote inside, quoted with anything in it, and both.
plain = st.text(st.sampled_from("ab 1;\té\x00"), max_size=4)
quoted = st.text(st.sampled_from('ab,"\n\r 1'), max_size=6).map(
    lambda text: '"' + text.replace('"', '""') + '"'
)
literal_quote = st.builds('{}"{}'.format, plain.filter(bool), plain)
cells = st.one_of(plain, quoted, literal_quote, st.builds("{}{}".format, quoted, plain))
record_texts = st.lists(cells, max_size=4).map(",".join)
endings = st.sampled_from(["\n", "\r\n"])
files = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", BOM]),
    st.lists(st.builds("{}{}".format, record_texts, endings), max_size=6).map("".join),
    record_texts,
)


def read(text: str) -> list[Record]:
    return list(records_of(lines_of([text.encode()])))


@given(files)
@example("a\r\n\r\n1\r")
@example("a\n1\r\r\n2")
@example('\ufeff"a\nb",c\n')
def test_the_records_together_are_the_file_byte_for_byte(text: str) -> None:
    records = read(text)

    assert "".join(record.text + record.ending for record in records) == text
    assert {record.ending for record in records[:-1]} <= {"\n", "\r\n", "\r\r\n"}
    assert not any(record.text.endswith(("\r", "\n")) for record in records)


@given(files.filter(lambda text: text != BOM))
def test_the_cells_are_those_that_python_reads(text: str) -> None:
    cells = [record.cells for record in read(text)]

    assert cells == list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ('5" pipe,"6"" pipe"\n', Record('5" pipe,"6"" pipe"', "\n", ['5" pipe', '6" pipe'])),
        ('"a,b\r\nc",d\r\n', Record('"a,b\r\nc",d', "\r\n", ["a,b\r\nc", "d"])),
        ('"a"b,c', Record('"a"b,c', "", ["ab", "c"])),
        ("\ufeffa,b\n", Record("\ufeffa,b", "\n", ["a", "b"])),
        ("\r\n", Record("", "\r\n", [])),
        ("1,2\r", Record("1,2", "\r", ["1", "2"])),
        (",\n", Record(",", "\n", ["", ""])),
        ('""\n', Record('""', "\n", [""])),
    ],
)
def test_a_record_keeps_its_text_beside_its_cells(text: str, record: Record) -> None:
    assert read(text) == [record]


@pytest.mark.parametrize("text", ['a\n"b', 'a\nb,"', 'a\n"b\n\n', 'a\n"b""'])
def test_a_quote_that_never_closes_makes_a_bad_file(text: str) -> None:
    with pytest.raises(
        MalformedInputError, match="expected a closing quote before the end, got none"
    ):
        read(text)


@pytest.mark.parametrize(
    "text",
    ["a\nb\rc\n", 'a\n"b"\rc\n', f"a\n{'1' * (MAX_CELL_CHARACTERS + 1)}\n"],
    ids=["a lone carriage return", "one behind a quote", "an endless cell"],
)
def test_what_cannot_be_a_record_makes_a_bad_file_that_names_the_line(text: str) -> None:
    with pytest.raises(
        MalformedInputError, match=r"^line 2: expected records that end in line feeds"
    ):
        read(text)


def test_a_quoted_cell_holds_a_lone_carriage_return() -> None:
    assert read('"a\rb",c\n') == [Record('"a\rb",c', "\n", ["a\rb", "c"])]


def test_a_quote_that_closes_too_late_is_given_up_before_it_fills_the_memory() -> None:
    endless = iter(['"never closed\n', *["x" * 1000 + "\n"] * 10_000, '"\n'])

    with pytest.raises(MalformedInputError, match=r"^line 10\d\d: "):
        list(records_of(endless))

    assert sum(1 for _ in endless) > 8_000


def test_a_record_that_never_ends_is_given_up_before_it_fills_the_memory() -> None:
    endless = iter(['"\n', *["x" * 1000 + '","\n'] * 20_000])

    with pytest.raises(
        MalformedInputError, match=r"expected records of up to 8388608 characters, got"
    ):
        list(records_of(endless))

    assert sum(1 for _ in endless) > 10_000
