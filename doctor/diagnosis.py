"""A diagnosis: one model in one stage, measured, judged and reckoned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from doctor.batch import Batch, measure_batch
from doctor.batch_verdict import BatchVerdict
from doctor.bill import Bill
from doctor.costs import Costs, Standing
from doctor.errors import AnswerError
from doctor.finding import Finding, Grade
from doctor.function_verdict import Function
from doctor.golden_finding import golden_finding
from doctor.memory_choices import Choice, Marked, marked, settings_with
from doctor.online import Online, measure_online
from doctor.online_verdict import OnlineVerdict
from doctor.sample import Sample
from doctor.stage import Functions, Stage
from doctor.stage_verdict import image_bytes, model_findings
from doctor.starts import Effort
from doctor.text_findings import text_findings
from gateway.access_log import UNITS
from local.errors import InvocationError
from serving.features import Columns
from serving.rowless import why_rowless

# Of a file that is scored: the outcome, how long, rows, bad ones, parts, bytes.
SCORE_METRICS = 6
# What a bill is for.
IDLE = "a month, idle"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a model's functions; None where one cannot be asked. `remarks` say why,
    and of which rows it was."""

    functions: Functions
    online: Online | None
    batch: Batch | None
    remarks: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`bills` by what they are for; `choices` of memory by the function."""

    model: str
    version: int
    findings: tuple[Finding, ...]
    bills: dict[str, Bill]
    choices: dict[Function, list[Marked]]


def measure(functions: Functions, stage: Stage, effort: Effort) -> Measured:
    model = functions.model
    golden = golden_finding(model)
    if golden.grade is Grade.BREAKS:
        return Measured(functions, None, None, (golden,))
    if why := why_rowless(model.name, model.signature, model.outputs):
        unasked = Finding(Grade.WARNS, "rows", f"nothing was measured: {why}")
        return Measured(functions, None, None, (unasked,))
    sample = Sample.of(model)
    remarks = [golden, *text_findings(model, sample.rows)]
    online, batch = None, None
    try:
        online = measure_online(model, functions.predict, sample, effort)
    except (InvocationError, AnswerError) as error:
        remarks.append(_unmeasured("predict", error))
    try:
        batch = measure_batch(model, functions.score, sample, stage.data_plane, effort)
    except (InvocationError, AnswerError) as error:
        remarks.append(_unmeasured("score", error))
    return Measured(functions, online, batch, tuple(remarks))


def _unmeasured(function: Function, error: Exception) -> Finding:
    return Finding(Grade.BREAKS, function, f"nothing was measured: {error}")


def diagnose(measured: Measured, costs: Costs) -> Diagnosis:
    model = measured.functions.model
    return Diagnosis(
        model.name,
        model.version,
        tuple(_findings(measured, costs)),
        dict(_bills(measured, costs)),
        dict(_choices(measured, costs)),
    )


def _findings(measured: Measured, costs: Costs) -> Iterator[Finding]:
    yield from model_findings(costs.settings, measured.functions)
    yield from measured.remarks
    if measured.online is not None:
        yield from _online_findings(measured, measured.online, costs)
    if measured.batch is not None:
        yield from BatchVerdict(costs.settings, measured.batch, costs.pace).findings()


def _online_findings(measured: Measured, online: Online, costs: Costs) -> Iterable[Finding]:
    is_cut = Columns(measured.functions.model.columns).prepared_size > 0
    return OnlineVerdict(costs.settings, online, costs.pace, is_cut=is_cut).findings()


def _bills(measured: Measured, costs: Costs) -> Iterator[tuple[str, Bill]]:
    settings, functions = costs.settings, measured.functions
    if measured.online is not None:
        bill = costs.predictions(measured.online, settings.predict_memory_mib)
        yield "1,000,000 predictions", bill
    if measured.batch is not None:
        yield "1,000,000 rows of a file", costs.rows(measured.batch, settings.score_memory_mib)
    images = sum(image_bytes(function, functions.model) for function in ("predict", "score"))
    alarm_metrics, dashboards = functions.watching
    standing = Standing(1, alarm_metrics, dashboards, images)
    yield IDLE, costs.month(standing)
    used = standing._replace(custom_metrics=len(UNITS) + SCORE_METRICS)
    yield "a month, in use", costs.month(used)


def _choices(measured: Measured, costs: Costs) -> Iterator[tuple[Function, list[Marked]]]:
    settings, online, batch = costs.settings, measured.online, measured.batch
    if online is not None:
        choices = [
            _online_choice(measured, online, costs, memory_mib)
            for memory_mib in settings_with(settings.predict_memory_mib)
        ]
        yield "predict", marked(choices, settings.predict_memory_mib)
    if batch is not None:
        choices = [
            _batch_choice(batch, costs, memory_mib)
            for memory_mib in settings_with(settings.score_memory_mib)
        ]
        yield "score", marked(choices, settings.score_memory_mib)


def _online_choice(measured: Measured, online: Online, costs: Costs, memory_mib: int) -> Choice:
    there = replace(costs, settings=replace(costs.settings, predict_memory_mib=memory_mib))
    return Choice(
        memory_mib,
        costs.pace.duration_s(online.row.work, memory_mib),
        costs.predictions(online, memory_mib).total_usd,
        _have_room(_online_findings(measured, online, there)),
    )


def _batch_choice(batch: Batch, costs: Costs, memory_mib: int) -> Choice:
    settings = replace(costs.settings, score_memory_mib=memory_mib)
    return Choice(
        memory_mib,
        costs.part_s(batch, memory_mib),
        costs.rows(batch, memory_mib).total_usd,
        _have_room(BatchVerdict(settings, batch, costs.pace).findings()),
    )


def _have_room(findings: Iterable[Finding]) -> bool:
    """Whether nothing breaks, and memory has its headroom."""
    return not any(
        finding.grade is Grade.BREAKS
        or (finding.grade is Grade.WARNS and finding.what.endswith(" memory"))
        for finding in findings
    )
