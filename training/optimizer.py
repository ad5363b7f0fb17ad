"""Muon for the matrices inside the blocks, Adam for everything else.

Muon: https://kellerjordan.github.io/posts/muon/ (quintic Newton-Schulz), scaled
to the RMS of an Adam update as in arXiv 2502.16982, so one learning rate serves both.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

MUON_ENDINGS = tuple(f".{name}.weight" for name in ("receptance", "key", "value", "output", "gate"))


def newton_schulz(g: Tensor, steps: int = 5) -> Tensor:
    """Roughly U V^T of each matrix's singular value decomposition; g [n, rows, columns]."""
    tall = g.shape[1] > g.shape[2]
    x = g.transpose(1, 2) if tall else g
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.transpose(1, 2) if tall else x


class Optimizer:
    """Learning rate and its factor are given at each step; state_dict holds all that is needed to go on."""

    def __init__(self, named: list[tuple[str, nn.Parameter]], lr: float, momentum: float = 0.95, weight_decay: float = 0.02):
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        matrices = [(name, p) for name, p in named if name.endswith(MUON_ENDINGS)]
        by_shape: dict[tuple[int, ...], list[nn.Parameter]] = {}
        for _, p in matrices:
            by_shape.setdefault(tuple(p.shape), []).append(p)
        self.groups = list(by_shape.values())
        self.buffers = [torch.zeros(len(group), *group[0].shape, device=group[0].device) for group in self.groups]
        rest = [p for name, p in named if not name.endswith(MUON_ENDINGS)]
        self.adam = torch.optim.Adam(rest, lr=lr, betas=(0.9, 0.99), eps=1e-10, fused=True)
        self.parameters = [p for _, p in named]

    @torch.no_grad()
    def step(self, factor: float) -> float:
        """One update at `factor` times the learning rate; returns the gradient's norm."""
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        lr = self.lr * factor
        for group, buffer in zip(self.groups, self.buffers):
            gradient = torch.stack([p.grad for p in group])
            buffer.mul_(self.momentum).add_(gradient, alpha=1 - self.momentum)
            update = newton_schulz(torch.lerp(gradient, buffer, self.momentum))  # Nesterov
            scale = 0.2 * max(group[0].shape) ** 0.5
            for p, u in zip(group, update):
                p.mul_(1 - lr * self.weight_decay).add_(u, alpha=-lr * scale)
        self.adam.param_groups[0]["lr"] = lr
        self.adam.step()
        for p in self.parameters:
            p.grad = None
        return float(norm)

    def state_dict(self) -> dict[str, Any]:
        return {"muon": self.buffers, "adam": self.adam.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for buffer, saved in zip(self.buffers, state["muon"]):
            buffer.copy_(saved)
        self.adam.load_state_dict(state["adam"])
