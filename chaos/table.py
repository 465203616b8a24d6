"""What a campaign covered, as text: call sites down, faults across."""

from __future__ import annotations

from collections.abc import Iterator

from chaos.call_sites import call_sites
from chaos.campaign import Tally
from chaos.fault import Fault

SHORT = {
    Fault.CRASH_BEFORE: "crash<",
    Fault.CRASH_AFTER: "crash>",
    Fault.REFUSED: "refus",
    Fault.REFUSED_FOR_GOOD: "refus*",
    Fault.REPLY_LOST: "lost",
    Fault.REPLY_LOST_FOR_GOOD: "lost*",
    Fault.THROTTLED: "throt",
    Fault.THROTTLED_FOR_GOOD: "throt*",
    Fault.CONFLICT: "409",
    Fault.ERROR_IN_200: "200err",
    Fault.ERROR_IN_200_FOR_GOOD: "200er*",
    Fault.ENTRY_FAILED: "entry",
    Fault.TRUNCATED: "trunc",
    Fault.RESET: "reset",
}
LEGEND = (
    "crash<, crash>: before and after the call took effect; refus: no connection; lost: the reply; "
    "entry: one of a batch; *: at each of the SDK's attempts; -: cannot be"
)


def table_of(tally: Tally) -> Iterator[str]:
    width = max(map(len, tally.possible))
    yield f"{'call site':{width}} {'calls':>8}" + "".join(f"{SHORT[f]:>7}" for f in Fault)
    for site, possible in sorted(tally.possible.items()):
        cells = [str(tally.faults[site, f]) if f in possible else "-" for f in Fault]
        yield f"{site:{width}} {tally.calls[site]:>8}" + "".join(f"{cell:>7}" for cell in cells)
    yield LEGEND


def never_covered(tally: Tally) -> Iterator[str]:
    reached = {site.partition(" < ")[0].partition(".<locals>")[0] for site in tally.possible}
    for site in sorted(call_sites() - reached):
        yield f"never called: {site}"
    for site, fault in tally.uncovered:
        yield f"never struck: {site}: {fault}"
