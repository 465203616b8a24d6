"""The verdict: what was done and not allowed, and what is allowed and was not done."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from iam.access import Access
from iam.grant import Grant
from iam.policies import Policies
from iam.recording import Recording


@dataclass(frozen=True, slots=True)
class Verdict:
    """`uses`: the operations that relied on each grant. `sole`: an access that each grant alone
    allows; without the grant it would be missing."""

    uses: dict[Grant, Counter[str]]
    sole: dict[Grant, Access]
    missing: list[Access]
    unused: list[Grant]

    @property
    def is_clean(self) -> bool:
        return not (self.missing or self.unused or self.needless)

    @property
    def needless(self) -> list[Grant]:
        """Used, and nothing would be missing without: another grant says the same."""
        return sorted((grant for grant in self.uses if grant not in self.sole), key=str)


def judge(policies: Policies, recording: Recording) -> Verdict:
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
    return Verdict(dict(uses), sole, sorted(missing, key=str), sorted(unused, key=str))
