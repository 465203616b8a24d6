"""One fresh process: loads a model of full size, ours or bare, and answers; prints JSON.

python -m bench.full_size.probe ours|bare VERSION_DIRECTORY
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

Embed = Callable[[list[str]], Any]

RUNS = 9
SHORT = "Each sentence is converted"
LONG = " ".join(["sentence"] * 300)


def main() -> None:
    started = time.perf_counter()
    kind, directory = sys.argv[1], Path(sys.argv[2])
    embed = ours(directory) if kind == "ours" else bare(directory)
    embed([SHORT])
    usage = resource.getrusage(resource.RUSAGE_SELF)
    report = {
        "init_cpu_s": usage.ru_utime + usage.ru_stime,
        "init_wall_s": time.perf_counter() - started,
        "init_memory_mib": usage.ru_maxrss / 1024,
        "short_cpu_ms": cpu_ms(embed, [SHORT]),
        "long_cpu_ms": cpu_ms(embed, [LONG]),
        "batch_cpu_ms": cpu_ms(embed, [SHORT] * 32),
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(report))


def ours(directory: Path) -> Embed:
    """The engine, as both doors use it: texts as rows, embeddings as predictions."""
    from serving.deployment import Deployment  # noqa: PLC0415 - importing it is measured
    from serving.golden import predict  # noqa: PLC0415
    from serving.model import Model  # noqa: PLC0415

    model = Model.load(Deployment(directory, directory.parent.name, 1))
    return lambda texts: predict(model, texts)


def bare(directory: Path) -> Embed:
    """What a good engineer writes by hand: a tokenizer and a session, texts padded together."""
    import numpy as np  # noqa: PLC0415
    import onnxruntime  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(directory / "model.onnx", options)

    def embed(texts: list[str]) -> Any:  # noqa: ANN401 - whatever the graph answers
        encodings = tokenizer.encode_batch(texts)
        feeds = {
            "input_ids": np.array([encoding.ids for encoding in encodings]),
            "attention_mask": np.array([encoding.attention_mask for encoding in encodings]),
        }
        return session.run(None, feeds)

    return embed


def cpu_ms(embed: Embed, texts: list[str]) -> float:
    """The median of some calls, after one that is not counted."""
    embed(texts)
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        embed(texts)
        times.append(time.process_time() - started)
    return 1000 * median(times)


if __name__ == "__main__":
    main()
