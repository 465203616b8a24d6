"""A stage's settings are whole, known and within the platform's ranges, or nothing is deployed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aws_cdk.aws_logs import RetentionDays

from cdk.settings import Domain, Jwt, StageSettings
from serving.errors import ConfigurationError

Context = dict[str, Any]

DEV = {
    "predict_memory_mib": 512,
    "predict_timeout_s": 10,
    "score_memory_mib": 1024,
    "score_timeout_s": 60,
    "score_maximum_concurrency": 2,
    "score_split_mib": 1024,
    "score_part_mib": 5,
    "throttle_rate_per_s": 10,
    "throttle_burst": 20,
    "log_retention_days": 14,
}


CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/8f5b2c1e-6d3a-4f0b-9b57-2f1f6a0e9d11"
HOST = {"name": "api.example.com", "certificate_arn": CERTIFICATE}
ISSUED = {"issuer": "https://id.example", "audience": ["predictions"]}


def context_of(**settings: object) -> Context:
    return {"stage": "dev", "stages": {"dev": {**DEV, **settings}}}


def test_a_stage_is_read_whole() -> None:
    settings = StageSettings.from_context(context_of(default_model="housing"))

    assert settings == StageSettings(
        name="dev",
        inbox_bucket=None,
        auth="iam",
        jwt=None,
        cors_origins=(),
        domain=None,
        default_model="housing",
        rollout="canary",
        processor="x86_64",
        predict_memory_mib=512,
        predict_timeout_s=10,
        predict_provisioned_concurrency=None,
        score_memory_mib=1024,
        score_timeout_s=60,
        score_maximum_concurrency=2,
        score_reserved_concurrency=None,
        score_split_mib=1024,
        score_part_mib=5,
        throttle_rate_per_s=10,
        throttle_burst=20,
        log_retention=RetentionDays.TWO_WEEKS,
    )


def test_a_stage_may_take_tokens_and_calls_from_pages_of_other_origins() -> None:
    settings = StageSettings.from_context(
        context_of(
            auth="jwt", jwt=ISSUED, cors_origins=["https://app.example", "http://localhost:3000"]
        )
    )

    assert settings.jwt == Jwt("https://id.example", ("predictions",))
    assert settings.cors_origins == ("https://app.example", "http://localhost:3000")


def test_a_stage_may_have_a_host_of_its_own() -> None:
    settings = StageSettings.from_context(context_of(domain=HOST))

    assert settings.domain == Domain("api.example.com", CERTIFICATE)
    assert settings.domain.region == "eu-west-1"


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_committed_stages_authorize_by_iam(committed_context: Context, stage: str) -> None:
    settings = StageSettings.from_context(committed_context | {"stage": stage})

    assert settings.auth == "iam"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"auth": "open"}, 'auth: expected one of "iam", "jwt", "none", got \'open\''),
        (
            {"inbox_bucket": "s3://files"},
            "inbox_bucket: expected the name of an S3 bucket, got 's3://files'",
        ),
        (
            {"inbox_bucket": "files..ours"},
            "inbox_bucket: expected the name of an S3 bucket, got 'files..ours'",
        ),
        (
            {"inbox_bucket": "192.168.0.1"},
            "inbox_bucket: expected the name of an S3 bucket, got '192.168.0.1'",
        ),
        ({"auth": "jwt"}, "jwt.issuer: expected a string, got nothing"),
        ({"jwt": ISSUED}, 'jwt: expected auth = "jwt" beside it, got "iam"'),
        (
            {"auth": "jwt", "jwt": ISSUED | {"issuer": "id.example"}},
            (
                "jwt.issuer: expected https:// and a host, without a query or a fragment, "
                "got 'id.example'"
            ),
        ),
        (
            {"auth": "jwt", "jwt": ISSUED | {"issuer": "https://"}},
            "jwt.issuer: expected https:// and a host, without a query or a fragment, got 'https://'",
        ),
        (
            {"auth": "jwt", "jwt": ISSUED | {"issuer": "https://id.example/?tenant=1"}},
            "jwt.issuer: expected https:// and a host, without a query or a fragment, got 'https:",
        ),
        (
            {"auth": "jwt", "jwt": ISSUED | {"audience": ["predictions", " "]}},
            "jwt.audience: expected no empty string, got ['predictions', ' ']",
        ),
        (
            {"auth": "jwt", "jwt": ISSUED | {"audience": []}},
            "jwt.audience: expected at least one, got none",
        ),
        (
            {"auth": "jwt", "jwt": ISSUED | {"audience": "predictions"}},
            "jwt.audience: expected a list, got 'predictions'",
        ),
        (
            {"auth": "jwt", "jwt": ISSUED | {"scopes": ["predict"]}},
            "jwt.scopes: expected only issuer, audience, got an unknown key",
        ),
        (
            {"cors_origins": ["https://app.example/"]},
            (
                'cors_origins: expected "https://host" or "http://host", or "*" alone, '
                "got 'https://app.example/'"
            ),
        ),
        (
            {"cors_origins": ["*", "https://app.example"]},
            'cors_origins: expected "https://host" or "http://host", or "*" alone, got \'*\'',
        ),
        (
            {"domain": HOST | {"name": "https://api.example.com"}},
            (
                'domain.name: expected a host of at most 253 characters, as "api.example.com", '
                "got 'https://api.example.com'"
            ),
        ),
        (
            {"domain": HOST | {"name": "localhost"}},
            (
                'domain.name: expected a host of at most 253 characters, as "api.example.com", '
                "got 'localhost'"
            ),
        ),
        (
            {"domain": HOST | {"name": f"{'a.' * 122}example.io"}},
            "domain.name: expected a host of at most 253 characters, ",
        ),
        (
            {"domain": {"certificate_arn": CERTIFICATE}},
            (
                'domain.name: expected a host of at most 253 characters, as "api.example.com", '
                "got ''"
            ),
        ),
        (
            {"domain": {"name": "api.example.com"}},
            "domain.certificate_arn: expected the ARN of a certificate in ACM, got ''",
        ),
        (
            {"domain": HOST | {"certificate_arn": CERTIFICATE.replace("acm", "iam")}},
            "domain.certificate_arn: expected the ARN of a certificate in ACM, got 'arn:aws:iam:",
        ),
        (
            {"domain": HOST | {"hosted_zone": "Z1"}},
            "domain.hosted_zone: expected only name, certificate_arn, got an unknown key",
        ),
        ({"domain": "api.example.com"}, "domain: expected a table, got 'api.example.com'"),
        ({"memory": 1}, "memory: expected only auth, "),
        (
            {"predict_timeout_s": 31},
            "predict_timeout_s: expected a whole number from 1 to 30, got 31",
        ),
        (
            {"score_timeout_s": "60"},
            "score_timeout_s: expected a whole number, got '60'",
        ),
        ({"score_memory_mib": True}, "score_memory_mib: expected a whole number, got True"),
        (
            {"score_reserved_concurrency": 1},
            (
                "score_reserved_concurrency: expected at least the score_maximum_concurrency of 2, "
                "got 1"
            ),
        ),
        (
            {"rollout": "blue-green"},
            'rollout: expected one of "canary", "linear", "all-at-once", got \'blue-green\'',
        ),
        (
            {"predict_provisioned_concurrency": 0},
            "predict_provisioned_concurrency: expected at least 1, got 0",
        ),
        (
            {"score_maximum_concurrency": 1},
            "score_maximum_concurrency: expected a whole number from 2 to 1000, got 1",
        ),
        (
            {"score_split_mib": 32, "score_part_mib": 64},
            "score_part_mib: expected at most the score_split_mib of 32, got 64",
        ),
        (
            {"log_retention_days": 2},
            "log_retention_days: expected one of 1, 7, 14, 30, 90, 180, 365, got 2",
        ),
        ({"throttle_burst": None}, "throttle_burst: expected a whole number, got nothing"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(settings: Context, sentence: str) -> None:
    context = context_of(**settings)

    with pytest.raises(
        ConfigurationError, match=re.escape(f"cdk.json: context.stages.dev.{sentence}")
    ):
        StageSettings.from_context(context)


@pytest.mark.parametrize("bucket", ["files", "files.of.ours", "1.2.3", "10.20.30.40.files"])
def test_a_bucket_may_have_dots_and_digits(bucket: str) -> None:
    settings = StageSettings.from_context(context_of(inbox_bucket=bucket))

    assert settings.inbox_bucket == bucket


def test_the_longest_host_and_an_issuer_with_a_path_are_taken() -> None:
    longest = f"{'a.' * 121}example.com"
    issuer = "https://login.example:8443/tenant-1/v2.0"

    settings = StageSettings.from_context(
        context_of(auth="jwt", jwt=ISSUED | {"issuer": issuer}, domain=HOST | {"name": longest})
    )

    assert settings.domain == Domain(longest, CERTIFICATE)
    assert settings.jwt == Jwt(issuer, ("predictions",))


def test_an_unknown_stage_is_refused_with_those_there_are() -> None:
    context = context_of() | {"stage": "live"}

    with pytest.raises(
        ConfigurationError, match=r"context\.stage: expected one of dev, got 'live'"
    ):
        StageSettings.from_context(context)


def test_a_stage_name_that_bucket_names_would_cut_short_is_refused() -> None:
    context = {"stage": "rehearsal", "stages": {"rehearsal": DEV}}

    with pytest.raises(ConfigurationError, match=r"context\.stage: expected a name that matches"):
        StageSettings.from_context(context)
