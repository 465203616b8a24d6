"""What a number's text means for a tensor, worked out in exact decimals, without any float."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction
from random import Random

INTEGER = re.compile(r"-?[0-9]+")
EXACT_FLOAT64 = 2**53


@dataclass(frozen=True)
class FloatType:
    """A binary floating point format of IEEE 754."""

    name: str
    numpy: str
    bits: int
    precision: int
    least_exponent: int

    @property
    def largest(self) -> Fraction:
        return Fraction(2**self.precision - 1) * Fraction(2) ** (
            -self.least_exponent - 2 * self.precision + 3
        )

    def rounded(self, value: Fraction) -> Fraction | None:
        """The nearest number of this format, ties to even; None where it has none so large."""
        exponent = self.least_exponent
        while abs(value) >= Fraction(2) ** (exponent + self.precision):
            exponent += max(1, _magnitude(value) - exponent - self.precision)
        # Python rounds fractions half to even.
        nearest = round(value / Fraction(2) ** exponent) * Fraction(2) ** exponent
        return nearest if abs(nearest) <= self.largest else None

    def at(self, number: int) -> Fraction:
        """The non-negative number whose bits, read as an integer, are `number`."""
        fraction = number & (1 << (self.precision - 1)) - 1
        biased = number >> (self.precision - 1)
        if biased == 0:
            return fraction * Fraction(2) ** self.least_exponent
        whole = fraction + (1 << (self.precision - 1))
        return whole * Fraction(2) ** (self.least_exponent + biased - 1)

    @property
    def count(self) -> int:
        """How many non-negative finite numbers there are: all below have these as bits."""
        exponent_bits = self.bits - self.precision
        return ((1 << exponent_bits) - 1) << (self.precision - 1)


FP16 = FloatType("FP16", "<f2", 16, 11, -24)
FP32 = FloatType("FP32", "<f4", 32, 24, -149)
FP64 = FloatType("FP64", "<f8", 64, 53, -1074)
FLOATS = [FP16, FP32, FP64]


@dataclass(frozen=True)
class IntegerType:
    name: str
    numpy: str
    least: int
    greatest: int


INTEGERS = [
    IntegerType(f"{kind}{bits}", f"<{kind[0].lower()}{bits // 8}", least, greatest)
    for bits in (8, 16, 32, 64)
    for kind, least, greatest in (
        ("INT", -(2 ** (bits - 1)), 2 ** (bits - 1) - 1),
        ("UINT", 0, 2**bits - 1),
    )
]


def float_of(text: str, to: FloatType) -> tuple[Fraction, bool] | None:
    """The number, and whether it is a negative zero; None where it must be refused."""
    exact = Fraction(Decimal(text))
    double = FP64.rounded(exact)
    number = None if double is None else to.rounded(double)
    if number is None:
        return None
    # JSON's "-0" is an integer, and integers have no negative zero.
    negative_zero = number == 0 and text.startswith("-") and not _is_integer(text, exact)
    return number, negative_zero


def integer_of(text: str, to: IntegerType) -> int | None:
    """The number; None where it must be refused."""
    exact = Fraction(Decimal(text))
    value = exact if _is_integer(text, exact) else FP64.rounded(exact)
    if value is None or value.denominator != 1:
        return None
    if not _is_integer(text, exact) and abs(value) >= EXACT_FLOAT64:
        return None
    return int(value) if to.least <= value <= to.greatest else None


def fits_float64(text: str) -> bool:
    return FP64.rounded(Fraction(Decimal(text))) is not None


def _is_integer(text: str, exact: Fraction) -> bool:
    """Whether JSON parsers hold it as one: larger ones they read as floats."""
    return bool(INTEGER.fullmatch(text)) and -(2**63) <= exact < 2**64


def _magnitude(value: Fraction) -> int:
    return abs(value.numerator).bit_length() - value.denominator.bit_length()


def hard_floats(to: FloatType, random: Random, count: int) -> list[str]:
    """Texts around numbers of a format: themselves, the midpoints to their neighbours, and both
    sides of those; at its limits and anywhere."""
    edges = [0, 1, 2, (1 << (to.precision - 1)) - 1, 1 << (to.precision - 1), to.count - 1]
    texts = []
    while len(texts) < count:
        number = random.choice([*edges, *(random.randrange(to.count) for _ in range(30))])
        value, above = to.at(number), to.at(number + 1)
        midpoint = (value + above) / 2
        nudge = midpoint / 10 ** random.randint(18, 25) if random.random() < 1 / 2 else Fraction(0)
        chosen = random.choice([value, midpoint, midpoint + nudge, midpoint - nudge])
        texts.append(random.choice(["", "-"]) + spelled(chosen, random))
    return texts


def plain_floats(random: Random, count: int) -> list[str]:
    """Texts of everyday numbers, and of any float64."""
    texts = []
    while len(texts) < count:
        (any_float,) = struct.unpack("<d", random.randbytes(8))
        value = random.choice([random.randint(-(10**6), 10**6), random.gauss(0, 100), any_float])
        if abs(value) < float("inf"):
            texts.append(repr(value))
    return [*texts[:-4], "-0", "-0.0", "0", "1E5"]


def integers(to: IntegerType, random: Random, count: int) -> list[str]:
    """Texts around an integer type's limits, float64's limit of exact integers, and zero."""
    centres = [to.least, to.greatest, 0, EXACT_FLOAT64, -EXACT_FLOAT64, 2**63, 2**64, -(2**63)]
    texts = []
    while len(texts) < count:
        value = random.choice(centres) + random.randint(-3, 3)
        if random.random() < 1 / 2:
            value = random.randint(to.least, to.greatest)
        ending = random.choice(["", "", "", ".0", ".5", "e0", "E1", "e-1", ".9", ".00"])
        texts.append(f"{value}{ending}")
    return texts


def spelled(value: Fraction, random: Random) -> str:
    """A non-negative fraction of a power of two times one of ten, exactly, as JSON spells it."""
    with localcontext() as context:
        context.prec = 1200
        context.traps[Inexact] = True
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        short = -400 < exact.adjusted() < 25 and len(exact.as_tuple().digits) < 60
        if short and random.random() < 1 / 2:
            return format(exact, "f")
        return format(exact, "e")
