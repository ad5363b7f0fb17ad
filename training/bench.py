"""Tokens per second: the naive form, the kernels, compiled blocks, and those with products in bf16; and where a step's time goes.

Random tokens and weights; times are those of the whole step with the optimiser.
"""

from __future__ import annotations

import argparse
import time
from contextlib import nullcontext
from functools import partial
from typing import Callable

import torch
from torch.profiler import ProfilerActivity, profile

import wkv
from head import head_loss
from model import Block, Gate, Shape, State, Trunk
from optimizer import Optimizer
from precision import halved

PRODUCTS = ("aten::mm", "aten::addmm", "aten::addmm_", "aten::bmm", "aten::baddbmm")
STREAMS = 8


def whole_softmax(hidden, head, base, alpha, target, candidates):
    """The mixture by the book, all logits at once: what the fused head replaces."""
    logp = torch.log_softmax(hidden @ head.t(), -1)
    scores = (base + alpha * logp.gather(1, candidates.clamp(min=0).long())).masked_fill(candidates < 0, -torch.inf)
    share = torch.softmax(torch.cat([torch.zeros_like(base[:, :1]), scores], 1), 1)
    own = logp.gather(1, target.long()[:, None])[:, 0]
    return -(share[:, 0] * own.exp() + (share[:, 1:] * (candidates == target[:, None])).sum(1)).log().mean(), None


def stepper(shape: Shape, length: int, naive: bool, compiled: bool, half: bool) -> Callable[[], None]:
    torch.manual_seed(0)
    trunk, gate = Trunk(shape), Gate(shape.width)
    optimizer = Optimizer([*trunk.named_parameters(), *gate.named_parameters()], 1e-3)
    forward = torch.compile(Block.forward, dynamic=False)
    blocks = [partial(forward, block) for block in trunk.blocks] if compiled else None
    n = STREAMS * length
    tokens, reset = torch.randint(8, shape.vocabulary, (STREAMS, length)), torch.zeros(STREAMS, length, dtype=torch.uint8)
    target, candidates = torch.randint(8, shape.vocabulary, (n,), dtype=torch.int32), torch.randint(-1, shape.vocabulary, (n, 4), dtype=torch.int32)
    lengths, counts = torch.randint(0, 12, (n, 4)), torch.randint(0, 4, (n, 4))
    state = State.zeros(shape, STREAMS)
    loss_of = whole_softmax if naive else head_loss

    def step() -> None:
        kernel = wkv.wkv7
        wkv.wkv7 = wkv.naive if naive else kernel
        precision = halved(tokens.device) if half else nullcontext()
        with precision:
            hidden, _ = trunk(tokens, reset, state, blocks)
            wkv.wkv7 = kernel
            hidden = hidden.reshape(n, -1)
            loss, _ = loss_of(hidden, trunk.head.weight, gate(hidden, lengths, counts), gate.alpha, target, candidates)
        loss.backward()
        with precision:
            optimizer.step(1.0)

    return step


def seconds(step: Callable[[], None], repeats: int) -> tuple[float, float]:
    """Best wall and best CPU time of a step; CPU time says more where other work shares the cores."""
    step()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        step()
        walls.append(time.perf_counter() - wall), cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--vocabulary", type=int, default=8192)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--naive-length", type=int, default=256, help="the naive form needs memory for every token's state")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=4)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    shape = Shape(options.layers, options.width, options.vocabulary)
    forms = {
        "naive": (options.naive_length, True, False, False),
        "kernels": (options.length, False, False, False),
        "kernels, compiled": (options.length, False, True, False),
        "kernels, compiled, bf16": (options.length, False, True, True),
    }
    for name, (length, naive, compiled, half) in forms.items():
        step = stepper(shape, length, naive, compiled, half)
        wall, cpu = seconds(step, options.repeats)
        tokens = STREAMS * length
        print(f"{name:24} {tokens / wall:8.0f} tokens/s  {cpu / tokens * 1e6:7.0f} us of CPU a token", flush=True)
    with profile(activities=[ProfilerActivity.CPU]) as record:
        step()
    events = {event.key: event.self_cpu_time_total for event in record.key_averages()}
    total = sum(events.values())
    print(f"matrix products {sum(events.get(name, 0) for name in PRODUCTS) / total:.0%} of a step")
    for name, value in sorted(events.items(), key=lambda item: -item[1])[:12]:
        print(f"  {value / total:5.1%} {name}")


if __name__ == "__main__":
    main()
