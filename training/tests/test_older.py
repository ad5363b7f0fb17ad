"""The chunked forms of RWKV-4 and 5.2 against the recurrence in double precision, values and gradients."""

import sys
import unittest
from pathlib import Path
from typing import Callable

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))
from rwkv4 import wkv4
from rwkv5 import wkv5

HEADS, N = 2, 8
RESETS = [(0, 0), (0, 16), (0, 17), (1, 7), (1, 36)]


def recurrent4(k: Tensor, v: Tensor, w: Tensor, u: Tensor, reset: Tensor) -> Tensor:
    """As the paper has it; the double's range is enough for keys of 80."""
    a = b = torch.zeros_like(k[:, 0])
    outputs = []
    for t in range(k.shape[1]):
        keep = (1 - reset[:, t]).to(k.dtype)[:, None]
        a, b = a * keep, b * keep
        own = torch.exp(u + k[:, t])
        outputs.append((a + own * v[:, t]) / (b + own))
        a, b = torch.exp(w) * a + torch.exp(k[:, t]) * v[:, t], torch.exp(w) * b + torch.exp(k[:, t])
    return torch.stack(outputs, 1)


def recurrent5(r: Tensor, k: Tensor, v: Tensor, w: Tensor, u: Tensor, reset: Tensor) -> Tensor:
    state = torch.zeros(r.shape[0], HEADS, N, N, dtype=r.dtype)
    outputs = []
    for t in range(r.shape[1]):
        state = state * (1 - reset[:, t]).to(r.dtype)[:, None, None, None]
        own = k[:, t, :, :, None] * v[:, t, :, None, :]
        outputs.append((r[:, t, :, :, None] * (state + u[..., None] * own)).sum(2))
        state = torch.exp(w)[..., None] * state + own
    return torch.stack(outputs, 1)


class Chunks(unittest.TestCase):
    def compare(self, chunked: Callable, recurrent: Callable, tensors: list[Tensor], state: Tensor, length: int) -> None:
        """Reads `length` tokens in two pieces, the second from the state that the first left."""
        reset = torch.zeros(2, length, dtype=torch.uint8)
        for stream, t in RESETS:
            if t < length:
                reset[stream, t] = 1
        one = [x.clone().requires_grad_() for x in tensors]
        two = [x.double().requires_grad_() for x in tensors]
        pieces, weight = [], torch.randn(tensors[-3].shape)
        for start, end in ((0, length // 3), (length // 3, length)):
            if start < end:
                y, state = chunked(*(x[:, start:end] for x in one[:-2]), *one[-2:], state, reset[:, start:end])
                pieces.append(y)
        expected = recurrent(*two, reset)
        found = torch.cat(pieces, 1)
        self.assertLess(self.error(found, expected), 1e-5)
        (found * weight).sum().backward()
        (expected * weight.double()).sum().backward()
        for i, (a, b) in enumerate(zip(one, two)):
            self.assertLess(self.error(a.grad, b.grad), 1e-4, f"gradient of argument {i}, length {length}")

    def error(self, a: Tensor, b: Tensor) -> float:
        self.assertTrue(bool(torch.isfinite(a).all()))
        return ((a.double() - b.double()).abs().max() / b.double().abs().max().clamp(min=1e-9)).item()

    def inputs(self, length: int, *shape: int, count: int) -> list[Tensor]:
        torch.manual_seed(length)
        return [torch.randn(2, length, *shape) for _ in range(count)]

    def test_rwkv4(self) -> None:
        for length in (2, 15, 16, 37, 70):
            k, v = self.inputs(length, 24, count=2)
            w, u = -torch.exp(torch.randn(24)), torch.randn(24)
            self.compare(wkv4, recurrent4, [k, v, w, u], torch.zeros(2, 3, 24), length)

    def test_rwkv4_with_keys_of_80(self) -> None:
        k, v = self.inputs(40, 24, count=2)
        self.compare(wkv4, recurrent4, [k.sign() * 80, v, -torch.exp(torch.randn(24)), torch.randn(24)], torch.zeros(2, 3, 24), 40)

    def test_rwkv5(self) -> None:
        for length in (2, 15, 16, 37, 70):
            r, k, v = self.inputs(length, HEADS, N, count=3)
            w, u = -torch.exp(torch.randn(HEADS, N)), torch.randn(HEADS, N)
            self.compare(wkv5, recurrent5, [r, k, v, w, u], torch.zeros(2, HEADS, N, N), length)

    def test_rwkv5_with_decays_that_underflow_or_round_to_one(self) -> None:
        r, k, v = self.inputs(40, HEADS, N, count=3)
        theta = torch.linspace(-20, 6, HEADS * N).view(HEADS, N)
        self.compare(wkv5, recurrent5, [r, k, v, -torch.exp(theta), torch.randn(HEADS, N)], torch.zeros(2, HEADS, N, N), 40)


if __name__ == "__main__":
    unittest.main()
