from __future__ import annotations

from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from delivery.job import Source
from delivery.manifest import Manifest, ModelIdentity, Output, OutputPart, Timings
from formats.row_file import RowCounts, RowError

PART = OutputPart(None, None, 42, "f" * 64)
SUCCEEDED = Manifest(
    job="j" * 64,
    status="succeeded",
    source=Source("inbox", "example/été.csv", "v1", "e1"),
    model=ModelIdentity("example", 3, "d" * 64),
    rows=RowCounts(total=3, ok=2, bad=1),
    errors=(RowError(2, "X_0", "a number", '"x"'),),
    reason=None,
    output=Output("results", "example/été.csv", "o1", 42, None, (PART,)),
    timings=Timings("2026-01-01T00:00:00.000+00:00", "2026-01-01T00:00:01.000+00:00"),
)


def test_a_manifest_says_everything_about_its_job() -> None:
    document = dedent(
        f"""\
        {{
          "job": "{"j" * 64}",
          "status": "succeeded",
          "source": {{
            "bucket": "inbox",
            "key": "example/été.csv",
            "version": "v1",
            "etag": "e1"
          }},
          "model": {{
            "name": "example",
            "version": 3,
            "digest": "{"d" * 64}"
          }},
          "rows": {{
            "in": 3,
            "ok": 2,
            "bad": 1
          }},
          "errors": [
            {{
              "row": 2,
              "column": "X_0",
              "expected": "a number",
              "got": "\\"x\\""
            }}
          ],
          "reason": null,
          "output": {{
            "bucket": "results",
            "key": "example/été.csv",
            "version": "o1",
            "size": 42,
            "sha256": null,
            "parts": [
              {{
                "key": null,
                "version": null,
                "size": 42,
                "sha256": "{"f" * 64}"
              }}
            ]
          }},
          "timings": {{
            "started": "2026-01-01T00:00:00.000+00:00",
            "ended": "2026-01-01T00:00:01.000+00:00"
          }}
        }}"""
    )

    assert SUCCEEDED.to_json().decode() == document


texts = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x2FFF), max_size=8)
counts = st.integers(0, 2**53)
sources = st.builds(Source, texts, texts, st.none() | texts, st.none() | texts)
parts = st.builds(OutputPart, st.none() | texts, st.none() | texts, counts, texts)
outputs = st.builds(
    Output,
    texts,
    texts,
    st.none() | texts,
    counts,
    st.none() | texts,
    st.lists(parts, max_size=3).map(tuple),
)
manifests = st.builds(
    Manifest,
    job=texts,
    status=st.sampled_from(["succeeded", "failed"]),
    source=sources,
    model=st.builds(ModelIdentity, texts, counts, texts),
    rows=st.builds(RowCounts, counts, counts, counts),
    errors=st.lists(st.builds(RowError, counts, st.none() | texts, texts, texts), max_size=3).map(
        tuple
    ),
    reason=st.none() | texts,
    output=st.none() | outputs,
    timings=st.builds(Timings, texts, texts),
)


@given(manifests)
def test_a_manifest_comes_back_from_json_as_it_was(manifest: Manifest) -> None:
    assert Manifest.from_json(manifest.to_json()) == manifest
