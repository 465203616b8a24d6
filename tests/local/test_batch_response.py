"""The table of Lambda's documentation on partial batch responses, row by row."""

from __future__ import annotations

import pytest

from local.batch_response import failed_messages

BATCH = frozenset({"one", "two"})
NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        # complete success
        (b"null", NOTHING),
        (b"{}", NOTHING),
        (b'{"batchItemFailures": []}', NOTHING),
        (b'{"batchItemFailures": null}', NOTHING),
        (b'{"other": 1}', NOTHING),
        # partial failure
        (b'{"batchItemFailures": [{"itemIdentifier": "two"}]}', frozenset({"two"})),
        (
            b'{"batchItemFailures": [{"itemIdentifier": "one"}, {"itemIdentifier": "two"}]}',
            BATCH,
        ),
        (
            b'{"batchItemFailures": [{"itemIdentifier": "one"}, {"itemIdentifier": "one"}]}',
            frozenset({"one"}),
        ),
        # complete failure
        (b"", BATCH),
        (b"not JSON", BATCH),
        (b"[" * 100_000, BATCH),
        (b"\xff", BATCH),
        (b'"text"', BATCH),
        (b"[]", BATCH),
        (b"17", BATCH),
        (b'{"batchItemFailures": "one"}', BATCH),
        (b'{"batchItemFailures": {"itemIdentifier": "one"}}', BATCH),
        (b'{"batchItemFailures": ["one"]}', BATCH),
        (b'{"batchItemFailures": [null]}', BATCH),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', BATCH),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', BATCH),
        (b'{"batchItemFailures": [{"itemIdentifier": ["one"]}]}', BATCH),
        (b'{"batchItemFailures": [{"itemIdentifier": "three"}]}', BATCH),
        (b'{"batchItemFailures": [{"messageId": "one"}]}', BATCH),
        (b'{"batchItemFailures": [{"itemIdentifier": "one"}, {"itemIdentifier": ""}]}', BATCH),
    ],
)
def test_an_answer_decides_which_messages_stay(answer: bytes, failed: frozenset[str]) -> None:
    assert failed_messages(answer, BATCH) == failed
