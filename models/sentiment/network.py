"""The network: a small transformer that judges a text."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTH = 96
HEADS = 4
LAYERS = 2
DROPOUT = 0.2


class Encoder(nn.Module):
    """Tokens in, one logit per text out: positive above zero."""

    def __init__(self, words: int, max_tokens: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH)
        self.positions = nn.Parameter(torch.zeros(max_tokens, WIDTH))
        self.dropout = nn.Dropout(DROPOUT)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.judge = nn.Parameter(torch.zeros(WIDTH))
        nn.init.normal_(self.words.weight, std=0.1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        mask = attention_mask.to(self.positions.dtype)
        hidden = self.words(input_ids) + self.positions[: input_ids.shape[1]]
        hidden = self.dropout(hidden)
        for layer in self.layers:
            hidden = layer(hidden, mask)
        # A sum, where a matrix product would round a row by how many stand beside it.
        votes = (self.norm(hidden) * self.judge).sum(-1) * mask
        return votes.sum(-1) / mask.sum(-1)


class Layer(nn.Module):
    """Attention and a feed-forward network, each behind a normalisation and beside a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(WIDTH)
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH)
        self.merge = nn.Linear(WIDTH, WIDTH)
        self.norm_forward = nn.LayerNorm(WIDTH)
        self.forward_network = nn.Sequential(
            nn.Linear(WIDTH, 2 * WIDTH), nn.ReLU(), nn.Linear(2 * WIDTH, WIDTH)
        )
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        hidden = hidden + self.dropout(self.attention(self.norm_attention(hidden), mask))
        return hidden + self.dropout(self.forward_network(self.norm_forward(hidden)))

    def attention(self, hidden: Tensor, mask: Tensor) -> Tensor:
        batch, tokens, _ = hidden.shape
        heads = self.query_key_value(hidden).view(batch, tokens, 3, HEADS, WIDTH // HEADS)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5
        scores = scores + (mask[:, None, None, :] - 1) * 1e4
        mixed = scores.softmax(-1) @ value
        return self.merge(mixed.transpose(1, 2).reshape(batch, tokens, WIDTH))
