from __future__ import annotations

from dataclasses import replace

import pytest

from delivery.job import Source, job_id

VERSIONED = Source("inbox", "example/a.csv", "v1", "e1")
UNVERSIONED = Source("inbox", "example/a.csv", None, "e1")


def test_a_job_has_one_id_however_often_it_is_announced() -> None:
    assert job_id(VERSIONED, "digest") == job_id(replace(VERSIONED, etag=None), "digest")
    assert job_id(UNVERSIONED, "digest") == job_id(replace(UNVERSIONED), "digest")
    assert len(job_id(VERSIONED, "digest")) == 64


@pytest.mark.parametrize(
    "other",
    [
        replace(VERSIONED, bucket="outbox"),
        replace(VERSIONED, key="example/b.csv"),
        replace(VERSIONED, version="v2"),
        UNVERSIONED,
        replace(UNVERSIONED, etag="e2"),
        Source("inbo", "xexample/a.csv", "v1", "e1"),
    ],
)
def test_another_object_or_version_is_another_job(other: Source) -> None:
    assert job_id(other, "digest") != job_id(VERSIONED, "digest")


def test_another_scoring_digest_is_another_job() -> None:
    assert job_id(VERSIONED, "digest") != job_id(VERSIONED, "another")
