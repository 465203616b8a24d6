"""Damage: requests that no longer are what they were, in values, in bytes or around them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from fuzz.events import Event

# Text that stands for itself in a JSON document, lawful or not.
FRAGMENTS = [
    "null", "true", "false", "NaN", "-Infinity", "1e999", "-1e999", "1.9", "-0", "1E5", '""', "[]",
    "{}", "[[]]", '"1.5"', '"nan"', '"\\ud800"', '"\\u0000"', '{"a":1,"a":2}', "01", "1_0", "'x'",
    "9" * 400, "18446744073709551616", "-9223372036854775809", "1e-400", "[" * 2000, '{"a":' * 1500,
    "[" * 60 + "]" * 60, '{"instances": []}', '"' + "x" * 3000 + '"', "\ufeff", "\x00", "//", ",",
]  # fmt: skip
MARKS = [b"\xff", b"\x00", b"\xef\xbb\xbf", b'"', b"\\", b"[", b"]", b"{", b"}", b",", b":", b"\n"]
MARKS += [b"\r", b"e", b"-", b"9" * 30, b"\xed\xa0\x80", b"\xf0\x9d\x84\x9e", b";", b"#", b"null"]


def damaged_document(text: str, random: Random) -> str:
    """JSON with one of its values replaced by another, or by none; any text where it is no JSON."""
    try:
        document = json.loads(text)
    except ValueError:
        return damaged_text(text, random)
    token = f"token{random.getrandbits(32)}"
    return json.dumps(_with_token(document, token, random)).replace(
        f'"{token}"', random.choice(FRAGMENTS), 1
    )


def _with_token(value: Any, token: str, random: Random) -> object:  # noqa: ANN401 - any JSON
    """A copy in which the token stands for one value, or for one key."""
    if not isinstance(value, dict | list) or not value or random.random() < 1 / 6:
        return token
    if isinstance(value, list):
        place = random.randrange(len(value))
        return [*value[:place], _with_token(value[place], token, random), *value[place + 1 :]]
    key = random.choice(list(value))
    if random.random() < 1 / 6:
        return value | {token: 1}
    return value | {key: _with_token(value[key], token, random)}


def damaged_text(text: str, random: Random) -> str:
    """Text with fragments over it."""
    for _ in range(random.randint(1, 3)):
        start = random.randint(0, len(text))
        end = min(len(text), start + random.randint(0, 6))
        text = text[:start] + random.choice([*FRAGMENTS, ""]) + text[end:]
    return text


def damaged_bytes(content: bytes, random: Random) -> bytes:
    """Bytes turned, dropped, doubled, cut off or put in."""
    for _ in range(random.randint(1, 4)):
        place = random.randint(0, len(content))
        match random.randrange(5):
            case 0:
                content = content[:place] + random.choice(MARKS) + content[place:]
            case 1:
                content = content[:place] + content[place + random.randint(1, 8) :]
            case 2:
                content = content[:place]
            case 3:
                content = content[:place] + content[max(0, place - 20) :]
            case _:
                content = content[:place] + random.randbytes(1) + content[place + 1 :]
    return content


HEADERS = ["content-type", "accept", "content-encoding", "inference-header-content-length", "x"]
VALUES = [
    "", "application/json", "text/csv", "text/plain", "application/x-ndjson", "gzip", "br", "*/*",
    "image/*;q=0", "*/*;q=0", "0", "-1", "99999999999999999999", "5", "é", "\ud800", ";;,,==", "/",
    "application/octet-stream", "text/csv;q=nan", "a/b," * 500, "json", "identity, gzip", "1e3",
]  # fmt: skip
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "", "post", "\ud800"]
PATHS = [
    "/", "", "//", "/predict/", "/models", "/models/", "/models/x", "/v2", "/\ud800",
    "/v2/health/live", "/v2/models/housing/infer", "/v2/models/housing/versions/1/infer", "/docs",
    "/v2/models/housing/versions/9/infer", "/v2/models/housing/versions/x/infer", "/openapi.json",
    "/docs/../x", "/models/{model}/predict", "/models/housing/predict/", "/" + "a" * 5000,
    "/v2/repository/index",
]  # fmt: skip


def damaged_event(event: Event, random: Random) -> Event:
    """An event with another method, path, header or body, or without some of its fields."""
    damage = random.choice([_lacking, _with_null, _turned, *[_with_header] * 2, *[_moved] * 2])
    return damage(event, random)


def _lacking(event: Event, random: Random) -> Event:
    return {key: value for key, value in event.items() if random.random() < 3 / 4}


def _with_null(event: Event, random: Random) -> Event:
    return event | {random.choice(list(event)): None}


def _turned(event: Event, random: Random) -> Event:
    """With another body, or with the same one called what it is not."""
    in_base64 = {"isBase64Encoded": not event["isBase64Encoded"]}
    return event | random.choice([in_base64, {"body": random.choice(FRAGMENTS)}])


def _with_header(event: Event, random: Random) -> Event:
    header = {random.choice(HEADERS): random.choice(VALUES)}
    return event | {"headers": event["headers"] | header}


def _moved(event: Event, random: Random) -> Event:
    """To another path, or to another method."""
    http = event["requestContext"]["http"] | {"method": random.choice(METHODS)}
    context = {"requestContext": event["requestContext"] | {"http": http}}
    return event | random.choice([context, {"rawPath": random.choice(PATHS)}])
