"""What becomes of a function in its stage, whichever of the two it is."""

from __future__ import annotations

from typing import Literal, NamedTuple

from doctor.finding import Finding, Grade, advised
from doctor.headroom import MEMORY_SHARE, enough_memory_mib
from doctor.quotas import (
    INIT_MOST_S,
    MEMORY_MIB_PER_VCPU,
    MEMORY_OF_NEW_ACCOUNTS_MIB,
    TEMPORARY_MOST_BYTES,
)

Function = Literal["predict", "score"]


class Limits(NamedTuple):
    """A function's, as its stage sets them."""

    memory_mib: int
    timeout_s: int


def memory_finding(
    function: Function,
    peak_mib: float,
    memory_mib: int,
    *,
    of: str,
    otherwise: tuple[str, ...] = (),
) -> Finding:
    """`otherwise` is what else there is to do, where it breaks."""
    what = f"{function} memory"
    sentence = f"{of} peaks at {peak_mib:,.0f} MiB of {memory_mib:,}"
    if peak_mib <= MEMORY_SHARE * memory_mib:
        return Finding(Grade.FINE, what, sentence)
    enough_mib = enough_memory_mib(peak_mib)
    way = f"raise {function}_memory_mib to {enough_mib}" if enough_mib else ""
    if enough_mib and enough_mib > MEMORY_OF_NEW_ACCOUNTS_MIB:
        way += " (new accounts have to ask for so much)"
    if peak_mib > memory_mib:
        return Finding(Grade.BREAKS, what, advised(sentence, way, *otherwise))
    sentence += f", which leaves less than {1 - MEMORY_SHARE:.0%}"
    return Finding(Grade.WARNS, what, advised(sentence, way))


def start_finding(
    function: Function,
    init_s: float,
    first_s: float,
    limits: Limits,
    *,
    is_provisioned: bool = False,
) -> Finding:
    what, sentence = f"{function} start", f"it is ready after {init_s:,.1f} s of {INIT_MOST_S:g}"
    if init_s <= INIT_MOST_S or is_provisioned:
        return Finding(Grade.FINE, what, sentence)
    # One thread loads a model.
    is_slowed = limits.memory_mib < MEMORY_MIB_PER_VCPU
    ways = (
        f"raise {function}_memory_mib, up to {MEMORY_MIB_PER_VCPU}" if is_slowed else "",
        "let `make optimize` write the model as it loads faster",
    )
    if init_s + first_s <= limits.timeout_s:
        sentence += ", and starts again within the first event's time"
        return Finding(Grade.WARNS, what, advised(sentence, *ways))
    sentence += f", and starts again without an end within {limits.timeout_s} s"
    return Finding(Grade.BREAKS, what, advised(sentence, *ways))


def temporary_finding(function: Function, size_bytes: int) -> Finding:
    sentence = f"{size_bytes:,} bytes of {TEMPORARY_MOST_BYTES:,} in /tmp"
    grade = Grade.FINE if size_bytes <= TEMPORARY_MOST_BYTES else Grade.BREAKS
    return Finding(grade, f"{function} /tmp", sentence)
