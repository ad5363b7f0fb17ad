"""What the generations of RWKV share: sizes, and the token before each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

HEAD = 64


@dataclass
class Shape:
    layers: int = 4
    width: int = 192
    vocabulary: int = 8192
    generation: str = "7"


def shifted(x: Tensor, last: Tensor, keep: Tensor) -> Tensor:
    """The token before each, [B, T, D]; `last` [B, D] precedes the chunk; `keep` [B, T, 1] is 0 at document starts."""
    return torch.cat([last.unsqueeze(1), x[:, :-1]], 1) * keep


def matrix(inputs: int, outputs: int, bound: float) -> nn.Linear:
    """Without bias; entries drawn evenly from ±bound / sqrt(inputs)."""
    linear = nn.Linear(inputs, outputs, bias=False)
    nn.init.uniform_(linear.weight, -bound / math.sqrt(inputs), bound / math.sqrt(inputs))
    return linear


CHUNK = 16  # tokens handled at once by the parallel forms of RWKV-4 and 5


def chunks_of(length: int) -> list[tuple[int, int, int]]:
    """(start, end, chunk size): whole chunks in one piece, then what is left as a chunk of its own."""
    whole = length - length % CHUNK
    return [part for part in ((0, whole, CHUNK), (whole, length, length - whole)) if part[0] < part[1]]


def documents_in_chunks(reset: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """reset uint8 [B, T] -> how many documents have begun in the chunk up to each token, int64 [B, chunks, C],
    and which pairs of its tokens belong to the same one, bool [B, chunks, C, C]."""
    document = reset.reshape(reset.shape[0], -1, size).long().cumsum(-1)
    return document, document[..., :, None] == document[..., None, :]
