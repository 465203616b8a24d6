"""A recording keeps what was done, by whom and how often, also on its way through a file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iam.access import OVER_TLS, Access, Need
from iam.recording import Recorder, Recording, from_lines, to_line
from tests.iam.conftest import Sent

ACCESSES = st.builds(
    Access,
    st.text(),
    st.builds(
        Need, st.text(), st.text(), st.lists(st.tuples(st.text(), st.text()), max_size=3).map(tuple)
    ),
)


def test_a_recorder_writes_down_what_each_call_needed(sent: Sent) -> None:
    recording = Recording()
    recorder = Recorder(recording, "a role")

    for version in ("v1", "v2"):
        source = {"Bucket": "results", "Key": "housing/rows.csv", "VersionId": version}
        recorder.witness(sent("s3", "get_object", **source), 200)

    need = Need("s3:GetObjectVersion", "arn:aws:s3:::results/housing/rows.csv", (OVER_TLS,))
    [access] = recording
    assert access == Access("a role", need)
    assert recording.operations(access) == {"GetObject": 2}


@given(ACCESSES, st.text())
def test_a_line_of_a_file_says_all_there_is_to_an_access(access: Access, operation: str) -> None:
    line = to_line(access, operation)

    recording = from_lines([line])
    assert line.count("\n") == 1
    assert {access: recording.operations(access) for access in recording} == {
        access: {operation: 1}
    }
