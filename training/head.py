"""Vocabulary head and loss in one: logits of a few hundred tokens at a time, never all of them."""

from __future__ import annotations

import ctypes

import torch
from torch import Tensor

import native
from gpu import mixture

ROWS = 1024  # large enough for full speed of the products, small enough to stay near the caches


def _rows(logits: Tensor, target: Tensor, candidates: Tensor, base: Tensor, alpha: float, weight: Tensor, with_gradient: bool):
    n, v = logits.shape
    loss, plain, dalpha = (weight.new_empty(n) for _ in range(3))
    dbase = weight.new_empty(n, 4)
    half = ctypes.c_int32(logits.dtype == torch.bfloat16)
    native.call("head_loss", n, v, half, logits, target, candidates, base, ctypes.c_float(alpha), weight, ctypes.c_int32(with_gradient), loss, plain, dbase, dalpha)
    return loss, plain, dbase, dalpha


class _HeadLoss(torch.autograd.Function):
    """The gradients are made on the way forward, while the logits are in cache; backward only hands them out."""

    @staticmethod
    def forward(ctx, hidden: Tensor, head: Tensor, base: Tensor, alpha: Tensor, target: Tensor, candidates: Tensor):
        n = hidden.shape[0]
        scored = target >= 0
        weight = scored.float() / scored.sum().clamp(min=1)
        dhidden, dhead = torch.empty_like(hidden), torch.zeros_like(head)
        if torch.is_autocast_enabled("cpu"):
            hidden, head = hidden.to(torch.get_autocast_dtype("cpu")), head.to(torch.get_autocast_dtype("cpu"))
        losses, plains, dbases, dalphas = [], [], [], []
        a = float(alpha)
        for i in range(0, n, ROWS):
            rows = slice(i, min(i + ROWS, n))
            logits = hidden[rows] @ head.t()
            loss, plain, dbase, dalpha = _rows(logits, target[rows], candidates[rows], base[rows].contiguous(), a, weight[rows], True)
            dhidden[rows] = logits @ head
            dhead += logits.t() @ hidden[rows]
            losses.append(loss), plains.append(plain), dbases.append(dbase), dalphas.append(dalpha)
        ctx.save_for_backward(dhidden, dhead, torch.cat(dbases), torch.cat(dalphas).sum().view_as(alpha))
        ctx.set_materialize_grads(False)
        return (torch.cat(losses) * weight).sum(), (torch.cat(plains) * weight).sum()

    @staticmethod
    def backward(ctx, grad, _plain):
        dhidden, dhead, dbase, dalpha = ctx.saved_tensors
        if float(grad) != 1.0:
            dhidden, dhead, dbase, dalpha = (x * grad for x in (dhidden, dhead, dbase, dalpha))
        return dhidden, dhead, dbase, dalpha, None, None


def head_loss(hidden: Tensor, head: Tensor, base: Tensor, alpha: Tensor, target: Tensor, candidates: Tensor) -> tuple[Tensor, Tensor]:
    """hidden [N, D], head [V, D], base [N, 4], target int32 [N] (-1 = not scored), candidates int32 [N, 4].

    Returns mean negative log-likelihoods (nats a token) of the mixture, to be
    trained on, and of the softmax alone, to be looked at.
    """
    if hidden.device.type != "cpu":
        return mixture.loss(hidden, head, base, alpha, target, candidates)
    return _HeadLoss.apply(hidden, head, base, alpha, target, candidates)


@torch.no_grad()
def head_scores(hidden: Tensor, head: Tensor, base: Tensor, alpha: Tensor, target: Tensor, candidates: Tensor) -> tuple[Tensor, Tensor]:
    """The same per token [N], without gradients."""
    if hidden.device.type != "cpu":
        return mixture.scores(hidden, head, base, alpha, target, candidates)
    weight = torch.ones(hidden.shape[0])
    parts = [
        _rows(hidden[i : i + ROWS] @ head.t(), target[i : i + ROWS], candidates[i : i + ROWS], base[i : i + ROWS].contiguous(), float(alpha), weight[i : i + ROWS], False)[:2]
        for i in range(0, hidden.shape[0], ROWS)
    ]
    return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
