"""A version that was optimised beforehand says so in a file, and is loaded as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.errors import ConfigurationError
from serving.optimization import is_optimized


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"optimized": true, "chosen": "extended"}', True),
        ('{"optimized": false}', False),
        (None, False),
    ],
)
def test_only_a_report_can_say_that_a_graph_is_optimised(
    tmp_path: Path, content: str | None, *, expected: bool
) -> None:
    if content is not None:
        (tmp_path / "optimization.json").write_text(content)

    assert is_optimized(tmp_path) is expected


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"optimized": "no"}'])
def test_a_report_that_does_not_say_it_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "optimization.json").write_text(content)

    with pytest.raises(ConfigurationError, match='"optimized": true or false, got something else'):
        is_optimized(tmp_path)
