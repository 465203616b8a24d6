from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.errors import BadFileError
from formats.format import FORMATS, RESERVED, format_of, result_key

KEYS = st.lists(
    st.sampled_from([*FORMATS, *RESERVED, ".json", ".JPG", ".gz", ".manifest", "/a", "é"]),
    max_size=4,
).map(lambda endings: "example/x" + "".join(endings))


@pytest.mark.parametrize(
    ("key", "result"),
    [
        ("example/rows.csv", "example/rows.csv"),
        ("example/rows.JSONL.gz", "example/rows.JSONL.gz"),
        ("example/rows.parquet", "example/rows.parquet"),
        ("example/x.png", "example/x.png.json"),
        ("example/x.y.JPEG", "example/x.y.JPEG.json"),
        ("example/x.zip", "example/x.zip.jsonl"),
        ("example/x.v2.tar.gz", "example/x.v2.tar.gz.jsonl"),
        ("example/x.png.json", None),
        ("example/x.png.gz", None),
        ("example/x.zip.jsonl", None),
        ("example/x.Tar.GZ.jsonl", None),
    ],
)
def test_a_result_has_its_files_key_with_an_ending_where_its_format_is_another(
    key: str, result: str | None
) -> None:
    assert result_key(key) == result


@given(one=KEYS, other=KEYS)
def test_no_two_files_have_their_results_at_one_key(one: str, other: str) -> None:
    results = {result_key(one), result_key(other)} - {None}

    assert len(results) == len({one, other} & {k for k in (one, other) if result_key(k)})


def test_a_key_that_the_result_of_an_archive_would_have_is_refused() -> None:
    with pytest.raises(BadFileError) as raised:
        format_of("example/x.zip.jsonl")

    assert str(raised.value) == (
        "expected no key that ends in .zip.jsonl, .tar.jsonl, .tar.gz.jsonl, .tgz.jsonl, as the "
        "results of archives do, got 'example/x.zip.jsonl'"
    )
