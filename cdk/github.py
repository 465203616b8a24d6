"""Whose workflows may deploy: the table `github` in the context of cdk.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from serving.document import Table

Provider = Literal["own", "existing"]

PROVIDER: tuple[Provider, ...] = get_args(Provider)
# As the subject of GitHub's tokens spells it; newer repositories' have numbers in it.
REPOSITORY = re.compile(r"[\w.-]+(@\d+)?/[\w.-]+(@\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class GitHub:
    """`provider` is "existing" where something else made the account trust GitHub."""

    repository: str
    provider: Provider

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self | None:
        """None where no workflow may deploy. Raises ConfigurationError, naming the key."""
        if "github" not in context:
            return None
        table = Table(dict(context), source="cdk.json", path="context.").table("github")
        repository = table.required("repository", str)
        if not REPOSITORY.fullmatch(repository):
            expected = (
                "owner/name, or owner@number/name@number where GitHub's settings show the subject "
                "of its tokens so"
            )
            raise table.error("repository", expected, repr(repository))
        github = cls(repository, table.choice("provider", PROVIDER, default="own"))
        table.refuse_the_rest()
        return github
