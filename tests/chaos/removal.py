"""Guards taken away: what the score function would be without them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from copy import copy
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSResponse

from chaos.call import Call
from chaos.network import Mortal, Network

Removal = AbstractContextManager[Any]


def always(*_: object, **__: object) -> bool:
    return True


def never(*_: object, **__: object) -> bool:
    return False


def deaf(kind: type, name: str, error: type[Exception]) -> Removal:
    """A call whose refusal nobody hears."""
    method = getattr(kind, name)

    def heedless(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - any method's
        with suppress(error):
            method(*arguments, **options)

    return patch.object(kind, name, heedless)


def unsent(site: str, header: str) -> Removal:
    """Calls without a header that they have."""

    def without(call: Call) -> Call:
        return replace(call, headers={n: v for n, v in call.headers.items() if n != header})

    return changed(site, without)


def unpinned(call: Call) -> Call:
    request = copy(call.request)
    request.url = re.sub(r"[?&]versionId=[^&]*", "", request.url)
    return replace(call, request=request, headers={"range": call.headers["range"]})


def changed(site: str, change: Callable[[Call], Call]) -> Removal:
    answer = Network.answer

    def answer_changed(self: Network, call: Call, process: Mortal) -> AWSResponse:
        return answer(self, change(call) if call.site.startswith(site) else call, process)

    return patch.object(Network, "answer", answer_changed)
