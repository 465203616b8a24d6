"""The OpenAPI document holds: schemathesis finds no request that is answered otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.run import check_contract

if TYPE_CHECKING:
    from local.cloud import Cloud


def test_every_request_is_answered_as_the_document_says(cloud: Cloud) -> None:
    """A slice of what `make contract` runs."""
    checked = check_contract(
        cloud.api_url,
        "--phases=examples,fuzzing",
        "--max-examples=3",
        "--seed=1",
        capture_output=True,
    )

    assert checked.returncode == 0, checked.stdout
    assert "No issues found" in checked.stdout
