"""Negotiation: which media type a body has, and which one its sender wants back (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from serving.errors import NAME_CHARACTERS, shortened

JSON_LINES = ("application/jsonl", "application/x-ndjson", "application/json-lines")
PICTURES = ("image/png", "image/jpeg", "image/webp")

_WEIGHT = re.compile(r"[01](\.[0-9]{0,3})?")


def media_type(header: str) -> str:
    """A header's media type without its parameters, in lower case."""
    return header.partition(";")[0].strip().lower()


def shown_header(header: str) -> str:
    """A header's value as an error repeats it: what could not be written is escaped."""
    return shortened(ascii(header), NAME_CHARACTERS)


def preferred(accept: str, offers: tuple[str, ...]) -> str | None:
    """The offer of the highest quality in an Accept header; the earliest of equals, None of none.

    Of the ranges that an offer is in, the most specific one gives its quality. A range that cannot
    be read accepts nothing.
    """
    if accept in offers:
        return accept
    if accept == "*/*":
        return offers[0]
    ranges = dict(_ranges(accept.split(","))) or {"*/*": 1.0}
    best = max(offers, key=lambda offer: _quality(offer, ranges))
    return best if _quality(best, ranges) > 0 else None


def _ranges(texts: Iterable[str]) -> Iterable[tuple[str, float]]:
    for text in texts:
        if text.strip():
            yield media_type(text), _weight(text)


def _weight(text: str) -> float:
    for parameter in text.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return _number(value.strip())
    return 1.0


def _number(text: str) -> float:
    return float(text) if _WEIGHT.fullmatch(text) else 0.0


def _quality(offer: str, ranges: dict[str, float]) -> float:
    whole_type = f"{offer.partition('/')[0]}/*"
    return next((ranges[r] for r in (offer, whole_type, "*/*") if r in ranges), 0.0)
