"""RWKV-7 (x070) "Goose" with the official parameter names: both mixes of a block.

Source of the formulas and of the initial values: BlinkDL's RWKV-LM, RWKV-v7/
(`rwkv_v7_demo.py`, `train_temp/src/model.py`), Apache-2.0. arXiv 2503.14456.

Shapes: B streams, T tokens, D width, H = D / 64 heads.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import wkv
from shapes import HEAD, Shape, matrix, shifted


def rank(width: int, factor: float) -> int:
    """Size of a low-rank projection, as the official trainer sets it."""
    return max(32, round(factor * math.sqrt(width) / 32) * 32)


class TimeMix(nn.Module):
    def __init__(self, shape: Shape, layer: int):
        super().__init__()
        d, h = shape.width, shape.width // HEAD
        up = layer / max(1, shape.layers - 1)  # 0 in the first layer, 1 in the last
        down = 1.0 - layer / shape.layers
        n = torch.arange(d, dtype=torch.float32)
        zigzag = (n % HEAD - (HEAD - 1) / 2) / ((HEAD - 1) / 2)
        zigzag = zigzag * zigzag.abs()
        linear = n / (d - 1) - 0.5
        for name, power in zip("rwkvag", (0.2, 0.9, 0.7, 0.7, 0.9, 0.2)):
            setattr(self, "x_" + name, nn.Parameter((1.0 - (n / d) ** (power * down)).view(1, 1, d)))
        decay = -6 + 6 * (n / (d - 1)) ** (1 + up**0.3)
        base = {"w": decay + 0.5 + zigzag * 2.5, "a": -0.19 + zigzag * 0.3 + linear * 0.4, "v": 0.73 - linear * 0.4}
        for name, factor in (("w", 2.5), ("a", 2.5), ("v", 1.7), ("g", 5.0)):
            if name == "v" and layer == 0:
                continue  # the first layer's value is the one the others mix in
            low = rank(d, factor)
            setattr(self, name + "1", nn.Parameter(torch.zeros(d, low)))
            setattr(self, name + "2", nn.Parameter(nn.init.orthogonal_(torch.empty(low, d), gain=0.1 * max(1.0, math.sqrt(low / d)))))
            if name in base:
                setattr(self, name + "0", nn.Parameter(base[name].view(1, 1, d)))
        self.k_k = nn.Parameter((0.71 - linear * 0.1).view(1, 1, d))
        self.k_a = nn.Parameter(torch.full((1, 1, d), 1.02))
        self.r_k = nn.Parameter(torch.full((h, HEAD), -0.04))
        for name, bound in (("receptance", 0.5), ("key", 0.05), ("value", 0.5), ("output", 0.0)):
            setattr(self, name, matrix(d, d, bound))
        self.ln_x = nn.GroupNorm(h, d, eps=64e-5)
        nn.init.constant_(self.ln_x.weight, ((1 + layer) / shape.layers) ** 0.7)

    @staticmethod
    def empty_state(shape: Shape, streams: int) -> Tensor:
        return torch.zeros(streams, shape.width // HEAD, HEAD, HEAD)

    def forward(self, x: Tensor, last: Tensor, state: Tensor, reset: Tensor, keep: Tensor, v_first: Tensor | None):
        """x [B, T, D], last [B, D], state [B, H, 64, 64], reset uint8 [B, T], keep [B, T, 1].

        Returns (output [B, T, D], v_first [B, T, D], state after the chunk).
        """
        b, t, d = x.shape
        heads = (b, t, d // HEAD, HEAD)
        xx = shifted(x, last, keep) - x
        xr, xw, xk, xv, xa, xg = (x + xx * getattr(self, "x_" + name) for name in "rwkvag")
        r = self.receptance(xr)
        w = torch.exp(-0.606531 * torch.sigmoid(self.w0 + torch.tanh(xw @ self.w1) @ self.w2))  # exp(-0.5) = 0.606531
        k = self.key(xk)
        v = self.value(xv)
        if v_first is None:
            v_first = v
        else:
            v = v + (v_first - v) * torch.sigmoid(self.v0 + (xv @ self.v1) @ self.v2)
        a = torch.sigmoid(self.a0 + (xa @ self.a1) @ self.a2)
        g = torch.sigmoid(xg @ self.g1) @ self.g2
        kk = F.normalize((k * self.k_k).view(heads), dim=-1).view(b, t, d)
        k = k * (1 + (a - 1) * self.k_a)
        y, state = wkv.wkv7(r, w, k, v, -kk, kk * a, state, reset)
        # GroupNorm over each head, written out because it fuses better than the library's.
        y = y.view(heads)
        y = (y - y.mean(-1, keepdim=True)) * torch.rsqrt(y.var(-1, keepdim=True, unbiased=False) + 64e-5)
        y = y.view(b, t, d) * self.ln_x.weight + self.ln_x.bias
        bonus = (r.view(heads) * k.view(heads) * self.r_k).sum(-1, keepdim=True) * v.view(heads)
        return self.output((y + bonus.view(b, t, d)) * g), v_first, state


class ChannelMix(nn.Module):
    def __init__(self, shape: Shape, layer: int):
        super().__init__()
        d = shape.width
        n = torch.arange(d, dtype=torch.float32)
        self.x_k = nn.Parameter((1.0 - (n / d) ** ((1.0 - layer / shape.layers) ** 4)).view(1, 1, d))
        self.key = nn.Linear(d, 4 * d, bias=False)
        self.value = nn.Linear(4 * d, d, bias=False)
        nn.init.uniform_(self.key.weight, -0.5 / math.sqrt(d), 0.5 / math.sqrt(d))
        nn.init.zeros_(self.value.weight)

    def forward(self, x: Tensor, last: Tensor, keep: Tensor) -> Tensor:
        return self.value(torch.relu(self.key(x + (shifted(x, last, keep) - x) * self.x_k)) ** 2)
