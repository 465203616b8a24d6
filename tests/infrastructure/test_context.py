"""cdk.json as everybody reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk.context import read_context
from serving.errors import ConfigurationError


def test_the_context_is_read(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text('{"app": "python -m cdk.app", "context": {"stage": "dev"}}')

    assert read_context(tmp_path / "cdk.json") == {"stage": "dev"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"context": ', r"^cdk\.json: expected JSON: Expecting value: line 1 column 13"),
        ("[]", r'^cdk\.json: expected \{"context": \{"stage": …, "stages": …\}\}$'),
    ],
)
def test_what_is_no_context_is_said(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "cdk.json").write_text(content)

    with pytest.raises(ConfigurationError, match=expected):
        read_context(tmp_path / "cdk.json")
