"""Gradient descent of a PyTorch network: AdamW, at a rate that rises and falls once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

import numpy as np
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

Batch = TypeVar("Batch")


class Descent(NamedTuple):
    epochs: int
    batches_per_epoch: int
    learning_rate: float
    weight_decay: float

    def fit(
        self,
        network: nn.Module,
        batches: Callable[[], Iterable[Batch]],
        loss_of: Callable[[Batch], Tensor],
    ) -> None:
        """`batches` is asked for those of each epoch. The network is ready to be evaluated then."""
        steps = self.epochs * self.batches_per_epoch
        optimizer = AdamW(network.parameters(), self.learning_rate, weight_decay=self.weight_decay)
        schedule = OneCycleLR(optimizer, self.learning_rate, total_steps=steps)
        network.train()
        for epoch in range(1, self.epochs + 1):
            losses = []
            for batch in batches():
                loss = loss_of(batch)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                losses.append(loss.item())
            sys.stderr.write(f"epoch {epoch} of {self.epochs}: loss {np.mean(losses):.4f}\n")
        network.eval()
