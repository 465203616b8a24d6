"""Numbers as people read them."""

from __future__ import annotations

THOUSAND = 1000


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def amount(size_bytes: float) -> str:
    if size_bytes < THOUSAND:
        return counted(int(size_bytes), "byte")
    for unit in ("kB", "MB", "GB"):
        size_bytes /= THOUSAND
        if size_bytes < THOUSAND:
            return f"{size_bytes:.1f} {unit}"
    return f"{size_bytes / THOUSAND:,.1f} TB"
