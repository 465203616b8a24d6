"""The rival by the shape of SageMaker's Batch Transform: a client that sends a CSV file's rows to
a server, a thousand at a time, and writes what comes back."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
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
    answers = _pool().map(partial(_asked, _connections(port)), requests)
    values = np.concatenate([*answers]).reshape(-1)
    table = table.append_column("variable", pa.array(values))
    table = table.append_column("error", pa.nulls(len(values), pa.string()))
    pacsv.write_csv(table, target, pacsv.WriteOptions(quoting_style="none"))


def _asked(connections: Connections, rows: Floats) -> Floats:
    connection = connections.get()
    body = orjson.dumps({"instances": rows}, option=orjson.OPT_SERIALIZE_NUMPY)
    connection.request("POST", "/predict", body, HEADERS)
    answer = orjson.loads(connection.getresponse().read())
    connections.put(connection)
    return np.array(answer["predictions"], np.float32)


@cache
def _connections(port: int) -> Connections:
    """Kept from file to file."""
    connections: Connections = SimpleQueue()
    for _ in range(CONNECTIONS):
        connections.put(http.client.HTTPConnection("127.0.0.1", port))
    return connections


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CONNECTIONS)
