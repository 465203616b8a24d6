"""A host of one's own: API Gateway answers for it. Who has the zone points it here."""

from __future__ import annotations

from aws_cdk.aws_apigatewayv2 import CfnApiMapping, DomainName, EndpointType, SecurityPolicy
from aws_cdk.aws_certificatemanager import Certificate
from constructs import Construct

from cdk.settings import Domain
from serving.errors import ConfigurationError


class CustomDomain(DomainName):
    """A CNAME to `regional_domain_name`, or an alias record in `regional_hosted_zone_id`, leads
    callers to it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, domain: Domain, api_id: str, api_stage: str
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            domain_name=domain.name,
            certificate=Certificate.from_certificate_arn(
                scope, f"{construct_id}Certificate", domain.certificate_arn
            ),
            endpoint_type=EndpointType.REGIONAL,
            security_policy=SecurityPolicy.TLS_1_2,
        )
        CfnApiMapping(self, "Mapping", api_id=api_id, domain_name=self.name, stage=api_stage)


def require_certificate_in(region: str, domain: Domain | None, *, stage: str) -> None:
    """Raises ConfigurationError for what API Gateway would refuse when all else is deployed."""
    if domain is not None and domain.region != region:
        raise ConfigurationError(
            f"cdk.json: context.stages.{stage}.domain.certificate_arn: expected a certificate in "
            f"{region}, where this is deployed, got one in {domain.region}; request it there"
        )
