"""The forms that run on a GPU against the ones that train on the CPU and against the slow recurrence."""

import sys
import unittest
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
import head
import wkv
from gpu import chunked, mixture
from model import Shape, State, Trunk
from reference import Recurrent

LEAST = float(np.exp(-np.exp(-0.5)))  # the strongest decay that the trunk can choose


def inputs(length: int, decay: str = "drawn", streams: int = 2, heads: int = 2) -> tuple[list[torch.Tensor], torch.Tensor, torch.Tensor]:
    torch.manual_seed(length)
    shape = (streams, length, heads, wkv.HEAD)
    r, k, v = (torch.randn(shape) for _ in range(3))
    kk = torch.nn.functional.normalize(torch.randn(shape), dim=-1)
    rate = torch.sigmoid(torch.randn(shape))
    w = torch.exp(-0.606531 * torch.sigmoid(torch.randn(shape)))
    if decay == "strongest":
        w = torch.full(shape, LEAST)
    elif decay == "none":
        # The same key again and again, replaced each time: the system of a chunk is at its worst.
        w, rate, kk = torch.ones(shape), torch.ones(shape), kk[:, :1].expand(shape)
    elif decay == "both":
        w = torch.where(torch.rand(shape) < 0.5, LEAST, 1.0)
    tensors = [x.reshape(streams, length, -1).clone() for x in (r, w, k, v, -kk, kk * rate)]
    return tensors, torch.randn(streams, heads, wkv.HEAD, wkv.HEAD), torch.zeros(streams, length, dtype=torch.uint8)


def distance(a: torch.Tensor, b: torch.Tensor) -> float:
    return ((a.double() - b.double()).norm() / b.double().norm().clamp(min=1e-9)).item()


class Chunked(unittest.TestCase):
    def compare(self, form, kind: torch.dtype, within: float, length: int, decay: str = "drawn", resets=(), chunk: int = chunked.CHUNK) -> None:
        tensors, state, reset = inputs(length, decay)
        for stream, t in resets:
            reset[stream, t] = 1
        other = torch.float64 if form is wkv.naive else torch.float32
        one, two = ([x.clone().to(to).requires_grad_() for x in tensors] for to in (kind, other))
        y1, end1 = chunked.wkv7(*one, state.to(kind), reset, chunk)
        y2, end2 = form(*two, state.to(other), reset)
        self.assertLess(distance(y1, y2), within)
        self.assertLess(distance(end1, end2), within)
        weight = torch.randn_like(y2)
        (y1 * weight).sum().backward()
        (y2 * weight).sum().backward()
        for name, p, q in zip("rwkvab", one, two):
            self.assertLess(distance(p.grad, q.grad), within, f"gradient of {name}, {length} tokens, decay {decay}")

    def test_algebra_in_double_precision(self) -> None:
        for decay in ("drawn", "strongest", "none", "both"):
            self.compare(wkv.naive, torch.float64, 1e-9, 70, decay, [(0, 0), (0, 33), (1, 31), (1, 32), (1, 64)])

    def test_single_precision(self) -> None:
        for decay in ("drawn", "strongest", "none", "both"):
            self.compare(wkv.naive, torch.float32, 1e-5, 96, decay)

    def test_any_length_any_chunk(self) -> None:
        for length, chunk in ((1, 32), (31, 32), (33, 32), (47, 16), (130, 64)):
            self.compare(wkv.naive, torch.float64, 1e-9, length, chunk=chunk)

    def test_equals_the_kernel_of_the_cpu(self) -> None:
        self.compare(wkv.wkv7, torch.float32, 1e-5, 100, resets=[(0, 0), (0, 40), (0, 41), (1, 99)])

    def test_reduced_precision_around_it_does_not_reach_it(self) -> None:
        tensors, state, reset = inputs(40)
        alone, _ = chunked.wkv7(*tensors, state, reset)
        with torch.autocast("cpu", torch.bfloat16):
            within, _ = chunked.wkv7(*tensors, state, reset)
        self.assertTrue(torch.equal(alone, within))

    def test_a_trunk_with_it_equals_the_reference(self) -> None:
        shape = Shape(3, 128, 320)
        torch.manual_seed(2)
        trunk = Trunk(shape)
        with torch.no_grad():
            for p in trunk.parameters():
                p += 0.1 * torch.randn_like(p)
        tokens, reset = torch.randint(0, 320, (1, 75)), torch.zeros(1, 75, dtype=torch.uint8)
        reset[0, 0] = reset[0, 41] = 1
        kernel, wkv.wkv7 = wkv.wkv7, chunked.wkv7
        try:
            with torch.no_grad():
                first, state = trunk(tokens[:, :40], reset[:, :40], State.zeros(shape, 1))
                second, state = trunk(tokens[:, 40:], reset[:, 40:], state)
                logits = trunk.head(torch.cat([first, second], 1))[0].numpy()
        finally:
            wkv.wkv7 = kernel
        engine = Recurrent({name: value.numpy() for name, value in trunk.state_dict().items()})
        for i in range(75):
            if reset[0, i]:
                engine.reset()
            _, expected = engine.step(int(tokens[0, i]))
            self.assertLess(np.abs(logits[i] - expected).max(), 1e-4)
        self.assertLess(np.abs(state.wkv[:, 0].numpy() - engine.state).max(), 1e-4)


class Mixture(unittest.TestCase):
    def test_equals_the_kernel_of_the_cpu(self) -> None:
        torch.manual_seed(1)
        n, d, v = 300, 32, 128
        tensors = [torch.randn(n, d), torch.randn(v, d) * 0.3, torch.randn(n, 4), torch.tensor([0.4])]
        target = torch.randint(-1, v, (n,), dtype=torch.int32)
        candidates = torch.stack([torch.randperm(v)[:4] for _ in range(n)]).int()
        rows = torch.arange(0, n, 3)
        rows = rows[(target[rows] >= 0) & ~candidates[rows, 1:].eq(target[rows, None]).any(1)]
        candidates[rows, 0] = target[rows]  # some candidates are right
        candidates[torch.rand(n, 4) < 0.3] = -1
        one, two = ([x.clone().requires_grad_() for x in tensors] for _ in range(2))
        loss, plain = mixture.loss(*one, target, candidates)
        loss2, plain2 = head.head_loss(*two, target, candidates)
        self.assertAlmostEqual(loss.item(), loss2.item(), places=5)
        self.assertAlmostEqual(plain.item(), plain2.item(), places=5)
        loss.backward()
        loss2.backward()
        for name, p, q in zip(("hidden", "head", "base", "alpha"), one, two):
            self.assertLess(distance(p.grad, q.grad), 1e-5, name)
        for ours, theirs in zip(mixture.scores(*tensors, target, candidates), head.head_scores(*tensors, target, candidates)):
            self.assertLess(distance(ours, theirs), 1e-5)


if __name__ == "__main__":
    unittest.main()
