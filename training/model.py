"""RWKV of three generations with the official parameter names, and the gate that copies.

A generation is a module with a `TimeMix` and a `ChannelMix`; all else is the same in each.

Shapes: B streams, T tokens, D width, V vocabulary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import rwkv4
import rwkv5
import rwkv7
from shapes import Shape

GENERATIONS = {"4": rwkv4, "5.2": rwkv5, "7": rwkv7}
LENGTH_BUCKETS, RANKS, COUNT_BUCKETS = 12, 4, 4


@dataclass
class State:
    """What a stream carries from chunk to chunk, and a document's start clears."""

    shift: Tensor  # [layers, 2, B, D] last inputs of time mix and channel mix
    wkv: Tensor  # [layers, B, ...] as the generation's time mix has it

    @staticmethod
    def zeros(shape: Shape, streams: int, device: torch.device | str = "cpu") -> "State":
        empty = GENERATIONS[shape.generation].TimeMix.empty_state(shape, streams)
        return State(torch.zeros(shape.layers, 2, streams, shape.width, device=device), empty.repeat(shape.layers, *[1] * empty.dim()).to(device))


class Block(nn.Module):
    def __init__(self, shape: Shape, layer: int):
        super().__init__()
        if layer == 0:
            self.ln0 = nn.LayerNorm(shape.width)
        self.ln1 = nn.LayerNorm(shape.width)
        self.ln2 = nn.LayerNorm(shape.width)
        generation = GENERATIONS[shape.generation]
        self.att = generation.TimeMix(shape, layer)
        self.ffn = generation.ChannelMix(shape, layer)

    def forward(self, x: Tensor, shift: Tensor, state: Tensor, reset: Tensor, keep: Tensor, v_first: Tensor | None):
        """shift [2, B, D]. Returns (x, v_first, new shift, new state)."""
        if hasattr(self, "ln0"):
            x = self.ln0(x)
        y = self.ln1(x)
        mixed, v_first, state = self.att(y, shift[0], state, reset, keep, v_first)
        x = x + mixed
        z = self.ln2(x)
        x = x + self.ffn(z, shift[1], keep)
        return x, v_first, torch.stack([y[:, -1], z[:, -1]]), state


class Trunk(nn.Module):
    """Plain RWKV: its state depends on the tokens alone."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.emb = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape, i) for i in range(shape.layers))
        self.ln_out = nn.LayerNorm(shape.width)
        self.head = nn.Linear(shape.width, shape.vocabulary, bias=False)
        nn.init.uniform_(self.emb.weight, -1e-4, 1e-4)  # ln0 follows, so only the direction counts
        nn.init.orthogonal_(self.head.weight, gain=0.5 * math.sqrt(shape.vocabulary / shape.width))

    def embed(self, tokens: Tensor) -> Tensor:
        return F.embedding(tokens, self.emb.weight)

    def forward(self, tokens: Tensor, reset: Tensor, state: State, blocks: list | None = None) -> tuple[Tensor, State]:
        """tokens int64 [B, T], reset uint8 [B, T] -> (hidden [B, T, D], the state after the chunk, detached).

        `blocks` may be compiled forms of the blocks, for chunks of one fixed shape.
        """
        x = self.embed(tokens)
        keep = (1 - reset).to(x.dtype).unsqueeze(-1)
        shifts, states = [], []
        v_first = None
        for i, block in enumerate(blocks or self.blocks):
            x, v_first, shift, s = block(x, state.shift[i], state.wkv[i], reset, keep, v_first)
            shifts.append(shift)
            states.append(s)
        return self.ln_out(x), State(torch.stack(shifts).detach(), torch.stack(states).detach())


class Gate(nn.Module):
    """Scores of the candidates that copying offers, without the share of the model's own opinion."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(LENGTH_BUCKETS, width))
        # Longer matches start out more trusted: about even odds at length 4.
        self.length = nn.Parameter(torch.linspace(-2.0, 3.0, LENGTH_BUCKETS))
        self.rank = nn.Parameter(torch.tensor([0.0, -0.7, -1.4, -2.0]))
        self.count = nn.Parameter(torch.tensor([0.0, 0.2, 0.4, 0.6]))
        self.alpha = nn.Parameter(torch.tensor([0.3]))

    def forward(self, hidden: Tensor, length: Tensor, count: Tensor) -> Tensor:
        """hidden [N, D], buckets int64 [N, 4] -> scores [N, 4] before `alpha * log p`."""
        by_length = hidden @ self.weight.t() + self.length
        return by_length.gather(1, length) + self.rank + self.count[count]
