"""`python -m bench.large_files`: files of gigabytes through the real function, and its memory.

The function runs under the official runtime client, fed by an event source from a real queue; S3
is a double that keeps its objects in files, for moto holds them in memory. What is measured of the
function's processes is their peak resident memory (VmHWM) and, of the whole, the wall time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from bench import models
from bench.large_inputs import COLUMNS, MakeFile, csv_file, gzip_file, parquet_file
from chaos.object_store import ObjectStore
from chaos.server import S3Server, announcing
from delivery.manifest import SUFFIX, Manifest
from iam.account import REGION
from local.credentials import CREDENTIALS
from local.data_plane import DataPlane
from local.environment import Configuration
from local.event_source import EventSource, EventSourceMapping
from local.function import Function
from local.port import Port
from operations.site import Site
from operations.verification import verify

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

ROOT = Path(__file__).parent.parent
MODEL = "linear"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:123456789012:{MODEL}"
MIB = 1024 * 1024
UPLOAD_BYTES = 64 * MIB
SAMPLE_S = 0.1
FILES: Mapping[str, MakeFile] = {
    "rows.csv": csv_file,
    "rows.csv.gz": gzip_file,
    "rows.parquet": parquet_file,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One file's way: sizes in bytes, the largest process's memory in MiB."""

    key: str
    size: int
    rows: int
    parts: int
    wall_s: float
    peak_mib: float
    verdict: str

    def __str__(self) -> str:
        return (
            f"{self.key:14} {self.size / MIB:7.0f} MiB  {self.rows:11,} rows  "
            f"{self.parts:4} parts  {self.wall_s:6.1f} s  {self.rows / self.wall_s:9,.0f} rows/s  "
            f"peak {self.peak_mib:5.1f} MiB  {self.verdict}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.large_files", description=__doc__)
    parser.add_argument("--mib", type=int, nargs="+", default=[64, 4096], help="sizes of files")
    parser.add_argument("--files", nargs="+", default=[*FILES], choices=FILES)
    parser.add_argument("--timeout-s", type=float, default=60, help="the function's")
    options = parser.parse_args()
    measured = []
    for name in options.files:
        for size in options.mib:
            measured.append(measure(name, size * MIB, timeout_s=options.timeout_s))
            sys.stdout.write(f"{measured[-1]}\n")
            sys.stdout.flush()
    return 0 if all(each.verdict == "verified" for each in measured) else 1


def measure(name: str, size_bytes: int, *, timeout_s: float) -> Measured:
    with running(timeout_s) as site:
        key = f"{MODEL}/{name}"
        with watched() as peaks:
            size = upload(site.s3, key, FILES[name](size_bytes))
            started = time.monotonic()
            manifest = wait_for_manifest(site.s3, key)
            wall_s = time.monotonic() - started
        [verdict] = verify(site, key)
        return Measured(
            name,
            size,
            manifest.rows.total,
            len(manifest.output.parts) if manifest.output else 0,
            wall_s,
            max(peaks.values()) / 1024,
            verdict.status,
        )


@contextmanager
def running(timeout_s: float) -> Iterator[Site]:
    """The function, its queue and its buckets."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory()))
        model = models.linear(directory, columns=COLUMNS)
        data_plane = stack.enter_context(DataPlane(Port(0, "AWS_PORT")))
        sqs = data_plane.sqs()
        queue_url = sqs.create_queue(
            QueueName=MODEL, Attributes={"VisibilityTimeout": str(int(6 * timeout_s))}
        )["QueueUrl"]
        store = ObjectStore()
        for bucket in ("inbox", "results"):
            store.create_bucket(bucket, versioned=True)
        store.announce = announcing("inbox", queue_url, sqs)
        server = stack.enter_context(S3Server(0, directory, store))
        Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        function = stack.enter_context(
            Function(_configuration(model, data_plane.endpoint, server.url, timeout_s))
        )
        mapping = EventSourceMapping(
            queue_url=queue_url,
            queue_arn=QUEUE_ARN,
            batch_size=1,
            maximum_concurrency=2,
            reports_item_failures=True,
        )
        stack.enter_context(EventSource(mapping, function, sqs))
        s3 = boto3.client(
            "s3",
            endpoint_url=server.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}),
        )
        yield Site(s3, sqs, "inbox", "results")


def _configuration(model: Path, endpoint: str, s3_endpoint: str, timeout_s: float) -> Configuration:
    return Configuration(
        name="score",
        handler="functions.score.handler.lambda_handler",
        directory=ROOT,
        python_path=(ROOT / "layers" / "serving" / "python",),
        variables={
            "MODEL_DIR": str(model),
            "MODEL_NAME": MODEL,
            "INBOX_BUCKET": "inbox",
            "RESULTS_BUCKET": "results",
            "QUEUE_ARN": QUEUE_ARN,
            "SPLIT_BYTES": str(128 * MIB),
            "PART_BYTES": str(64 * MIB),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ENDPOINT_URL_S3": s3_endpoint,
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        },
        timeout_s=timeout_s,
        memory_mib=2048,
    )


def upload(s3: S3Client, key: str, chunks: Iterator[bytes]) -> int:
    """Returns the size in bytes."""
    upload: Any = {"Bucket": "inbox", "Key": key}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    sent: list[Any] = []
    size = 0
    for number, body in enumerate(_merged(chunks), start=1):
        answer = s3.upload_part(**upload, PartNumber=number, Body=body)
        sent.append({"ETag": answer["ETag"], "PartNumber": number})
        size += len(body)
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": sent})
    return size


def _merged(chunks: Iterator[bytes]) -> Iterator[bytes]:
    waiting, size = [], 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= UPLOAD_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)


def wait_for_manifest(s3: S3Client, key: str) -> Manifest:
    while True:
        try:
            answer = s3.get_object(Bucket="results", Key=key + SUFFIX)
        except ClientError:
            time.sleep(SAMPLE_S)
        else:
            return Manifest.from_json(answer["Body"].read())


@contextmanager
def watched() -> Iterator[dict[int, int]]:
    """Peak resident memory in KiB, by process, of the runtime clients that this process starts."""
    peaks: dict[int, int] = {}
    done = Event()

    def watch() -> None:
        while not done.wait(SAMPLE_S):
            for process in _children():
                peaks[process] = max(peaks.get(process, 0), _peak_kib(process))

    thread = Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        done.set()
        thread.join()


def _children() -> Sequence[int]:
    tasks = Path("/proc/self/task").iterdir()
    processes = [int(p) for task in tasks for p in (task / "children").read_text().split()]
    return [p for p in processes if b"awslambdaric" in _command(p)]


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _peak_kib(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) if lines else 0


if __name__ == "__main__":
    sys.exit(main())
