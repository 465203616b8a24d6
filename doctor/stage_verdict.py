"""What a stage's settings and sizes come to, before anything has run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import starmap

from cdk.deployed_model import DeployedModel
from cdk.settings import Processor, StageSettings
from doctor.finding import Finding, Grade, advised
from doctor.quotas import (
    API_TIMEOUT_S,
    CONCURRENCY,
    CONCURRENCY_UNRESERVED,
    ENVIRONMENT_MOST_BYTES,
    IMAGE_MOST_BYTES,
    MEMORY_MIB_PER_VCPU,
    MEMORY_MOST_MIB,
    MEMORY_OF_NEW_ACCOUNTS_MIB,
)
from doctor.stage import Functions
from images.check import LIBRARY_LIMITS_MB, LIMITS_MB, MB
from serving.libraries import libraries_of

WARNED_SHARE_OF_IMAGE = 0.9
# As Linux calls them.
MACHINE: dict[Processor, str] = {"x86_64": "x86_64", "arm64": "aarch64"}


def model_findings(settings: StageSettings, functions: Functions) -> Iterator[Finding]:
    yield _image(functions.model)
    yield _variables(functions.environment_bytes)
    threads = functions.model.card.threads
    yield _threads("predict", threads, settings.predict_memory_mib)
    yield _threads("score", threads, settings.score_memory_mib)


def stage_findings(settings: StageSettings, models: int, *, machine: str) -> Iterator[Finding]:
    """`machine` is the one that measures, as Linux calls its processor."""
    yield Finding(Grade.FINE, "templates", "CloudFormation, API Gateway and S3 take them")
    yield _processor(settings.processor, machine)
    yield _timeout(settings.predict_timeout_s)
    yield _reserved(settings, models)
    memory = {
        "predict_memory_mib": settings.predict_memory_mib,
        "score_memory_mib": settings.score_memory_mib,
    }
    yield from starmap(_memory, memory.items())


def image_bytes(function: str, model: DeployedModel) -> int:
    """Without the base image: what its packages may take, and the version."""
    packages_mb = LIMITS_MB[function] + sum(LIBRARY_LIMITS_MB[n] for n in libraries_of(model.card))
    version = (path for path in model.directory.rglob("*") if path.is_file())
    return packages_mb * MB + sum(path.stat().st_size for path in version)


def _image(model: DeployedModel) -> Finding:
    size = image_bytes("score", model)
    sentence = f"above its base it has up to {size / MB:,.0f} MB of {IMAGE_MOST_BYTES / MB:,.0f}"
    if size > IMAGE_MOST_BYTES:
        return Finding(Grade.BREAKS, "image", f"{sentence}: make the version smaller")
    grade = Grade.WARNS if size > WARNED_SHARE_OF_IMAGE * IMAGE_MOST_BYTES else Grade.FINE
    return Finding(grade, "image", sentence)


def _variables(size: int) -> Finding:
    sentence = f"its variables take {size:,} bytes of {ENVIRONMENT_MOST_BYTES:,}"
    grade = Grade.FINE if size <= ENVIRONMENT_MOST_BYTES else Grade.BREAKS
    return Finding(grade, "variables", sentence)


def _threads(function: str, threads: int, memory_mib: int) -> Finding:
    vcpus = memory_mib / MEMORY_MIB_PER_VCPU
    sentence = f"{threads} thread(s) a run, on {vcpus:.2f} vCPU"
    if threads <= max(vcpus, 1.0):
        return Finding(Grade.FINE, f"{function} threads", sentence)
    needed_mib = threads * MEMORY_MIB_PER_VCPU
    more = f"raise {function}_memory_mib to {needed_mib}" if needed_mib <= MEMORY_MOST_MIB else ""
    advice = advised(sentence, "lower threads in the card", more)
    return Finding(Grade.WARNS, f"{function} threads", advice)


def _processor(processor: Processor, machine: str) -> Finding:
    sentence = f"functions run on {processor}, and CPU time was measured on {machine}"
    if machine == MACHINE[processor]:
        return Finding(Grade.FINE, "processor", sentence)
    sentence += ": measure on the former, or say by CPU_FACTOR how they differ"
    return Finding(Grade.WARNS, "processor", sentence)


def _timeout(timeout_s: int) -> Finding:
    sentence = f"{timeout_s} s for an answer, of the {API_TIMEOUT_S} that API Gateway waits"
    if timeout_s < API_TIMEOUT_S:
        return Finding(Grade.FINE, "predict timeout", sentence)
    sentence += ": lower predict_timeout_s, or a late answer is paid for and reaches nobody"
    return Finding(Grade.WARNS, "predict timeout", sentence)


def _reserved(settings: StageSettings, models: int) -> Finding:
    provisioned = settings.predict_provisioned_concurrency or 0
    reserved = models * (provisioned + (settings.score_reserved_concurrency or 0))
    at_once = models * settings.score_maximum_concurrency
    sentence = (
        f"{models} model(s) set {reserved:,} aside, and score up to {at_once:,} files at once, of "
        f"the {CONCURRENCY:,} that an account has at first"
    )
    if reserved > CONCURRENCY - CONCURRENCY_UNRESERVED:
        sentence += f": {CONCURRENCY_UNRESERVED} must stay free; set less aside, or ask for more"
        return Finding(Grade.BREAKS, "concurrency", sentence)
    if reserved + at_once > CONCURRENCY - CONCURRENCY_UNRESERVED:
        sentence += ": requests may be throttled; lower score_maximum_concurrency, or ask for more"
        return Finding(Grade.WARNS, "concurrency", sentence)
    return Finding(Grade.FINE, "concurrency", sentence)


def _memory(setting: str, memory_mib: int) -> Finding:
    sentence = f"{setting} is {memory_mib:,}, of {MEMORY_OF_NEW_ACCOUNTS_MIB:,} in new accounts"
    if memory_mib <= MEMORY_OF_NEW_ACCOUNTS_MIB:
        return Finding(Grade.FINE, "memory quota", sentence)
    sentence += ": where the deployment is refused, ask AWS for more, or lower it"
    return Finding(Grade.WARNS, "memory quota", sentence)
