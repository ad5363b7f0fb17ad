"""RWKV-5.2 "Eagle" with the official parameter names: both mixes of a block. arXiv 2404.05892.

Source of the formulas and of the initial values of the vectors: BlinkDL's
RWKV-LM, RWKV-v5/src/model.py, Apache-2.0. The matrices start as RWKV-7's do.

Shapes: B streams, T tokens, D width, H = D / 64 heads of N = 64 channels, C tokens of a chunk.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import rwkv4
from shapes import HEAD, Shape, chunks_of, documents_in_chunks, matrix, shifted


def wkv5(r: Tensor, k: Tensor, v: Tensor, w: Tensor, u: Tensor, state: Tensor, reset: Tensor) -> tuple[Tensor, Tensor]:
    """Linear attention with a constant decay a channel, all tokens of a chunk at once:

      y_t = sum over i < t of (r_t . (w^(t - 1 - i) * k_i)) v_i + (r_t . (u * k_t)) v_t

    r k v [B, T, H, N], log of the decay w and bonus u [H, N], state [B, H, N keys, N values], reset uint8 [B, T].
    Returns (y [B, T, H, N], the state after the last token).
    """
    outputs = []
    for start, end, size in chunks_of(r.shape[1]):
        y, state = _whole_chunks(*(x[:, start:end] for x in (r, k, v)), w, u, state, reset[:, start:end], size)
        outputs.append(y)
    return torch.cat(outputs, 1), state


def _whole_chunks(r: Tensor, k: Tensor, v: Tensor, w: Tensor, u: Tensor, state: Tensor, reset: Tensor, size: int) -> tuple[Tensor, Tensor]:
    b, t, h, n = r.shape
    # [B, chunks, H, C, N]
    r, k, v = (x.reshape(b, t // size, size, h, n).transpose(2, 3) for x in (r, k, v))
    document, same = documents_in_chunks(reset, size)
    at = torch.arange(size)
    distance = at[:, None] - 1 - at  # [C, C], -1 for a token itself
    # Powers of w are taken forward only: dividing by one may be dividing by zero.
    decay = torch.exp(w[:, None, None] * distance.clamp(min=0)[..., None])  # [H, C, C, N]
    decay = torch.where(distance[..., None] < 0, u[:, None, None], decay)
    scores = ((r[..., :, None, :] * decay) * k[..., None, :, :]).sum(-1)  # [B, chunks, H, C, C]
    scores = torch.where((same & (distance >= -1))[:, :, None], scores, 0.0)
    y = scores @ v

    # What each chunk leaves behind, seen from its end; then from chunk to chunk.
    fading = torch.exp(w[:, None] * (size - 1 - at)[:, None])  # [H, C, N]
    left = (k * fading * same[:, :, None, -1, :, None]).transpose(-1, -2) @ v  # [B, chunks, H, N, N]
    begun = document > 0  # another document has begun: the past is nothing to these tokens
    carried = torch.exp(w * size) * ~begun[:, :, -1, None, None]  # [B, chunks, H, N]
    states = []
    for i in range(t // size):
        states.append(state)
        state = state * carried[:, i, :, :, None] + left[:, i]
    reading = r * torch.exp(w[:, None] * at[:, None]) * ~begun[:, :, None, :, None]
    y = y + reading @ torch.stack(states, 1)
    return y.transpose(2, 3).reshape(b, t, h, n), state


class TimeMix(nn.Module):
    def __init__(self, shape: Shape, layer: int):
        super().__init__()
        d, h = shape.width, shape.width // HEAD
        up = layer / max(1, shape.layers - 1)
        n = torch.arange(d, dtype=torch.float32)
        share = (n / d) ** (1.0 - layer / shape.layers)
        for name, value in (("k", share), ("v", share + 0.3 * up), ("r", share**0.5), ("g", share**0.5)):
            setattr(self, "time_mix_" + name, nn.Parameter(value.view(1, 1, d)))
        self.time_decay = nn.Parameter((-6 + 5 * (n / (d - 1)) ** (0.7 + 1.3 * up)).view(h, HEAD))
        self.time_faaaa = nn.Parameter((up * (1 - n / (d - 1)) + 0.1 * ((n + 1) % 3 - 1)).view(h, HEAD))
        for name, bound in (("receptance", 0.5), ("key", 0.05), ("value", 0.5), ("gate", 0.5), ("output", 0.0)):
            setattr(self, name, matrix(d, d, bound))
        self.ln_x = nn.GroupNorm(h, d, eps=64e-5)
        nn.init.constant_(self.ln_x.weight, ((1 + layer) / shape.layers) ** 0.7)

    @staticmethod
    def empty_state(shape: Shape, streams: int) -> Tensor:
        return torch.zeros(streams, shape.width // HEAD, HEAD, HEAD)

    def forward(self, x: Tensor, last: Tensor, state: Tensor, reset: Tensor, keep: Tensor, v_first: None) -> tuple[Tensor, None, Tensor]:
        """x [B, T, D], last [B, D], reset uint8 [B, T], keep [B, T, 1]; `v_first` is RWKV-7's alone."""
        b, t, d = x.shape
        before = shifted(x, last, keep)
        xr, xk, xv, xg = (torch.lerp(before, x, getattr(self, "time_mix_" + name)) for name in "rkvg")
        r, k, v = (y.view(b, t, d // HEAD, HEAD) for y in (self.receptance(xr), self.key(xk), self.value(xv)))
        y, state = wkv5(r, k, v, -torch.exp(self.time_decay), self.time_faaaa, state, reset)
        y = self.ln_x(y.reshape(b * t, d)).view(b, t, d)
        return self.output(y * F.silu(self.gate(xg))), None, state


class ChannelMix(rwkv4.ChannelMix):
    """RWKV-4's, with fewer hidden channels, which pays for the gate of the time mix."""

    def __init__(self, shape: Shape, layer: int):
        super().__init__(shape, layer, hidden=int(3.5 * shape.width) // 32 * 32)
