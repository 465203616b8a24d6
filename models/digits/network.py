"""The network: convolutions that read a digit."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.digits.pictures import SIZE

MIDDLE = 0.5


class Reader(nn.Module):
    """Pictures (n, 1, 28, 28) of one digit each, from 0 to 255; ten logits for each.

    Whether ink or paper is the darker, and how strong the contrast is, does not matter.
    """

    frame: Tensor

    def __init__(self) -> None:
        super().__init__()
        frame = torch.ones(1, 1, SIZE, SIZE)
        frame[:, :, 1:-1, 1:-1] = 0
        self.register_buffer("frame", frame / frame.sum())
        # Convolutions to the end: a matrix product would round a row by how many stand beside it.
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Dropout(0.3),
            nn.Conv2d(32, 96, SIZE // 4), nn.ReLU(), nn.Dropout(0.3),
            nn.Conv2d(96, 10, 1), nn.Flatten(),
        )  # fmt: skip

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.layers(self.ink(pixels))
        return logits

    def ink(self, pixels: Tensor) -> Tensor:
        """From 0, paper, to 1, ink: the paper is what the picture's frame is nearer to."""
        darkest = pixels.amin((1, 2, 3), keepdim=True)
        lightest = pixels.amax((1, 2, 3), keepdim=True)
        light = (pixels - darkest) / (lightest - darkest).clamp(min=1)
        paper = (light * self.frame).sum((1, 2, 3), keepdim=True)
        return torch.where(paper > MIDDLE, 1 - light, light)
