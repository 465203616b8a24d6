"""A handler finds what Lambda gives it, and its output is heard."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.errors import FunctionCrashedError

if TYPE_CHECKING:
    from tests.local.conftest import FunctionOf


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "import a_module_that_is_not_there",
            (
                "function: Runtime.ImportModuleError: Unable to import module 'under_test': "
                "No module named 'a_module_that_is_not_there'"
            ),
        ),
        ("raise RuntimeError('no model')", "function: RuntimeError: no model"),
        (
            "import os; os._exit(7)",
            "function: expected a request for work, got the end of its process (exit code 7)",
        ),
    ],
)
def test_a_function_that_cannot_start_says_why(
    function_of: FunctionOf, source: str, sentence: str
) -> None:
    function = function_of(source)

    with pytest.raises(FunctionCrashedError) as raised:
        function.invoke(None)

    assert str(raised.value) == sentence


def test_the_handler_sees_lambdas_environment_and_its_own(
    function_of: FunctionOf, tmp_path: Path
) -> None:
    function = function_of(
        """
        import os

        def handler(event, context):
            names = ("LAMBDA_TASK_ROOT", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_REGION", "STAGE")
            return {
                "variables": {name: os.environ[name] for name in names},
                "function": context.function_name,
                "arn": context.invoked_function_arn,
                "in time": 0 < context.get_remaining_time_in_millis() <= 9000,
            }
        """,
        name="housing-predict",
        memory_mib=512,
        timeout_s=9,
        variables={"STAGE": "dev"},
    )

    answer = json.loads(function.invoke(None))

    assert answer == {
        "variables": {
            "LAMBDA_TASK_ROOT": str(tmp_path),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_REGION": "us-east-1",
            "STAGE": "dev",
        },
        "function": "housing-predict",
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:housing-predict",
        "in time": True,
    }


def test_the_handler_does_not_see_the_developers_environment(
    function_of: FunctionOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    function = function_of(
        """
        import os
        def handler(event, context): return os.environ.get("AWS_PROFILE")
        """
    )

    assert function.invoke(None) == b"null"


def test_output_is_logged_under_the_functions_name(
    function_of: FunctionOf, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="local")
    function = function_of(
        """
        import sys
        def handler(event, context):
            print("to stdout")
            print("to stderr", file=sys.stderr)
        """,
        name="housing-score",
    )

    function.invoke(None)
    function.close()

    assert caplog.messages == ["housing-score | to stdout", "housing-score | to stderr"]
