"""What users do to the inbox, step by step, as a seed draws it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import orjson

from chaos.bucket import NULL, Description, Version
from chaos.cloud import Cloud
from chaos.content import in_memory
from chaos.files import File, draw_file
from chaos.laboratory import MODEL, VERSIONS
from chaos.ledger import Ledger, Upload
from chaos.notifications import record_of

ENDINGS = ["csv", "csv", "jsonl", "parquet", "parquet", "csv.gz", "jsonl.gz", "csv.zst"]
FOREIGN = "foreign"
DAY_S = 24 * 60 * 60


class Users:
    def __init__(self, cloud: Cloud, ledger: Ledger) -> None:
        self._cloud = cloud
        self._ledger = ledger
        self._serials = count(1)
        self.steps = [step for number in range(self._keys()) for step in self._steps(number)]
        self.steps += self._oddities()
        if cloud.random.random() < 1 / 6:
            self.steps.insert(cloud.random.randint(1, len(self.steps)), self._deploy)

    def act(self) -> None:
        self.steps.pop(0)()

    def announce_again(self) -> None:
        """All that was ever uploaded, a day later."""
        self._cloud.clock.advance(DAY_S)
        for upload in self._ledger:
            self._announce(upload)

    def _keys(self) -> int:
        return self._cloud.random.choices([1, 2], [9, 1])[0]

    def _steps(self, number: int) -> list[Callable[[], None]]:
        random = self._cloud.random
        key = f"{MODEL}/day {number}/rows.{random.choice(ENDINGS)}"
        steps: list[Callable[[], None]] = [partial(self._upload, key)] * random.choices(
            [1, 2, 3], [6, 3, 1]
        )[0]
        if random.random() < 1 / 6:
            steps.append(partial(self._upload_again, key))
        for chance, step in [
            (1 / 12, self._delete),
            (1 / 10, self._remove),
            (1 / 6, self._announce_one_again),
            (1 / 8, self._rescore),
        ]:
            if random.random() < chance:
                steps.insert(random.randint(1, len(steps)), partial(step, key))
        return steps

    def _oddities(self) -> list[Callable[[], None]]:
        odd = [self._tell_of_a_foreign_object, self._test_event, self._marker, self._others_key]
        return [step for step in odd if self._cloud.random.random() < 1 / 20]

    def _upload(self, key: str) -> None:
        ending = key.rpartition("/")[2].partition(".")[2]
        self._put(key, draw_file(ending, self._cloud.random, serial=next(self._serials)))

    def _upload_again(self, key: str) -> None:
        self._put(key, self._cloud.random.choice(self._ledger.uploads[key]).file)

    def _put(self, key: str, file: File) -> None:
        inbox = self._cloud.inbox
        version = inbox.put(key, in_memory(file.body), Description())
        self._ledger.enter(key, version, file)
        self._cloud.store.announce("ObjectCreated:Put", inbox, key, version)

    def _delete(self, key: str) -> None:
        """In a versioned bucket, all versions can still be read."""
        self._cloud.inbox.delete(key)
        if not self._cloud.inbox.versioned:
            self._ledger.remove_all(key)

    def _remove(self, key: str) -> None:
        upload = self._cloud.random.choice(self._ledger.uploads[key])
        if upload.version is not None:
            self._cloud.inbox.remove(key, upload.version)
            upload.is_removed = True

    def _announce_one_again(self, key: str) -> None:
        self._announce(self._cloud.random.choice(self._ledger.uploads[key]))

    def _rescore(self, key: str) -> None:
        """As an operator asks for it, mostly because of a new model."""
        if self._cloud.random.random() < 3 / 4:
            self._deploy()
        upload = self._ledger.uploads[key][-1]
        record = self._record(upload)
        message = {"rescore": True, "Records": [record]}
        self._cloud.queue.send(orjson.dumps(message).decode())
        upload.rescored_under = self._cloud.deployment.version

    def _deploy(self) -> None:
        self._cloud.deployment.version = VERSIONS[1]

    def _announce(self, upload: Upload) -> None:
        self._cloud.notifications.under_way.append(self._record(upload))

    def _record(self, upload: Upload) -> dict[str, Any]:
        content = in_memory(upload.file.body)
        version = Version(upload.version or NULL, self._cloud.clock.now_s, content)
        return record_of("ObjectCreated:Put", self._cloud.inbox.name, upload.key, version)

    def _tell_of_a_foreign_object(self) -> None:
        self._tell(FOREIGN, f"{MODEL}/foreign.csv", self._some_version())

    def _marker(self) -> None:
        self._tell(self._cloud.inbox.name, f"{MODEL}/_SUCCESS", self._some_version())

    def _others_key(self) -> None:
        self._tell(self._cloud.inbox.name, "other/rows.csv", self._some_version())

    def _some_version(self) -> Version:
        return Version("some-version", self._cloud.clock.now_s, in_memory(b"X_0,X_1\n1,2\n"))

    def _tell(self, bucket: str, key: str, version: Version) -> None:
        record = record_of("ObjectCreated:Put", bucket, key, version)
        self._cloud.notifications.under_way.append(record)

    def _test_event(self) -> None:
        self._cloud.queue.send('{"Service":"Amazon S3","Event":"s3:TestEvent"}')
