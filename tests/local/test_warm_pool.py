"""Many functions share a few idle environments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from local.warm_pool import WarmPool
from tests.local.processes import gone

if TYPE_CHECKING:
    from tests.local.conftest import FunctionOf, WaitUntil

PID = """
    import os

    def handler(event, context):
        return os.getpid()
"""


def test_a_full_warm_pool_ends_what_has_been_idle_longest(
    function_of: FunctionOf, wait_until: WaitUntil
) -> None:
    pool = WarmPool(size=1)
    first = function_of(PID, warm_pool=pool)
    second = function_of(PID, warm_pool=pool)
    longest_idle = first.invoke(None)

    kept = second.invoke(None)

    wait_until(lambda: gone(json.loads(longest_idle)))
    assert second.invoke(None) == kept
    assert first.invoke(None) != longest_idle
