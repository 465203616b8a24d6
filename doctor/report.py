"""The report of a stage: as a person reads it, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from doctor.bill import SERVICES, Bill
from doctor.costs import COLD_SHARE, Costs
from doctor.diagnosis import IDLE, Diagnosis
from doctor.finding import Finding, Grade
from doctor.memory_choices import Marked
from terminal.output import table

UNIT = {"predict": "one row", "score": "one part"}
MILLION_OF = {"predict": "predictions", "score": "rows"}


@dataclass(frozen=True, slots=True)
class Report:
    """`findings` and `shared` are of the stage as a whole."""

    costs: Costs
    findings: tuple[Finding, ...]
    shared: Bill
    diagnoses: tuple[Diagnosis, ...]

    @property
    def grade(self) -> Grade:
        """The worst there is."""
        found = {f.grade for findings in self._all_findings() for f in findings}
        return next(grade for grade in Grade if grade in found)

    def as_text(self) -> str:
        parts = [f"stage {self.costs.settings.name}", _findings(self.findings)]
        for diagnosis in self.diagnoses:
            parts += _of_a_model(diagnosis)
        bills = {"what models share, a month": self.shared, "all of this, a month, idle": self.idle}
        return "\n\n".join([*parts, _bills(bills), self.assumptions])

    def as_json(self) -> str:
        document = {
            "stage": self.costs.settings.name,
            "grade": self.grade,
            "assumptions": self.assumptions,
            "prices": asdict(self.costs.prices),
            "findings": [finding._asdict() for finding in self.findings],
            "shared_month_usd": self.shared.as_document(),
            "idle_month_usd": self.idle.as_document(),
            "models": [_document(diagnosis) for diagnosis in self.diagnoses],
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()

    @property
    def idle(self) -> Bill:
        """A month of what is shared and of every model that was diagnosed."""
        return Bill.of_all([self.shared, *(diagnosis.bills[IDLE] for diagnosis in self.diagnoses)])

    @property
    def assumptions(self) -> str:
        return (
            "All durations and dollars are reckoned: from CPU time measured on this machine, whose "
            f"second is taken for {self.costs.pace.cpu_factor:g} of a vCPU, with {COLD_SHARE:.0%} "
            "cold starts, without free tiers and taxes. Nothing ran on AWS."
        )

    def _all_findings(self) -> Iterator[Sequence[Finding]]:
        yield self.findings
        for diagnosis in self.diagnoses:
            yield diagnosis.findings


def refusal_as_json(sentence: str) -> str:
    """In the place of a report, where synthesis refuses the stage."""
    finding = Finding(Grade.BREAKS, "templates", sentence)
    return orjson.dumps({"grade": finding.grade, "findings": [finding._asdict()]}).decode()


def _of_a_model(diagnosis: Diagnosis) -> Iterator[str]:
    yield f"{diagnosis.model}, version {diagnosis.version}"
    yield _findings(diagnosis.findings)
    yield _bills(diagnosis.bills)
    for function, choices in diagnosis.choices.items():
        yield _choices(function, choices)


def _findings(findings: Sequence[Finding]) -> str:
    """The worst first."""
    order = [*Grade]
    rows = sorted(findings, key=lambda finding: order.index(finding.grade))
    heads = ("", "", "")
    return table(heads, [(f.grade.value, f.what, f.sentence) for f in rows]).lstrip("\n")


def _bills(bills: Mapping[str, Bill]) -> str:
    heads = ("in US dollars, for", *SERVICES, "total")
    rows = [
        (name, *(_usd(bill.usd(service)) for service in SERVICES), _usd(bill.total_usd))
        for name, bill in bills.items()
    ]
    return table(heads, rows)


def _choices(function: str, choices: Sequence[Marked]) -> str:
    heads = (f"{function}, MiB", UNIT[function], f"$ a million {MILLION_OF[function]}", "")
    rows = [
        (
            f"{choice.memory_mib:,}",
            _seconds(choice.duration_s),
            _usd(choice.usd),
            ", ".join(marks) if choice.has_room else ", ".join([*marks, "no room"]),
        )
        for choice, marks in choices
    ]
    return table(heads, rows)


def _usd(dollars: float) -> str:
    return f"{dollars:,.2f}" if dollars >= 1 else f"{dollars:.3g}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.1f} s" if seconds >= 1 else f"{1000 * seconds:,.1f} ms"


def _document(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "model": diagnosis.model,
        "version": diagnosis.version,
        "findings": [finding._asdict() for finding in diagnosis.findings],
        "usd": {name: bill.as_document() for name, bill in diagnosis.bills.items()},
        "memory": {
            function: [{**choice._asdict(), "marks": marks} for choice, marks in choices]
            for function, choices in diagnosis.choices.items()
        },
    }
