"""The WKV kernel against the naive recurrence in double precision."""

import sys
import unittest
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
import wkv


def inputs(streams: int, length: int, heads: int, seed: int = 0) -> tuple[list[torch.Tensor], torch.Tensor, torch.Tensor]:
    torch.manual_seed(seed)
    shape = (streams, length, heads * wkv.HEAD)
    r, k, v = (torch.randn(shape) for _ in range(3))
    w = torch.exp(-0.606531 * torch.sigmoid(torch.randn(shape)))
    kk = torch.nn.functional.normalize(torch.randn(streams, length, heads, wkv.HEAD), dim=-1).view(shape)
    a, b = -kk, kk * torch.sigmoid(torch.randn(shape))
    state = torch.randn(streams, heads, wkv.HEAD, wkv.HEAD)
    reset = torch.zeros(streams, length, dtype=torch.uint8)
    return [r, w, k, v, a, b], state, reset


def close(a: torch.Tensor, b: torch.Tensor) -> float:
    return ((a.double() - b.double()).abs().max() / b.double().abs().max().clamp(min=1e-9)).item()


class Kernel(unittest.TestCase):
    def compare(self, length: int, resets: list[tuple[int, int]]) -> None:
        tensors, state, reset = inputs(2, length, 2)
        for stream, t in resets:
            reset[stream, t] = 1
        one = [x.clone().requires_grad_() for x in tensors]
        two = [x.double().requires_grad_() for x in tensors]
        y1, end1 = wkv.wkv7(*one, state, reset)
        y2, end2 = wkv.naive(*two, state.double(), reset)
        self.assertLess(close(y1, y2), 1e-5)
        self.assertLess(close(end1, end2), 1e-5)
        weight = torch.randn_like(y1)
        (y1 * weight).sum().backward()
        (y2 * weight.double()).sum().backward()
        for name, p, q in zip("rwkvab", one, two):
            self.assertLess(close(p.grad, q.grad), 1e-5, f"gradient of {name}, length {length}")

    def test_whole_chunks(self) -> None:
        self.compare(48, [])

    def test_any_length(self) -> None:
        for length in (1, 15, 17, 37):
            self.compare(length, [])

    def test_resets(self) -> None:
        self.compare(40, [(0, 0), (0, 16), (0, 17), (1, 7), (1, 39)])

    def test_a_reset_is_a_fresh_start(self) -> None:
        tensors, state, reset = inputs(1, 32, 1)
        reset[0, 20] = 1
        y, end = wkv.wkv7(*tensors, state, reset)
        tail = [x[:, 20:].contiguous() for x in tensors]
        y2, end2 = wkv.wkv7(*tail, torch.zeros_like(state), torch.zeros(1, 12, dtype=torch.uint8))
        self.assertTrue(torch.equal(y[:, 20:], y2) and torch.equal(end, end2))

    def test_naive_passes_gradcheck(self) -> None:
        tensors, state, reset = inputs(1, 3, 1)
        reset[0, 1] = 1
        k = tensors[2].double().requires_grad_()
        rest = [x.double() for x in tensors]
        weight = torch.randn(1, 3, 64, dtype=torch.float64)
        self.assertTrue(torch.autograd.gradcheck(lambda k: (wkv.naive(rest[0], rest[1], k, *rest[3:], state.double(), reset)[0] * weight).sum(), (k,)))


if __name__ == "__main__":
    unittest.main()
