"""A few seconds on the device before the long run: do its forms compute what those of the CPU compute?"""

from __future__ import annotations

import time

import torch

import head
import wkv
from gpu import chunked, mixture

WITHIN = 1e-4  # relative; reduced precision where there should be none is ten times off


def distance(a: torch.Tensor, b: torch.Tensor) -> float:
    """Relative to the norm of `b`; a NaN stays one, and is not below any limit."""
    return ((a.cpu().double() - b.double()).norm() / b.double().norm()).item()


def check(device: str) -> None:
    """Compares values and gradients; ArithmeticError where they differ."""
    torch.manual_seed(3)
    shape, streams, length, heads = (2, 100, 2 * wkv.HEAD), 2, 100, 2
    r, k, v = (torch.randn(shape) for _ in range(3))
    kk = torch.nn.functional.normalize(torch.randn(streams, length, heads, wkv.HEAD), dim=-1).view(shape)
    tensors = [r, torch.exp(-0.606531 * torch.sigmoid(torch.randn(shape))), k, v, -kk, kk * torch.rand(shape)]
    state, reset = torch.randn(streams, heads, wkv.HEAD, wkv.HEAD), torch.zeros(streams, length, dtype=torch.uint8)
    reset[0, 40] = 1
    there, slow = [x.to(device).clone().requires_grad_() for x in tensors], [x.double().requires_grad_() for x in tensors]
    y, _ = chunked.wkv7(*there, state.to(device), reset.to(device))
    y_slow, _ = wkv.naive(*slow, state.double(), reset)
    y.square().sum().backward()
    y_slow.square().sum().backward()
    found = {"wkv": distance(y.detach(), y_slow.detach())}
    found.update({f"gradient of {name}": distance(p.grad, q.grad) for name, p, q in zip("rwkvab", there, slow)})

    n, width, vocabulary = 64, 32, 256
    inputs = (torch.randn(n, width), torch.randn(vocabulary, width), torch.randn(n, 4), torch.tensor([0.3]), torch.randint(0, vocabulary, (n,), dtype=torch.int32), torch.randint(0, vocabulary, (n, 1), dtype=torch.int32) + torch.arange(-256, 0, 64, dtype=torch.int32))
    found["mixture"] = distance(mixture.scores(*(x.to(device) for x in inputs))[0], head.head_scores(*inputs)[0])
    print("preflight: " + ", ".join(f"{name} {value:.0e}" for name, value in found.items()), flush=True)
    wrong = [name for name, value in found.items() if not value < WITHIN]
    if wrong:
        raise ArithmeticError(f"{device} computes something else: {', '.join(wrong)}")
    print(f"preflight: {speed(device):.0f} tokens a second through one layer's recurrence and its gradient", flush=True)


def speed(device: str) -> float:
    """Of one layer, six heads, forward and backward, uncompiled."""
    streams, length, width = (128, 512, 384) if device == "cuda" else (1, 128, 384)
    inputs = [torch.rand(streams, length, width, device=device).mul(0.1).add(0.5).requires_grad_() for _ in range(6)]
    state, reset = torch.zeros(streams, width // wkv.HEAD, wkv.HEAD, wkv.HEAD, device=device), torch.zeros(streams, length, dtype=torch.uint8, device=device)
    for attempt in range(2):  # the first one warms up
        begin = time.perf_counter()
        chunked.wkv7(*inputs, state, reset)[0].sum().item()
        chunked.wkv7(*inputs, state, reset)[0].sum().backward()
        inputs[0].grad.sum().item()  # waits for the device
        taken = time.perf_counter() - begin
    return streams * length / taken
