"""A function learns from its environment which model it serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.deployment import Deployment, metrics_namespace
from serving.errors import ConfigurationError


def test_a_version_directory_says_everything_by_its_own_name() -> None:
    deployment = Deployment.from_env({"MODEL_DIR": "/srv/models/housing/12"})

    assert deployment == Deployment(Path("/srv/models/housing/12"), "housing", 12)


def test_a_relative_directory_has_its_name_from_where_it_really_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "housing" / "3").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "housing" / "3")

    assert Deployment.from_env({"MODEL_DIR": "."}) == Deployment(Path(), "housing", 3)


def test_name_and_version_may_be_told_where_the_directory_does_not_say_them() -> None:
    environ = {"MODEL_DIR": "/opt/model", "MODEL_NAME": "housing", "MODEL_VERSION": "2"}

    assert Deployment.from_env(environ) == Deployment(Path("/opt/model"), "housing", 2)


def test_empty_variables_are_as_good_as_none() -> None:
    environ = {"MODEL_DIR": "/srv/models/housing/1", "MODEL_NAME": "", "MODEL_VERSION": ""}

    assert Deployment.from_env(environ) == Deployment(Path("/srv/models/housing/1"), "housing", 1)


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "MODEL_DIR: expected a value in the environment, got none"),
        ({"MODEL_DIR": ""}, "MODEL_DIR: expected a value in the environment, got none"),
        (
            {"MODEL_DIR": "/opt/model", "MODEL_NAME": "housing"},
            "MODEL_VERSION: expected a whole number, got 'model'",
        ),
        (
            {"MODEL_DIR": "/srv/models/housing/1", "MODEL_VERSION": "²"},
            "MODEL_VERSION: expected a whole number, got '²'",
        ),
        (
            {"MODEL_DIR": "/srv/models/housing/1", "MODEL_VERSION": "-1"},
            "MODEL_VERSION: expected a whole number, got '-1'",
        ),
        (
            {"MODEL_DIR": "/srv/models/Housing/1"},
            "MODEL_NAME: expected [a-z0-9][a-z0-9-]{0,31}, got 'Housing'",
        ),
        (
            {"MODEL_DIR": "/srv/models/housing/1", "MODEL_NAME": "housing\n"},
            "MODEL_NAME: expected [a-z0-9][a-z0-9-]{0,31}, got 'housing\\n'",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_its_variable(
    environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Deployment.from_env(environ)

    assert str(raised.value) == sentence


def test_metrics_go_to_the_namespace_of_the_deployment_or_to_ours() -> None:
    assert metrics_namespace({"POWERTOOLS_METRICS_NAMESPACE": "Houses"}) == "Houses"
    assert metrics_namespace({}) == "OnnxLambda"
