"""What a function's answer to a batch of messages means to Lambda's event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: an empty or null
response, or an empty or null list in it, is complete success. Invalid JSON, an empty, null or
unknown identifier, or an entry with another key is complete failure.
"""

from __future__ import annotations

import json


def failed_messages(answer: bytes, message_ids: frozenset[str]) -> frozenset[str]:
    """The messages that stay in the queue."""
    try:
        failures = _reported(json.loads(answer))
        identifiers = frozenset(failure["itemIdentifier"] for failure in failures)
    except (ValueError, TypeError, KeyError, RecursionError):
        return message_ids
    return identifiers if identifiers <= message_ids else message_ids


def _reported(response: object) -> list[dict[str, str]]:
    if response is None:
        return []
    if not isinstance(response, dict):
        raise TypeError(f"expected an object, got {type(response).__name__}")
    failures = response.get("batchItemFailures") or []
    if not isinstance(failures, list):
        raise TypeError(f"expected a list of failures, got {type(failures).__name__}")
    return failures
