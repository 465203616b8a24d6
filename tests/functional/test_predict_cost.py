"""No body costs much time or memory, whatever is in it: each here is as large as one may be."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from onnx import TensorProto

from tests import graphs
from tests.functional.conftest import Context
from tests.functional.runtime import LAYER, ROOT

BODY_BYTES = 6_290_000
# Measured on an idle core: 0.5 s and 100 MB at most, but tests share their cores.
MOST_CPU_S = 2.0
MOST_MEMORY_MB = 150

INPUT = b'{"inputs":[{"name":"x","datatype":"FP32","shape":[%d,1],"data":[%s]}]}'


def filled(unit: bytes, *, end: bytes = b"0]") -> bytes:
    return b"[" + unit * ((BODY_BYTES - 4) // len(unit)) + end


def bomb() -> bytes:
    """Some 4 GB of zeros: after a full flush, deflated parts can be repeated."""
    deflation = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    first, part = (
        deflation.compress(bytes(1 << 20)) + deflation.flush(zlib.Z_FULL_FLUSH) for _ in range(2)
    )
    return first + part * 4000


BODIES = {
    "values": lambda: filled(b"1,"),
    "as many values as are read": lambda: INPUT % (999_000, b"0.1," * 998_999 + b"1"),
    "as many wrong values as are read": lambda: INPUT % (999_000, b"null," * 998_999 + b"1"),
    "arrays": lambda: filled(b"[],"),
    "as many arrays as are read": lambda: INPUT % (249_000, b"[1]," * 248_999 + b"[1]"),
    "objects": lambda: filled(b"{},"),
    "arrays in arrays": lambda: filled(b"[" * 480 + b"]" * 480 + b","),
    "brackets that never close": lambda: b"[" * BODY_BYTES,
    "distinct keys": lambda: b"{%s}" % b",".join(b'"%x":1' % key for key in range(600_000)),
    "a repeated key": lambda: b'{%s,"0":1}' % b",".join(b'"%x":1' % key for key in range(600_000)),
    "digits": lambda: b"[" + b"9" * BODY_BYTES + b"]",
    "bomb": bomb,
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_costs_little_time_and_memory(body: str, tmp_path: Path) -> None:
    model = graphs.save(graphs.identity(TensorProto.FLOAT), tmp_path / "example" / "1")
    environ = {"PYTHONPATH": os.pathsep.join(map(str, [ROOT, LAYER])), "MODEL_DIR": str(model)}

    run = subprocess.run(
        [sys.executable, __file__, body],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=True,
    )

    status, cpu_s, memory_mb = run.stdout.splitlines()[-1].split()
    assert int(status) in {200, 400, 413, 422}
    assert float(cpu_s) < MOST_CPU_S
    assert float(memory_mb) < MOST_MEMORY_MB


def event(body: bytes, *, encoding: str) -> dict[str, Any]:
    return {
        "rawPath": "/v2/models/example/infer",
        "requestContext": {"http": {"method": "POST"}},
        "headers": {"content-encoding": encoding},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def resident_mb(field: str) -> float:
    """VmRSS: now; VmHWM: the peak since `clear_refs` was written."""
    lines = Path("/proc/self/status").read_text().splitlines()
    [kib] = [line.split()[1] for line in lines if line.startswith(field)]
    return int(kib) * 1024 / 1e6


def measure(body: str) -> str:
    """The answer's status, the seconds of CPU and the memory that it took."""
    from functions.predict.handler import lambda_handler  # noqa: PLC0415 - it loads MODEL_DIR

    request = event(BODIES[body](), encoding="gzip" if body == "bomb" else "")
    before_mb = resident_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    started_s = time.process_time()
    answer = lambda_handler(request, Context())
    cpu_s = time.process_time() - started_s
    return f"{answer['statusCode']} {cpu_s:.3f} {resident_mb('VmHWM') - before_mb:.0f}"


if __name__ == "__main__":
    sys.stdout.write(f"\n{measure(sys.argv[1])}")
