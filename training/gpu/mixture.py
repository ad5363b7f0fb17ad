"""The vocabulary head, the copy gate's mixture and the loss in plain PyTorch, for devices that the C++
kernel of `head.py` does not run on: there memory holds all logits at once.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

NEVER = -1e30  # a logarithm of no share at all, whose gradient is zero and not NaN


def scores(hidden: Tensor, head: Tensor, base: Tensor, alpha: Tensor, target: Tensor, candidates: Tensor) -> tuple[Tensor, Tensor]:
    """Shapes as in `head.head_loss`. Negative log-likelihoods in nats [N] of the mixture and of the softmax
    alone; 0 where nothing is scored.
    """
    logits = hidden @ head.t()
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    total = logits.logsumexp(-1, keepdim=True)
    target, candidates = target.long()[:, None], candidates.long()
    own = logits.gather(1, target.clamp(min=0)) - total
    offered = base + alpha * (logits.gather(1, candidates.clamp(min=0)) - total)
    offered = offered.masked_fill(candidates < 0, NEVER)
    shares = F.log_softmax(torch.cat([torch.zeros_like(own), offered], 1), 1)
    terms = torch.cat([shares[:, :1] + own, shares[:, 1:].masked_fill(candidates != target, NEVER)], 1)
    scored = target[:, 0] >= 0
    return -terms.logsumexp(1) * scored, -own[:, 0] * scored


def loss(hidden: Tensor, head: Tensor, base: Tensor, alpha: Tensor, target: Tensor, candidates: Tensor) -> tuple[Tensor, Tensor]:
    """Mean over the scored tokens: the mixture, to be trained on, and the softmax alone, to be looked at."""
    mixed, plain = scores(hidden, head, base, alpha, target, candidates)
    count = (target >= 0).sum().clamp(min=1)
    return mixed.sum() / count, plain.detach().sum() / count
