"""The token that a stage may ask for: looked at before it is sent, and never told."""

from __future__ import annotations

import re

from smoke.errors import OptionError

# RFC 6750's: whatever an issuer gives is made of these.
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def bearer_token(text: str) -> str | None:
    """None of nothing but space, which surrounds what is read from files. Raises OptionError."""
    token = text.strip()
    if token and not TOKEN.fullmatch(token):
        raise OptionError(
            "TOKEN: expected a bearer token of letters, digits and ._~+/-=, got something else, "
            "which is not shown; ask the issuer for another"
        )
    return token or None
