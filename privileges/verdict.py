"""The verdict: what was done and not allowed, what is allowed and was not done, and what is allowed
to others than those who did it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from iam.access import Access
from iam.grant import Grant
from iam.policies import Policies
from iam.recording import Recording
from privileges.attempt import Attempt, attempts
from privileges.plain_text import attempts_in_plain_text


@dataclass(frozen=True, slots=True)
class Verdict:
    """`uses`: the operations that relied on each grant. `sole`: an access that each grant alone
    allows; without the grant it would be missing. `wide`: an attempt that each grant allows."""

    uses: dict[Grant, Counter[str]]
    sole: dict[Grant, Access]
    missing: list[Access]
    unused: list[Grant]
    wide: dict[Grant, Attempt]

    @property
    def is_clean(self) -> bool:
        return not (self.missing or self.unused or self.needless or self.wide)

    @property
    def needless(self) -> list[Grant]:
        """Used, and nothing would be missing without: another grant says the same."""
        return sorted((grant for grant in self.uses if grant not in self.sole), key=str)


def judge(policies: Policies, recording: Recording, outside: Collection[Grant] = ()) -> Verdict:
    """`outside`: grants of other policies of the account, which may be of use over TLS alone."""
    uses: defaultdict[Grant, Counter[str]] = defaultdict(Counter)
    sole: dict[Grant, Access] = {}
    missing = []
    for access in recording:
        allowing = policies.allowing(access)
        if not allowing:
            missing.append(access)
        for grant in allowing:
            uses[grant].update(recording.operations(access))
        if len(allowing) == 1:
            [grant] = allowing
            sole[grant] = access
    unused = [grant for grant in policies.allows if grant not in uses]
    return Verdict(
        uses=dict(uses),
        sole=sole,
        missing=sorted(missing, key=str),
        unused=sorted(unused, key=str),
        wide=_wide(
            Policies(policies.grants.union(outside)),
            [*attempts(recording), *attempts_in_plain_text(outside)],
        ),
    )


def _wide(policies: Policies, tried: Iterable[Attempt]) -> dict[Grant, Attempt]:
    wide: dict[Grant, Attempt] = {}
    for attempt in tried:
        for grant in policies.allowing(attempt.access):
            wide.setdefault(grant, attempt)
    return wide
