"""What AWS asks for, in us-east-1, beyond its free tiers. Looked up on 2026-11-20.

The pages named are AWS's; most figures were read in guides of 2026 that quote them. Other regions,
other prices: a JSON file with any of the names below replaces them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import orjson

from cdk.settings import Processor
from doctor.errors import PricesError


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """In US dollars, for one of each."""

    # https://aws.amazon.com/lambda/pricing/
    lambda_gb_s: float = 0.000_016_666_7
    lambda_arm_gb_s: float = 0.000_013_333_4
    lambda_provisioned_gb_s: float = 0.000_004_166_7
    lambda_arm_provisioned_gb_s: float = 0.000_003_333_4
    lambda_request: float = 0.20 / 1e6
    # https://aws.amazon.com/api-gateway/pricing/
    http_api_request: float = 1.00 / 1e6
    # https://aws.amazon.com/s3/pricing/
    s3_write: float = 0.005 / 1000
    s3_read: float = 0.0004 / 1000
    s3_gb_month: float = 0.023
    # https://aws.amazon.com/sqs/pricing/
    sqs_request: float = 0.40 / 1e6
    # https://aws.amazon.com/eventbridge/pricing/
    event: float = 1.00 / 1e6
    # https://aws.amazon.com/cloudwatch/pricing/: an alarm costs for each metric that it reads.
    log_gb: float = 0.50
    alarm_metric_month: float = 0.10
    dashboard_month: float = 3.00
    custom_metric_month: float = 0.30
    # https://aws.amazon.com/ecr/pricing/
    ecr_gb_month: float = 0.10
    # https://aws.amazon.com/ec2/pricing/on-demand/: out to the internet.
    transfer_gb: float = 0.09

    def gb_s(self, processor: Processor) -> float:
        """Of a function that runs."""
        return self.lambda_arm_gb_s if processor == "arm64" else self.lambda_gb_s

    def provisioned_gb_s(self, processor: Processor) -> float:
        """Of an environment that waits."""
        is_arm = processor == "arm64"
        return self.lambda_arm_provisioned_gb_s if is_arm else self.lambda_provisioned_gb_s

    @classmethod
    def read(cls, path: Path) -> Self:
        """Those of a JSON object, and the others as they are here. Raises PricesError."""
        try:
            document = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise PricesError(f"{path}: expected a JSON object of prices: {error}") from error
        names = asdict(cls())
        if not isinstance(document, dict):
            raise PricesError(f"{path}: expected a JSON object of prices, got something else")
        for name, price in document.items():
            if name not in names:
                raise PricesError(f"{path}: {name}: expected one of {', '.join(names)}")
            if isinstance(price, bool) or not isinstance(price, int | float) or price < 0:
                raise PricesError(f"{path}: {name}: expected a price of 0 or more, got {price!r}")
        return cls(**document)
