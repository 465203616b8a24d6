"""A model's alarms: what is watched, over how long, from where on somebody is called, and why."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import IMetric, MathExpression
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from cdk.batch_scoring import BatchScoring
from cdk.deployed_model import DeployedModel
from cdk.measurements import UNEXPECTED_DIGESTS, Measurements, Service, of_live, of_queue
from cdk.online_prediction import OnlinePrediction
from cdk.runbook_alarm import RunbookAlarm
from cdk.scoring_queue import ScoringQueue
from cdk.settings import StageSettings

# Callers wait, and a canary has five minutes: what goes wrong online shows minute by minute. Two
# bad ones of five, since one request that took its environment down calls nobody.
ONLINE = Duration.minutes(1)
ONLINE_BAD, ONLINE_OF = 2, 5
# Bad input is the caller's and is answered with a 4xx, so that what remains is ours.
ERRORS_PERCENT = 1
# Past it, the slowest answers are about to be none.
SLOW_SHARE_OF_TIMEOUT = 0.8

# Files come in bursts and are retried by themselves.
BATCH = Duration.minutes(5)
# Work is handed on before the deadline, so that an error is a crash. Throttled deliveries are
# repeated, but count, and five of them are a dead letter.
THROTTLED_BAD, THROTTLED_OF = 2, 3
# No attempt takes longer than the function may, which is 15 minutes at most.
UNSETTLED_OF = 6

# Who sends files looks after them by the hour; a typo in a small one calls nobody.
CONTENT = Duration.minutes(15)
BAD_ROWS_PERCENT, BAD_ROWS_LEAST = 5, 10
FAILED_FILES_PERCENT, FAILED_FILES_LEAST = 50, 3

# What began before a rollout may end up to 15 minutes after it, in two quarters of an hour at most.
DIGEST = Duration.minutes(15)
DIGEST_BAD, DIGEST_OF = 3, 8


class Alarms(Construct):
    """`all` of them tell the topic; those in `rollout` also turn a rollout back."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        model: DeployedModel,
        predict: OnlinePrediction,
        score: BatchScoring,
        queue: ScoringQueue,
        topic: ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = topic
        self._measurements = Measurements(stage, model)
        slow_ms = SLOW_SHARE_OF_TIMEOUT * 1000 * stage.predict_timeout_s
        self.all: list[RunbookAlarm] = []
        self._watch_callers(predict, slow_ms)
        self.rollout = self._watch_rollout(predict, slow_ms)
        self._watch_scoring(score)
        self._watch_queue(queue)
        self._watch_files()
        self._watch_digest("predict", predict)
        self._watch_digest("score", score)

    def _watch_callers(self, predict: OnlinePrediction, slow_ms: float) -> None:
        self._call_online(
            "PredictErrors",
            "More than 1 % of the requests fail, and by our fault.",
            _error_rate(
                errors=of_live(predict, "Errors", "Sum", ONLINE),
                answered=self._measurements.own("predict", "ServerErrors", "Sum", ONLINE),
                invocations=of_live(predict, "Invocations", "Sum", ONLINE),
            ),
            above=ERRORS_PERCENT,
        )
        self._call_online(
            "PredictThrottles",
            "Lambda turns requests away: no concurrency is left.",
            of_live(predict, "Throttles", "Sum", ONLINE),
            above=0,
        )
        self._call_online(
            "PredictSlow",
            "The slowest answers take more than 80 % of the time they may.",
            of_live(predict, "Duration", "p99", ONLINE),
            above=slow_ms,
        )

    def _watch_rollout(self, predict: OnlinePrediction, slow_ms: float) -> list[RunbookAlarm]:
        """Of the new version alone: an old one that fails must not turn back what mends it."""
        self._measurements.count_server_errors_by_version(predict)
        version = predict.current_version
        return [
            self._call_online(
                "RolloutErrors",
                "More than 1 % of the new version's requests fail: it is rolled back.",
                _error_rate(
                    errors=of_live(predict, "Errors", "Sum", ONLINE, version=version),
                    answered=self._measurements.server_errors_of(version, ONLINE),
                    invocations=of_live(predict, "Invocations", "Sum", ONLINE, version=version),
                ),
                above=ERRORS_PERCENT,
            ),
            self._call_online(
                "RolloutSlow",
                "The new version takes more than 80 % of the time it may: it is rolled back.",
                of_live(predict, "Duration", "p99", ONLINE, version=version),
                above=slow_ms,
            ),
        ]

    def _watch_scoring(self, score: BatchScoring) -> None:
        self._call(
            "ScoreErrors",
            "Scoring crashed, ran out of memory or out of time.",
            of_live(score, "Errors", "Sum", BATCH),
            above=0,
        )
        self._call(
            "ScoreThrottles",
            "Lambda turns deliveries of files away: no concurrency is left.",
            of_live(score, "Throttles", "Sum", BATCH),
            above=0,
            datapoints=THROTTLED_BAD,
            periods=THROTTLED_OF,
        )

    def _watch_queue(self, queue: ScoringQueue) -> None:
        self._call(
            "QueueAge",
            "A file waits for longer than a failed attempt keeps it hidden.",
            of_queue(queue.name, "ApproximateAgeOfOldestMessage", BATCH),
            above=queue.visibility_timeout_s,
        )
        self._call(
            "DeadLetters",
            "A file was given up after five deliveries.",
            of_queue(queue.dead_letters_name, "ApproximateNumberOfMessagesVisible", BATCH),
            above=0,
        )
        self._call(
            "NoManifest",
            "Files were announced, and for half an hour none of them got anywhere.",
            MathExpression(
                expression="(FILL(waiting, 0) + FILL(hidden, 0) > 0) * (FILL(settled, 0) < 1)",
                using_metrics={
                    "waiting": of_queue(queue.name, "ApproximateNumberOfMessagesVisible", BATCH),
                    "hidden": of_queue(queue.name, "ApproximateNumberOfMessagesNotVisible", BATCH),
                    # Of every outcome there is one duration.
                    "settled": self._measurements.own("score", "Duration", "SampleCount", BATCH),
                },
                period=BATCH,
            ),
            above=0,
            datapoints=UNSETTLED_OF,
            periods=UNSETTLED_OF,
        )

    def _watch_files(self) -> None:
        self._call(
            "BadRows",
            "More than 5 % of the rows in files are bad.",
            self._share("BadRows", "Rows", least=BAD_ROWS_LEAST),
            above=BAD_ROWS_PERCENT,
        )
        self._call(
            "FailedFiles",
            "More than half of the files cannot be scored.",
            self._share("FilesFailed", "FilesFailed", "FilesSucceeded", least=FAILED_FILES_LEAST),
            above=FAILED_FILES_PERCENT,
        )

    def _watch_digest(self, service: Service, function: OnlinePrediction | BatchScoring) -> None:
        counted = self._measurements.count_unexpected_digests(service, function)
        # During a rollout two digests are expected; the filter expects the new one after it.
        counted.node.add_dependency(function.live)
        self._call(
            f"{service.title()}Digest",
            "A version serves that is not the one deployed.",
            self._measurements.own(service, UNEXPECTED_DIGESTS, "Sum", DIGEST),
            above=0,
            datapoints=DIGEST_BAD,
            periods=DIGEST_OF,
        )

    def _share(self, part: str, *whole: str, least: int) -> MathExpression:
        """In percent, of counts that score writes; 0 where there are fewer than `least` of it."""
        metrics = {
            name.lower(): self._measurements.own("score", name, "Sum", CONTENT)
            for name in (part, *whole)
        }
        of = " + ".join(f"FILL({name.lower()}, 0)" for name in whole)
        return MathExpression(
            expression=f"100 * {part.lower()} * ({part.lower()} >= {least}) / ({of})",
            using_metrics=metrics,
            period=CONTENT,
        )

    def _call_online(self, name: str, says: str, metric: IMetric, *, above: float) -> RunbookAlarm:
        return self._call(name, says, metric, above=above, datapoints=ONLINE_BAD, periods=ONLINE_OF)

    def _call(
        self,
        name: str,
        says: str,
        metric: IMetric,
        *,
        above: float,
        datapoints: int = 1,
        periods: int = 1,
    ) -> RunbookAlarm:
        alarm = RunbookAlarm(
            self,
            name,
            topic=self._topic,
            says=says,
            metric=metric,
            above=above,
            datapoints=datapoints,
            periods=periods,
        )
        self.all.append(alarm)
        return alarm


def _error_rate(*, errors: IMetric, answered: IMetric, invocations: IMetric) -> MathExpression:
    """In percent: invocations that raised, crashed or ran out of time, and those answered 5xx."""
    return MathExpression(
        expression="100 * (FILL(errors, 0) + FILL(answered, 0)) / invocations",
        using_metrics={"errors": errors, "answered": answered, "invocations": invocations},
        period=ONLINE,
    )
