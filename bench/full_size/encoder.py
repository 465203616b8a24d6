"""BERT's encoder under its own names, so that published weights load, and its way to ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

OPSET = 20


class Shape(NamedTuple):
    """How large an encoder is; a text has at most `positions` tokens."""

    layers: int
    width: int
    heads: int
    inner_width: int
    vocabulary: int
    positions: int


class SentenceEncoder(nn.Module):
    """Tokens in, one vector of length 1 for each text out: the mean over its tokens."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embeddings = Embeddings(shape)
        self.encoder = nn.ModuleDict(
            {"layer": nn.ModuleList(Layer(shape) for _ in range(shape.layers))}
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        mask = attention_mask.to(torch.float32)
        hidden = self.embeddings(input_ids)
        for layer in self.encoder["layer"]:
            hidden = layer(hidden, mask)
        mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        return nn.functional.normalize(mean)


class Embeddings(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(shape.vocabulary, shape.width)
        self.position_embeddings = nn.Embedding(shape.positions, shape.width)
        self.token_type_embeddings = nn.Embedding(2, shape.width)
        self.LayerNorm = nn.LayerNorm(shape.width, eps=1e-12)

    def forward(self, input_ids: Tensor) -> Tensor:
        positions = self.position_embeddings.weight[: input_ids.shape[1]]
        of_one_text = self.token_type_embeddings.weight[0]
        embedded: Tensor = self.LayerNorm(self.word_embeddings(input_ids) + positions + of_one_text)
        return embedded


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        names = ["query", "key", "value"]
        projections = {name: nn.Linear(shape.width, shape.width) for name in names}
        self.attention = nn.ModuleDict(
            {"self": nn.ModuleDict(projections), "output": Shortcut(shape.width, shape.width)}
        )
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(shape.width, shape.inner_width)})
        self.output = Shortcut(shape.inner_width, shape.width)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        attended = self.attention["output"](self.attend(hidden, mask), hidden)
        inner = nn.functional.gelu(self.intermediate["dense"](attended))
        output: Tensor = self.output(inner, attended)
        return output

    def attend(self, hidden: Tensor, mask: Tensor) -> Tensor:
        query, key, value = (
            self.split(self.attention["self"][name](hidden)) for name in ["query", "key", "value"]
        )
        scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
        shares = (scores + (mask[:, None, None, :] - 1) * 1e4).softmax(-1)
        return (shares @ value).transpose(1, 2).flatten(2)

    def split(self, hidden: Tensor) -> Tensor:
        return hidden.unflatten(2, (self.heads, -1)).transpose(1, 2)


class Shortcut(nn.Module):
    """A layer whose result is added to what it came from."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, outputs)
        self.LayerNorm = nn.LayerNorm(outputs, eps=1e-12)

    def forward(self, hidden: Tensor, source: Tensor) -> Tensor:
        normed: Tensor = self.LayerNorm(self.dense(hidden) + source)
        return normed


def export(network: SentenceEncoder, path: Path, *, tokens: int, external: bool = False) -> None:
    """Write a graph of any number of texts of up to `tokens` tokens; `external` weights stand
    beside it."""
    ids = torch.ones(2, tokens, dtype=torch.int64)
    dynamic = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens", max=tokens)}
    program = torch.onnx.export(
        network, (ids, ids.clone()), dynamo=True, verbose=False, opset_version=OPSET,
        input_names=["input_ids", "attention_mask"], output_names=["sentence_embedding"],
        dynamic_shapes={"input_ids": dynamic, "attention_mask": dynamic},
    )  # fmt: skip
    if program is None:
        raise RuntimeError("expected torch.onnx.export to give a program, got none")
    program.save(path, external_data=external)
