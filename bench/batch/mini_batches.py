"""The rival by the shape of SageMaker's Batch Transform: a client that sends a CSV file's rows to
a server, a thousand at a time, and writes what comes back."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

REQUEST_ROWS = 1000
CONNECTIONS = 4
HEADERS = {"Content-Type": "application/json"}

Floats = NDArray[np.float32]
Connections = SimpleQueue[http.client.HTTPConnection]


def score(_: Path, source: Path, target: Path, *, port: int) -> None:
    table = pacsv.read_csv(source)
    columns = [column.to_numpy() for column in table.columns]
    rows = np.ascontiguousarray(np.array(columns, np.float32).T)
    requests = (rows[row : row + REQUEST_ROWS] for row in range(0, len(rows), REQUEST_ROWS))
    with _connected(port) as connections, ThreadPoolExecutor(CONNECTIONS) as pool:
        values = np.concatenate([*pool.map(partial(_asked, connections), requests)]).reshape(-1)
    table = table.append_column("variable", pa.array(values))
    table = table.append_column("error", pa.nulls(len(values), pa.string()))
    pacsv.write_csv(table, target, pacsv.WriteOptions(quoting_style="none"))


@contextmanager
def _connected(port: int) -> Iterator[Connections]:
    """Connections that are kept for a file: from one to the next a server hangs up."""
    connections: Connections = SimpleQueue()
    for _ in range(CONNECTIONS):
        connections.put(http.client.HTTPConnection("127.0.0.1", port))
    yield connections
    while not connections.empty():
        connections.get().close()


def _asked(connections: Connections, rows: Floats) -> Floats:
    connection = connections.get()
    try:
        body = orjson.dumps({"instances": rows}, option=orjson.OPT_SERIALIZE_NUMPY)
        connection.request("POST", "/predict", body, HEADERS)
        answer = orjson.loads(connection.getresponse().read())
    finally:
        connections.put(connection)
    return np.array(answer["predictions"], np.float32)
