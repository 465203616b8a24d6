"""S3 as a server of its own, for files that no memory holds: `python -m chaos.server`.

Bodies go from the socket to files and back without being held; copies of parts and completed
uploads move no bytes at all. New objects are announced to an SQS queue, where one is named.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import boto3
import orjson

from chaos.bucket import Bucket, Version
from chaos.content import CHUNK_BYTES, Content, FileBlob, in_file, in_memory
from chaos.notifications import record_of
from chaos.object_store import Announce, ObjectStore
from chaos.s3_double import answer
from chaos.s3_request import Answer, Request

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

# What fits is answered from memory: a file for every manifest would be slower.
SMALL_BYTES = 64 * 1024


class S3Server(ThreadingHTTPServer):
    """Objects lie in files without names in `directory`, and are gone when the server is."""

    daemon_threads = True

    def __init__(self, port: int, directory: Path, store: ObjectStore) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.directory = directory
        self.store = store
        self.lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: S3Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_one_request(self) -> None:
        """Every method alike."""
        self.raw_requestline = self.rfile.readline(CHUNK_BYTES)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request.of(self.command, self.path, headers, self._content())
        with self.server.lock:
            answered = answer(self.server.store, request)
        self._send(answered)

    def _content(self) -> Content:
        size = int(self.headers.get("content-length", 0))
        if size <= SMALL_BYTES:
            return in_memory(self.rfile.read(size))
        return in_file(self.server.directory, self._chunks(size))

    def _chunks(self, size: int) -> Iterator[bytes]:
        while size and (chunk := self.rfile.read(min(size, CHUNK_BYTES))):
            size -= len(chunk)
            yield chunk

    def _send(self, answered: Answer) -> None:
        self.send_response(answered.status)
        for name, value in answered.headers.items():
            self.send_header(name, value)
        if answered.status not in {204, 304}:
            self.send_header("content-length", str(answered.content.size))
        self.end_headers()
        if self.command != "HEAD":
            # Whoever wants no more of a body hangs up.
            with suppress(BrokenPipeError, ConnectionResetError):
                self._send_content(answered.content)

    def _send_content(self, content: Content) -> None:
        self.wfile.flush()
        for piece in content.slices:
            if isinstance(piece.blob, FileBlob):
                self._send_file(piece.blob.fd, piece.start, piece.stop)
            else:
                self.wfile.write(piece.blob.read(piece.start, piece.stop))

    def _send_file(self, fd: int, start: int, stop: int) -> None:
        while start < stop:
            start += os.sendfile(self.connection.fileno(), fd, start, stop - start)

    def log_message(self, *_: object) -> None:
        """Nothing: who calls knows what was asked."""


def announcing(bucket_name: str, queue_url: str, sqs: SQSClient) -> Announce:
    """Tells a queue of new objects in one bucket."""

    def announce(event: str, bucket: Bucket, key: str, version: Version) -> None:
        if bucket.name == bucket_name:
            record = record_of(event, bucket.name, key, version)
            body = orjson.dumps({"Records": [record]}).decode()
            sqs.send_message(QueueUrl=queue_url, MessageBody=body)

    return announce


def main() -> None:
    options = _options()
    store = ObjectStore()
    if options.queue_url:
        store.announce = announcing(options.inbox, options.queue_url, boto3.client("sqs"))
    for name in (options.inbox, options.results):
        store.create_bucket(name, versioned=True)
    with S3Server(options.port, options.directory, store) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        server.serve_forever()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="any free one, where it is 0")
    parser.add_argument("--directory", type=Path, required=True, help="where the bytes lie")
    parser.add_argument("--inbox", default="inbox", help="the bucket that announces its objects")
    parser.add_argument("--results", default="results", help="the other bucket")
    parser.add_argument("--queue-url", help="where to announce them")
    return parser.parse_args()


if __name__ == "__main__":
    main()
