"""What differs between stages: one table each under `stages` in the context of cdk.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from aws_cdk.aws_logs import RetentionDays

from serving.document import Table

Auth = Literal["iam", "jwt", "none"]
Shift = Literal["canary", "linear", "all-at-once"]
Processor = Literal["x86_64", "arm64"]

AUTH: tuple[Auth, ...] = get_args(Auth)
SHIFT: tuple[Shift, ...] = get_args(Shift)
PROCESSOR: tuple[Processor, ...] = get_args(Processor)
# Keeps stack names short enough to stand whole in the bucket names that CloudFormation makes of
# them, which queue policies recognise.
NAME = re.compile(r"[a-z][a-z0-9]{0,6}")
# No two dots side by side, and no IP address.
BUCKET = re.compile(r"(?!.*\.\.)(?!([0-9]+\.){3}[0-9]+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# A name below a zone, without a scheme, a port or a path.
HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
# As OpenID Connect has it: no query, and no fragment.
ISSUER = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[^\s?#]*)?")
CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[a-z0-9-]+")
# What a browser sends: a scheme and a host, and no path.
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?|\*")
# What S3 takes when it puts results together.
MIN_PART_MIB = 5
LOG_RETENTION = {
    1: RetentionDays.ONE_DAY,
    7: RetentionDays.ONE_WEEK,
    14: RetentionDays.TWO_WEEKS,
    30: RetentionDays.ONE_MONTH,
    90: RetentionDays.THREE_MONTHS,
    180: RetentionDays.SIX_MONTHS,
    365: RetentionDays.ONE_YEAR,
}


@dataclass(frozen=True, slots=True)
class Jwt:
    """Whose tokens are accepted, and for whom they must be issued."""

    issuer: str
    audience: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """The host that callers reach, and the certificate that proves it."""

    name: str
    certificate_arn: str

    @property
    def region(self) -> str:
        """API Gateway takes a certificate only from its own."""
        return self.certificate_arn.split(":")[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSettings:
    """One stage; the ranges are the platform's.

    `inbox_bucket` is a bucket that is there already; None where the stage has one of its own.
    `jwt` is there exactly when `auth` is "jwt". Pages from `cors_origins` may call from browsers.
    `domain` is None where the API has only the address that API Gateway gives it.
    `default_model` is the one behind /predict; None where there is only one. `throttle_rate_per_s`
    and `throttle_burst` count requests to the whole API. `rollout` says how a model's traffic goes
    over to a new version. `processor` is what images are built for, and functions run on.
    `predict_provisioned_concurrency` is how many environments of each
    model's predict function are kept started. `score_reserved_concurrency` is what each model's
    score function has for itself, of the account's concurrency, and never exceeds. Files of more
    than `score_split_mib` are scored as parts of about `score_part_mib`, side by side.
    """

    name: str
    inbox_bucket: str | None
    auth: Auth
    jwt: Jwt | None
    cors_origins: tuple[str, ...]
    domain: Domain | None
    default_model: str | None
    rollout: Shift
    processor: Processor
    predict_memory_mib: int
    predict_timeout_s: int
    predict_provisioned_concurrency: int | None
    score_memory_mib: int
    score_timeout_s: int
    score_maximum_concurrency: int
    score_reserved_concurrency: int | None
    score_split_mib: int
    score_part_mib: int
    throttle_rate_per_s: int
    throttle_burst: int
    log_retention: RetentionDays

    @property
    def metrics_namespace(self) -> str:
        """Stages may share an account; their metrics must not add up."""
        return f"OnnxLambda/{self.name}"

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Read the stage that `stage` names. Raises ConfigurationError, naming the key."""
        document = Table(dict(context), source="cdk.json", path="context.")
        name = document.required("stage", str)
        stages = dict(document.tables("stages"))
        if name not in stages:
            raise document.error("stage", f"one of {', '.join(stages)}", repr(name))
        if not NAME.fullmatch(name):
            raise document.error("stage", f"a name that matches {NAME.pattern}", repr(name))
        return cls._from_table(name, stages[name])

    @classmethod
    def _from_table(cls, name: str, table: Table) -> Self:
        auth = table.choice("auth", AUTH, default="iam")
        at_once = _whole(table, "score_maximum_concurrency", 2, 1_000)
        split_mib = _whole(table, "score_split_mib", MIN_PART_MIB, 10_240)
        settings = cls(
            name=name,
            inbox_bucket=_bucket(table),
            auth=auth,
            jwt=_jwt(table, auth),
            cors_origins=_origins(table),
            domain=_domain(table.table("domain")),
            default_model=table.optional("default_model", str),
            rollout=table.choice("rollout", SHIFT, default="canary"),
            processor=table.choice("processor", PROCESSOR, default="x86_64"),
            predict_memory_mib=_whole(table, "predict_memory_mib", 128, 10_240),
            predict_timeout_s=_whole(table, "predict_timeout_s", 1, 30),
            predict_provisioned_concurrency=_provisioned(table),
            score_memory_mib=_whole(table, "score_memory_mib", 128, 10_240),
            score_timeout_s=_whole(table, "score_timeout_s", 1, 900),
            score_maximum_concurrency=at_once,
            score_reserved_concurrency=_reserved(table, at_once),
            score_split_mib=split_mib,
            score_part_mib=_part_mib(table, split_mib),
            throttle_rate_per_s=_whole(table, "throttle_rate_per_s", 1, 10_000),
            throttle_burst=_whole(table, "throttle_burst", 1, 5_000),
            log_retention=_retention(table),
        )
        table.refuse_the_rest()
        return settings


def _bucket(table: Table) -> str | None:
    name = table.optional("inbox_bucket", str)
    if name is not None and not BUCKET.fullmatch(name):
        raise table.error("inbox_bucket", "the name of an S3 bucket", repr(name))
    return name


def _jwt(table: Table, auth: Auth) -> Jwt | None:
    if auth != "jwt":
        if table.optional("jwt", dict) is not None:
            raise table.error("jwt", 'auth = "jwt" beside it', f'"{auth}"')
        return None
    jwt = table.table("jwt")
    issuer = jwt.required("issuer", str)
    if not ISSUER.fullmatch(issuer):
        expected = "https:// and a host, without a query or a fragment"
        raise jwt.error("issuer", expected, repr(issuer))
    audience = jwt.texts("audience")
    if not audience:
        raise jwt.error("audience", "at least one", "none")
    if not all(map(str.strip, audience)):
        raise jwt.error("audience", "no empty string", repr([*audience]))
    jwt.refuse_the_rest()
    return Jwt(issuer, audience)


def _origins(table: Table) -> tuple[str, ...]:
    origins = table.texts("cors_origins")
    for origin in origins:
        if not ORIGIN.fullmatch(origin) or (origin == "*" and len(origins) > 1):
            expected = '"https://host" or "http://host", or "*" alone'
            raise table.error("cors_origins", expected, repr(origin))
    return origins


def _domain(table: Table) -> Domain | None:
    domain = Domain(table.text("name"), table.text("certificate_arn"))
    table.refuse_the_rest()
    if domain == Domain("", ""):
        return None
    if not HOST.fullmatch(domain.name):
        expected = 'a host of at most 253 characters, as "api.example.com"'
        raise table.error("name", expected, repr(domain.name))
    if not CERTIFICATE.fullmatch(domain.certificate_arn):
        expected = "the ARN of a certificate in ACM"
        raise table.error("certificate_arn", expected, repr(domain.certificate_arn))
    return domain


def _whole(table: Table, key: str, least: int, most: int) -> int:
    value = table.required(key, int)
    if not least <= value <= most:
        raise table.error(key, f"a whole number from {least} to {most}", str(value))
    return value


def _provisioned(table: Table) -> int | None:
    provisioned = table.optional("predict_provisioned_concurrency", int)
    if provisioned is not None and provisioned < 1:
        raise table.error("predict_provisioned_concurrency", "at least 1", str(provisioned))
    return provisioned


def _reserved(table: Table, least: int) -> int | None:
    """At least what the queue hands out at once: Lambda would refuse the rest, and each refusal
    brings a message closer to the dead letters."""
    reserved = table.optional("score_reserved_concurrency", int)
    if reserved is not None and reserved < least:
        expected = f"at least the score_maximum_concurrency of {least}"
        raise table.error("score_reserved_concurrency", expected, str(reserved))
    return reserved


def _part_mib(table: Table, most: int) -> int:
    part_mib = _whole(table, "score_part_mib", MIN_PART_MIB, 1_024)
    if part_mib > most:
        raise table.error("score_part_mib", f"at most the score_split_mib of {most}", str(part_mib))
    return part_mib


def _retention(table: Table) -> RetentionDays:
    days = table.required("log_retention_days", int)
    if days not in LOG_RETENTION:
        choices = ", ".join(map(str, LOG_RETENTION))
        raise table.error("log_retention_days", f"one of {choices}", str(days))
    return LOG_RETENTION[days]
