"""A function's output, as a person at a terminal wants to read it."""

from __future__ import annotations

import json

# Constant for a function, said by the front already, or meant for machines.
UNSAID = {
    "level",
    "location",
    "message",
    "timestamp",
    "service",
    "model",
    "model_version",
    "digest",
    "cold_start",
    "xray_trace_id",
    "source_version",
}
UNSAID_PREFIXES = ("_", "function_", "http_")


def readable(text: str) -> str | None:
    """A structured line without what repeats; other text as it is. None for what says nothing new:
    the line of a request, which the front logs itself."""
    try:
        line = json.loads(text)
    except ValueError:
        return text
    if not isinstance(line, dict) or "message" not in line:
        return text
    if line["message"] == "request" and line.get("http_status", 0) < 500:  # noqa: PLR2004
        return None
    level = "" if line.get("level") == "INFO" else f"{line.get('level')} "
    said = " ".join(f"{key}={value}" for key, value in line.items() if _is_news(key, value))
    return f"{level}{line['message']} {said}".rstrip()


def _is_news(key: str, value: object) -> bool:
    # Metrics are lists in the embedded metric format.
    metric = isinstance(value, list) and key[:1].isupper()
    return not metric and key not in UNSAID and not key.startswith(UNSAID_PREFIXES)
