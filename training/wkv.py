"""The WKV-7 recurrence over a chunk as one PyTorch operator with its own gradient.

Shapes: r w k v a b [B, T, D] float32, state [B, H, 64, 64], reset uint8 [B, T].
The state's gradient is cut: chunks are trained with truncated backpropagation.
"""

from __future__ import annotations

import torch
from torch import Tensor

import native
from gpu import chunked

HEAD = 64
EVERY = 16  # as in kernels/wkv7.cpp


@torch.library.custom_op("rwkv::wkv7_forward", mutates_args=())
def _forward(r: Tensor, w: Tensor, k: Tensor, v: Tensor, a: Tensor, b: Tensor, state: Tensor, reset: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    streams, length, width = r.shape
    heads = width // HEAD
    r, w, k, v, a, b, state, reset = (x.contiguous() for x in (r, w, k, v, a, b, state, reset))
    y, end = torch.empty_like(r), torch.empty_like(state)
    saved = r.new_empty(streams, heads, -(-length // EVERY), HEAD, HEAD)
    native.call("wkv7_forward", streams, length, heads, r, w, k, v, a, b, state, reset, y, end, saved)
    return y, end, saved


@_forward.register_fake
def _(r, w, k, v, a, b, state, reset):
    streams, length, width = r.shape
    saved = r.new_empty(streams, width // HEAD, -(-length // EVERY), HEAD, HEAD)
    return r.new_empty(r.shape), state.new_empty(state.shape), saved


@torch.library.custom_op("rwkv::wkv7_backward", mutates_args=())
def _backward(r: Tensor, w: Tensor, k: Tensor, v: Tensor, a: Tensor, b: Tensor, reset: Tensor, saved: Tensor, dy: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    streams, length, width = r.shape
    r, w, k, v, a, b, reset, dy = (x.contiguous() for x in (r, w, k, v, a, b, reset, dy))
    gradients = tuple(torch.empty_like(r) for _ in range(6))
    native.call("wkv7_backward", streams, length, width // HEAD, r, w, k, v, a, b, reset, saved, dy, *gradients)
    return gradients


@_backward.register_fake
def _(r, w, k, v, a, b, reset, saved, dy):
    return tuple(r.new_empty(r.shape) for _ in range(6))


def _setup(ctx, inputs, output):
    r, w, k, v, a, b, _, reset = inputs
    ctx.save_for_backward(r, w, k, v, a, b, reset, output[2])


def _gradient(ctx, dy, _end, _saved):
    return *_backward(*ctx.saved_tensors, dy), None, None


_forward.register_autograd(_gradient, setup_context=_setup)


def wkv7(r: Tensor, w: Tensor, k: Tensor, v: Tensor, a: Tensor, b: Tensor, state: Tensor, reset: Tensor) -> tuple[Tensor, Tensor]:
    """Returns (y [B, T, D], the state after the chunk)."""
    if r.device.type != "cpu":
        return chunked.wkv7(r, w, k, v, a, b, state, reset)
    y, end, _ = _forward(*(x.float() for x in (r, w, k, v, a, b)), state, reset)  # autocast may have halved some
    return y, end


def naive(r: Tensor, w: Tensor, k: Tensor, v: Tensor, a: Tensor, b: Tensor, state: Tensor, reset: Tensor) -> tuple[Tensor, Tensor]:
    """The same token by token, any precision, differentiated by autograd: for tests and for comparison."""
    streams, length, width = r.shape
    r, w, k, v, a, b = (x.view(streams, length, width // HEAD, HEAD) for x in (r, w, k, v, a, b))
    outputs = []
    for t in range(length):
        state = state * (1 - reset[:, t]).to(state.dtype)[:, None, None, None]
        state = (
            state * w[:, t, :, None, :]
            + (state @ a[:, t, :, :, None]) * b[:, t, :, None, :]
            + v[:, t, :, :, None] * k[:, t, :, None, :]
        )
        outputs.append((state @ r[:, t, :, :, None])[..., 0])
    return torch.stack(outputs, 1).view(streams, length, width), state
