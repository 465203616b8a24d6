"""A stage of several models lets each of AWS's services do its part for every one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.names import deployed
from local.stage import Stage
from privileges.services import deeds

if TYPE_CHECKING:
    from local.cloud import Cloud


@pytest.fixture
def stage(cloud: Cloud) -> Stage:
    return Stage(cloud.stage.stacks, deployed)


def test_no_service_lacks_a_permission(stage: Stage) -> None:
    policies = stage.policies()

    assert [str(deed.access) for deed in deeds(stage) if not policies.allow(deed.access)] == []


def test_no_service_has_one_that_it_does_not_need(stage: Stage) -> None:
    policies = stage.policies()

    used = {grant for deed in deeds(stage) for grant in policies.allowing(deed.access)}

    of_services = {grant for grant in policies.allows if not grant.principal.startswith("arn:")}
    assert of_services - used == set()


def test_every_deed_rests_on_a_document_of_awss(stage: Stage) -> None:
    documents = {deed.document for deed in deeds(stage)}

    assert [d for d in documents if not d.startswith("https://docs.aws.amazon.com/")] == []
