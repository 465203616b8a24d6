"""All policies of a stage together, and what they come to for one access.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: within
one account, what any policy denies is denied; what one allows, the caller's or the resource's, is
allowed; the rest is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from iam.access import Access
from iam.grant import ANYONE, Grant


class Policies:
    def __init__(self, grants: Iterable[Grant]) -> None:
        self.grants = frozenset(grants)
        self._of: defaultdict[str, list[Grant]] = defaultdict(list)
        for grant in self.grants:
            self._of[grant.principal].append(grant)

    @property
    def principals(self) -> frozenset[str]:
        return frozenset(self._of)

    @property
    def allows(self) -> list[Grant]:
        return [grant for grant in self.grants if grant.effect == "Allow"]

    def allow(self, access: Access) -> bool:
        return bool(self.allowing(access))

    def allowing(self, access: Access) -> frozenset[Grant]:
        """The grants each of which would be enough; none where the access is refused."""
        candidates = [*self._of.get(access.principal, ()), *self._of.get(ANYONE, ())]
        covering = [grant for grant in candidates if grant.covers(access)]
        if any(grant.effect == "Deny" for grant in covering):
            return frozenset()
        return frozenset(covering)

    def without(self, grant: Grant) -> Self:
        return type(self)(self.grants - {grant})
