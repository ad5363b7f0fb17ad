"""RWKV-4 "Dove" with the official parameter names: both mixes of a block. arXiv 2305.13048.

Source of the formulas and of the initial values of the vectors: BlinkDL's
RWKV-LM, RWKV-v4neo/src/model.py, Apache-2.0. The matrices start as RWKV-7's do.

Shapes: B streams, T tokens, D width, C tokens of a chunk.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from shapes import Shape, chunks_of, documents_in_chunks, matrix, shifted

NOTHING = -1e30  # the logarithm of no weight at all; finite, as inf - inf is not a number


def merge(mean: Tensor, weight: Tensor, other_mean: Tensor, other_weight: Tensor) -> tuple[Tensor, Tensor]:
    """Two weighted means become one; weights are logarithms, so nothing overflows."""
    return mean + (other_mean - mean) * torch.sigmoid(other_weight - weight), torch.logaddexp(weight, other_weight)


def wkv4(k: Tensor, v: Tensor, w: Tensor, u: Tensor, state: Tensor, reset: Tensor) -> tuple[Tensor, Tensor]:
    """A weighted mean of the values so far, all tokens of a chunk at once:

      y_t = sum over i <= t of softmax_i(e_ti) v_i,   e_ti = (t - 1 - i) w + k_i,   e_tt = u + k_t

    k v [B, T, D], decay w < 0 and bonus u [D], reset uint8 [B, T]. state [B, 3, D]: the past's mean,
    1 if there is a past, and the logarithm of its weight: the paper's a / b, and log b.
    Returns (y [B, T, D], the state after the last token).
    """
    outputs = []
    for start, end, size in chunks_of(k.shape[1]):
        y, state = _whole_chunks(k[:, start:end], v[:, start:end], w, u, state, reset[:, start:end], size)
        outputs.append(y)
    return torch.cat(outputs, 1), state


def _whole_chunks(k: Tensor, v: Tensor, w: Tensor, u: Tensor, state: Tensor, reset: Tensor, size: int) -> tuple[Tensor, Tensor]:
    b, t, d = k.shape
    k, v = (x.reshape(b, t // size, size, d) for x in (k, v))
    document, same = documents_in_chunks(reset, size)
    at = torch.arange(size)
    distance = (at[:, None] - 1 - at)[..., None]  # [C, C, 1], -1 for a token itself
    exponent = torch.where(distance < 0, u, w * distance.clamp(min=0)) + k[:, :, None]  # [B, chunks, C, C, D]
    exponent = torch.where((same & (distance[..., 0] >= -1))[..., None], exponent, NOTHING)
    y, weight = _weighted_mean(exponent, v[:, :, None])

    # What each chunk leaves behind, seen from its end; then from chunk to chunk.
    left = torch.where(same[:, :, -1, :, None], w * (size - 1 - at)[:, None] + k, NOTHING)
    left_mean, left_weight = _weighted_mean(left, v)
    begun = document > 0  # another document has begun: the past is nothing to these tokens
    mean, exists, past = state.unbind(1)
    past = torch.where(exists > 0, past, NOTHING)
    means, pasts = [], []
    for i in range(t // size):
        means.append(mean), pasts.append(past)
        faded = torch.where(begun[:, i, -1, None], NOTHING, past + w * size)
        mean, past = merge(left_mean[:, i], left_weight[:, i], mean, faded)
    faded = torch.where(begun[..., None], NOTHING, torch.stack(pasts, 1)[:, :, None] + w * at[:, None])
    y, _ = merge(y, weight, torch.stack(means, 1)[:, :, None], faded)
    return y.reshape(b, t, d), torch.stack([mean, torch.ones_like(mean), past], 1)


def _weighted_mean(exponent: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Over the last but one axis: the mean of v, and the logarithm of the sum of weights."""
    top = exponent.detach().amax(-2, keepdim=True)
    weights = torch.exp(exponent - top)
    total = weights.sum(-2)
    return (weights * v).sum(-2) / total, total.log() + top.squeeze(-2)


class TimeMix(nn.Module):
    def __init__(self, shape: Shape, layer: int):
        super().__init__()
        d = shape.width
        up = layer / max(1, shape.layers - 1)
        n = torch.arange(d, dtype=torch.float32)
        share = (n / d) ** (1.0 - layer / shape.layers)
        for name, value in (("k", share), ("v", share + 0.3 * up), ("r", share**0.5)):
            setattr(self, "time_mix_" + name, nn.Parameter(value.view(1, 1, d)))
        self.time_decay = nn.Parameter(-5 + 8 * (n / (d - 1)) ** (0.7 + 1.3 * up))
        self.time_first = nn.Parameter(math.log(0.3) + 0.5 * ((n + 1) % 3 - 1) * 0.5)
        for name, bound in (("receptance", 0.5), ("key", 0.05), ("value", 0.5), ("output", 0.0)):
            setattr(self, name, matrix(d, d, bound))

    @staticmethod
    def empty_state(shape: Shape, streams: int) -> Tensor:
        return torch.zeros(streams, 3, shape.width)

    def forward(self, x: Tensor, last: Tensor, state: Tensor, reset: Tensor, keep: Tensor, v_first: None) -> tuple[Tensor, None, Tensor]:
        """x [B, T, D], last [B, D], reset uint8 [B, T], keep [B, T, 1]; `v_first` is RWKV-7's alone."""
        before = shifted(x, last, keep)
        xr, xk, xv = (torch.lerp(before, x, getattr(self, "time_mix_" + name)) for name in "rkv")
        y, state = wkv4(self.key(xk), self.value(xv), -torch.exp(self.time_decay), self.time_first, state, reset)
        return self.output(torch.sigmoid(self.receptance(xr)) * y), None, state


class ChannelMix(nn.Module):
    """Of RWKV-4 and 5: a squared ReLU and a gate."""

    def __init__(self, shape: Shape, layer: int, hidden: int | None = None):
        super().__init__()
        d = shape.width
        hidden = hidden or 4 * d
        share = (torch.arange(d, dtype=torch.float32) / d) ** (1.0 - layer / shape.layers)
        self.time_mix_k = nn.Parameter(share.view(1, 1, d))
        self.time_mix_r = nn.Parameter(share.clone().view(1, 1, d))
        self.key = matrix(d, hidden, 0.5)
        self.receptance = matrix(d, d, 0.0)
        self.value = matrix(hidden, d, 0.0)

    def forward(self, x: Tensor, last: Tensor, keep: Tensor) -> Tensor:
        before = shifted(x, last, keep)
        xk, xr = (torch.lerp(before, x, share) for share in (self.time_mix_k, self.time_mix_r))
        return torch.sigmoid(self.receptance(xr)) * self.value(torch.relu(self.key(xk)) ** 2)
