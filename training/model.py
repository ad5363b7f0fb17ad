"""RWKV-7 (x070) with the official parameter names, and the gate that copies.

Source of the formulas and of the initial values: BlinkDL's RWKV-LM, RWKV-v7/
(`rwkv_v7_demo.py`, `train_temp/src/model.py`), Apache-2.0.

Shapes: B lanes, T tokens, D width, H = D / 64 heads, V vocabulary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import wkv

HEAD = 64
LENGTH_BUCKETS, RANKS, COUNT_BUCKETS = 12, 4, 4


@dataclass
class Shape:
    layers: int = 4
    width: int = 192
    vocabulary: int = 8192


@dataclass
class State:
    """What a lane carries from chunk to chunk, and a document's start clears."""

    shift: Tensor  # [layers, 2, B, D] last inputs of time mix and channel mix
    wkv: Tensor  # [layers, B, H, 64 values, 64 keys]

    @staticmethod
    def zeros(shape: Shape, lanes: int) -> "State":
        return State(
            torch.zeros(shape.layers, 2, lanes, shape.width),
            torch.zeros(shape.layers, lanes, shape.width // HEAD, HEAD, HEAD),
        )


def rank(width: int, factor: float) -> int:
    """Size of a low-rank projection, as the official trainer sets it."""
    return max(32, round(factor * math.sqrt(width) / 32) * 32)


def shifted(x: Tensor, last: Tensor, keep: Tensor) -> Tensor:
    """The token before each, [B, T, D]; `last` [B, D] precedes the chunk; `keep` [B, T, 1] is 0 at document starts."""
    return torch.cat([last.unsqueeze(1), x[:, :-1]], 1) * keep


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
            linear_map = nn.Linear(d, d, bias=False)
            nn.init.uniform_(linear_map.weight, -bound / math.sqrt(d), bound / math.sqrt(d))
            setattr(self, name, linear_map)
        self.ln_x = nn.GroupNorm(h, d, eps=64e-5)
        nn.init.constant_(self.ln_x.weight, ((1 + layer) / shape.layers) ** 0.7)

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


class Block(nn.Module):
    def __init__(self, shape: Shape, layer: int):
        super().__init__()
        if layer == 0:
            self.ln0 = nn.LayerNorm(shape.width)
        self.ln1 = nn.LayerNorm(shape.width)
        self.ln2 = nn.LayerNorm(shape.width)
        self.att = TimeMix(shape, layer)
        self.ffn = ChannelMix(shape, layer)

    def forward(self, x: Tensor, shift: Tensor, state: Tensor, reset: Tensor, keep: Tensor, v_first: Tensor | None):
        """shift [2, B, D]. Returns (x, v_first, new shift, new state)."""
        if hasattr(self, "ln0"):
            x = self.ln0(x)
        y = self.ln1(x)
        mixed, v_first, state = self.att(y, shift[0], state, reset, keep, v_first)
        x = x + mixed
        z = self.ln2(x)
        x = x + self.ffn(z, shift[1], keep)
        return x, v_first, torch.stack([y[:, -1], z[:, -1]]), state


class Trunk(nn.Module):
    """Plain RWKV-7: its state depends on the tokens alone."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.emb = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape, i) for i in range(shape.layers))
        self.ln_out = nn.LayerNorm(shape.width)
        self.head = nn.Linear(shape.width, shape.vocabulary, bias=False)
        nn.init.uniform_(self.emb.weight, -1e-4, 1e-4)  # ln0 follows, so only the direction counts
        nn.init.orthogonal_(self.head.weight, gain=0.5 * math.sqrt(shape.vocabulary / shape.width))

    def forward(self, tokens: Tensor, reset: Tensor, state: State, blocks: list | None = None) -> tuple[Tensor, State]:
        """tokens int64 [B, T], reset uint8 [B, T] -> (hidden [B, T, D], the state after the chunk, detached).

        `blocks` may be compiled forms of the blocks, for chunks of one fixed shape.
        """
        x = F.embedding(tokens, self.emb.weight)
        keep = (1 - reset).to(x.dtype).unsqueeze(-1)
        shifts, states = [], []
        v_first = None
        for i, block in enumerate(blocks or self.blocks):
            x, v_first, shift, s = block(x, state.shift[i], state.wkv[i], reset, keep, v_first)
            shifts.append(shift)
            states.append(s)
        return self.ln_out(x), State(torch.stack(shifts).detach(), torch.stack(states).detach())


class Gate(nn.Module):
    """Scores of the candidates that copying offers, without the share of the model's own opinion."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(LENGTH_BUCKETS, width))
        # Longer matches start out more trusted: about even odds at length 4.
        self.length = nn.Parameter(torch.linspace(-2.0, 3.0, LENGTH_BUCKETS))
        self.rank = nn.Parameter(torch.tensor([0.0, -0.7, -1.4, -2.0]))
        self.count = nn.Parameter(torch.tensor([0.0, 0.2, 0.4, 0.6]))
        self.alpha = nn.Parameter(torch.tensor([0.3]))

    def forward(self, hidden: Tensor, length: Tensor, count: Tensor) -> Tensor:
        """hidden [N, D], buckets int64 [N, 4] -> scores [N, 4] before `alpha * log p`."""
        by_length = hidden @ self.weight.t() + self.length
        return by_length.gather(1, length) + self.rank + self.count[count]
