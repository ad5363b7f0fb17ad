"""The fused head against the formula written out, values and gradients."""

import sys
import unittest
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from head import head_loss, head_scores


def plain_form(hidden, head, base, alpha, target, candidates):
    logp = torch.log_softmax(hidden @ head.t(), -1)
    here = candidates >= 0
    scores = base + alpha * logp.gather(1, candidates.clamp(min=0).long())
    scores = torch.where(here, scores, torch.full_like(scores, -torch.inf))
    share = torch.softmax(torch.cat([torch.zeros(len(hidden), 1, dtype=hidden.dtype), scores], 1), 1)
    own = logp.gather(1, target.clamp(min=0).long()[:, None])[:, 0]
    p = share[:, 0] * own.exp() + (share[:, 1:] * (candidates == target[:, None])).sum(1)
    scored = target >= 0
    return -p.log()[scored].mean(), -own[scored].mean()


def example(n: int = 700, d: int = 32, v: int = 128):
    """(hidden, head, base, alpha), target, candidates; a third of the targets are among the candidates."""
    torch.manual_seed(1)
    tensors = [torch.randn(n, d), torch.randn(v, d) * 0.3, torch.randn(n, 4), torch.tensor([0.4])]
    target = torch.randint(-1, v, (n,), dtype=torch.int32)
    candidates = torch.stack([torch.randperm(v)[:4] for _ in range(n)]).int()
    candidates[::3, 0] = torch.where(candidates[::3, 1:].eq(target[::3, None]).any(1), candidates[::3, 0], target[::3])
    candidates[torch.rand(n, 4) < 0.3] = -1
    return tensors, target, candidates


def worst(a: torch.Tensor, b: torch.Tensor) -> float:
    return ((a.double() - b).abs().max() / b.abs().max()).item()


class Head(unittest.TestCase):
    def test_values_and_gradients(self) -> None:
        tensors, target, candidates = example()
        one = [x.clone().requires_grad_() for x in tensors]
        two = [x.double().requires_grad_() for x in tensors]
        loss, plain = head_loss(*one, target, candidates)
        loss2, plain2 = plain_form(*two, target, candidates)
        self.assertAlmostEqual(loss.item(), loss2.item(), places=5)
        self.assertAlmostEqual(plain.item(), plain2.item(), places=5)
        loss.backward()
        loss2.backward()
        for name, a, b in zip(("hidden", "head", "base", "alpha"), one, two):
            self.assertLess(worst(a.grad, b.grad), 1e-5, name)
        mixed, alone = head_scores(*one, target, candidates)
        self.assertAlmostEqual(mixed[target >= 0].mean().item(), loss2.item(), places=5)
        self.assertAlmostEqual(alone[target >= 0].mean().item(), plain2.item(), places=5)

    def test_products_in_bf16(self) -> None:
        tensors, target, candidates = example()
        one = [x.clone().requires_grad_() for x in tensors]
        # What is rounded on the way in is given; logits and their gradients are rounded besides, to 8 bits each.
        two = [x.bfloat16().double().requires_grad_() if x.shape[-1] == 32 else x.double().requires_grad_() for x in tensors]
        with torch.autocast("cpu", torch.bfloat16):
            loss, plain = head_loss(*one, target, candidates)
        loss2, plain2 = plain_form(*two, target, candidates)
        self.assertAlmostEqual(loss.item(), loss2.item(), places=3)
        self.assertAlmostEqual(plain.item(), plain2.item(), places=3)
        loss.backward()
        loss2.backward()
        for name, a, b in zip(("hidden", "head", "base", "alpha"), one, two):
            self.assertEqual(a.grad.dtype, torch.float32)
            self.assertLess(worst(a.grad, b.grad), 2e-2, name)


if __name__ == "__main__":
    unittest.main()
