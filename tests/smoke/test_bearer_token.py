"""A token is sent as the issuer gave it, or refused without being told."""

from __future__ import annotations

import pytest

from smoke.bearer_token import bearer_token
from smoke.errors import OptionError


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_is_no_token(text: str) -> None:
    assert bearer_token(text) is None


@pytest.mark.parametrize("token", ["eyJh.eyJz.c2ln", "a-b_c~d+e/f==", "0"])
def test_the_space_around_a_token_is_not_part_of_it(token: str) -> None:
    assert bearer_token(f" {token}\n") == token


@pytest.mark.parametrize("token", ["se cret", "se\ncret", "secrét", "=secret", "Bearer secret"])
def test_what_is_no_token_is_refused_and_not_told(token: str) -> None:
    with pytest.raises(OptionError) as raised:
        bearer_token(token)

    assert str(raised.value) == (
        "TOKEN: expected a bearer token of letters, digits and ._~+/-=, got something else, which "
        "is not shown; ask the issuer for another"
    )
