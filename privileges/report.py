"""The verdict as text: each role and each policy with what relied on it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from iam.grant import Grant
from privileges.verdict import Verdict

# Of the operations that relied on a grant, and of what is missing.
SHOWN = 4
SHOWN_MISSING = 20


def report(verdict: Verdict) -> Iterator[str]:
    grants = sorted(verdict.uses, key=lambda grant: (grant.place, str(grant)))
    for place, granted in groupby(grants, key=lambda grant: grant.place):
        yield from ("", place)
        for grant in granted:
            yield f"  {_what(grant)}"
            yield f"      {_users(verdict, grant)}"
    yield ""
    yield f"missing: {len(verdict.missing)}"
    yield from (f"  {access}" for access in verdict.missing[:SHOWN_MISSING])
    if len(verdict.missing) > SHOWN_MISSING:
        yield f"  and {len(verdict.missing) - SHOWN_MISSING} more"
    yield f"too wide: {len(verdict.wide)}"
    yield from sorted(f"  {grant}: allows {verdict.wide[grant]}" for grant in verdict.wide)
    yield f"unused: {len(verdict.unused) + len(verdict.needless)}"
    yield from (f"  {grant}" for grant in verdict.unused)
    yield from (f"  {grant}: another grant says the same" for grant in verdict.needless)


def _what(grant: Grant) -> str:
    return str(grant).removeprefix(f"{grant.place}: Allow ")


def _users(verdict: Verdict, grant: Grant) -> str:
    counted = verdict.uses[grant].most_common()
    told = [f"{operation}, {count} times" for operation, count in counted[:SHOWN]]
    rest = [f"and {len(counted) - SHOWN} more"] if len(counted) > SHOWN else []
    return ", ".join([*told, *rest])
