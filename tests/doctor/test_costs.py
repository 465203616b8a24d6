"""What a model costs by what was measured of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.costs import Standing
from doctor.series import Run
from tests.doctor.measurements import alone, batch, costs, online


def test_a_million_predictions_are_billed_by_service() -> None:
    bill = costs().predictions(online(), 1769)

    # 2 ms each and 1 % of a second, in 1.73 GB; 1,500 bytes of log; answers of 300 bytes.
    assert bill.as_document() == pytest.approx(
        {
            "Lambda": 1e6 * 0.012 * 1769 / 1024 * 0.000_016_666_7 + 0.20,
            "API Gateway": 1.00,
            "S3": 0.0,
            "SQS": 0.0,
            "EventBridge": 0.0,
            "CloudWatch": 1.5e9 / 1024**3 * 0.50,
            "ECR": 0.0,
            "transfer": 3e8 / 1024**3 * 0.09,
            "total": bill.total_usd,
        }
    )


@pytest.mark.parametrize(
    ("processor", "gb_s", "provisioned_gb_s"),
    [("x86_64", 0.000_016_666_7, 0.000_004_166_7), ("arm64", 0.000_013_333_4, 0.000_003_333_4)],
)
def test_each_processor_has_its_price(processor: str, gb_s: float, provisioned_gb_s: float) -> None:
    stage = costs(processor=processor, predict_provisioned_concurrency=1)

    requests = stage.predictions(online(), 1024).usd("Lambda")
    waiting = stage.month(Standing(1, 0, 0, 0)).usd("Lambda")

    assert requests == pytest.approx(1e6 * stage.billed_s(online(), 1024) * gb_s + 0.20)
    assert waiting == pytest.approx(30 * 24 * 3600 * 1769 / 1024 * provisioned_gb_s)


def test_a_request_is_billed_in_whole_milliseconds() -> None:
    brief = online(row=Run(1, alone(0.0001), 100.0), start=online().start._replace(work=alone(0)))

    assert costs().billed_s(brief, 1769) == 0.001


def test_requests_of_more_than_half_a_mebibyte_count_twice() -> None:
    large = online(row=Run(1, alone(0.002), 100.0, 600 * 1024, 300))

    assert costs().predictions(large, 1769).usd("API Gateway") == pytest.approx(2.00)


def test_a_million_rows_of_a_file_are_billed_by_service() -> None:
    bill = costs().rows(batch(), 3538)

    # One part: by the network, which takes 144 MiB at 71 MB/s.
    assert bill.as_document() == pytest.approx(
        {
            "Lambda": 144 * 1024**2 / 71e6 * 3538 / 1024 * 0.000_016_666_7 + 2e-7,
            "API Gateway": 0.0,
            "S3": 26 * 4e-7 + (10 + 4 + 7) * 5e-6,
            "SQS": 3 * 4e-7,
            "EventBridge": 1e-6,
            "CloudWatch": 1500 / 1024**3 * 0.50,
            "ECR": 0.0,
            "transfer": 0.0,
            "total": bill.total_usd,
        }
    )


def test_a_file_in_parts_costs_a_message_for_each_and_one_for_their_plan() -> None:
    wide = batch(part_rows=100_000, files=batch().files._replace(
        runs=(batch().files.runs[0], batch().files.last._replace(rows=100_000))
    ))  # fmt: skip

    assert costs().rows(wide, 3538).usd("SQS") == pytest.approx(11 * 3 * 4e-7)


def test_what_stands_costs_without_an_event() -> None:
    bill = costs(predict_provisioned_concurrency=2).month(Standing(1, 22, 1, 1024**3))

    assert bill.as_document() == pytest.approx(
        {
            "Lambda": 30 * 24 * 3600 * 2 * 1769 / 1024 * 0.000_004_166_7,
            "API Gateway": 0.0,
            "S3": 0.0,
            "SQS": 648_000 * 4e-7,
            "EventBridge": 0.0,
            "CloudWatch": 2.20 + 3.00,
            "ECR": 0.10,
            "transfer": 0.0,
            "total": bill.total_usd,
        }
    )


@given(st.floats(0.0001, 10), st.floats(0.0001, 10))
def test_a_slower_row_never_costs_less(one_s: float, other_s: float) -> None:
    less, more = (online(row=Run(1, alone(s), 100.0)) for s in sorted([one_s, other_s]))

    assert costs().predictions(less, 1769).total_usd <= costs().predictions(more, 1769).total_usd
