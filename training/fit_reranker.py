"""Fits the reranker: a last look at the likeliest tokens, at each by all that is known of it.

    python fit_reranker.py --weights DIR --corpus DIR --tokenizer tokenizer.json --out DIR

DIR is what `fit_neighbours.py` wrote; network, table, gate and neighbours stay as they are. Fitted on the validation
projects, judged on the test projects, each document in all the ways that `fit_neighbours.py` has. Writes
`copy.safetensors` with the reranker's part added.

Source: secondary symbol estimation, M. Mahoney, "Adaptive Weighing of Context Models for Lossless Data Compression"
(2005), with a learned scorer in place of a table.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Iterable, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import fit_neighbours
import safetensors_file
from fit_gate import COPIES, Features, FullGate
from fit_neighbours import Neighbours, Sample
from model import Trunk

PREFIX = "reranker."
TOKENS = 24  # the likeliest ones, which are scored
HIDDEN = 16
ROWS = 96  # positions of a document to fit on
STEPS, BATCH, RATE = 4000, 512, 1e-2
LEAST = 1e-12  # keeps logarithms of probabilities finite
LEAST_SAID = 1e-5  # and of those by the neighbours
UNSURE = 1e-3  # the same of what the likeliest token leaves
LEAST_SHARE = 1e-4  # and of the neighbours' share
FARTHEST = 9.0  # logarithm of a distance in tokens


class Seen(NamedTuple):
    """What the reranker sees of N positions."""

    token: Tensor  # [N, K, F], of each of the likeliest tokens
    position: Tensor  # [N, P]
    rest: Tensor  # [N], logarithm of the probability of all other tokens
    place: Tensor  # int64 [N], which of the likeliest came; K where another one did
    logp: Tensor  # [N], logarithm of the probability of the token that came


class Reranker(nn.Module):
    def __init__(self, facts: int, of_position: int, hidden: int = HIDDEN):
        super().__init__()
        uniform = lambda rows, columns: nn.Parameter((2 * torch.rand(rows, columns) - 1) / math.sqrt(facts + of_position))
        self.token = uniform(hidden, facts)
        self.position = uniform(hidden, of_position)
        self.output = nn.Parameter(torch.zeros(hidden))
        self.scale = nn.Parameter(torch.ones(1))
        self.rest = nn.Parameter(torch.zeros(of_position))

    def forward(self, seen: Seen) -> Tensor:
        """The logarithms of the probabilities of the likeliest tokens and, last, of all others: [N, K + 1]."""
        hidden = F.silu(seen.token @ self.token.t() + (seen.position @ self.position.t())[:, None])
        scores = self.scale * seen.token[..., 0] + hidden @ self.output
        return F.log_softmax(torch.cat([scores, (seen.rest + seen.position @ self.rest)[:, None]], 1), 1)

    def loss(self, seen: Seen) -> Tensor:
        """Negative log-likelihoods in nats, one a position. Among the other tokens nothing changes."""
        logp = self(seen).gather(1, seen.place[:, None])[:, 0]
        return -torch.where(seen.place == seen.token.shape[1], logp + seen.logp - seen.rest, logp)


def facts_of(mixture: Tensor, network: Tensor, said: Tensor, share: Tensor, counts: Tensor, own: Tensor, at: Tensor, f: Features) -> Seen:
    """What is seen at N positions.

    `mixture`, `network`, `said`: probabilities of every token, [N, V], of all together, by the network and by the neighbours,
    whose share is `share` [N]. `counts`: how often each token is offered by a neighbour, [N, V]. `own`: the tokens
    of the document from the second one on, of which `at` + 1 [N] are known with the first.
    """
    likeliest, token = mixture.topk(TOKENS, 1)
    # Of each token the places are numbers that follow one another, so the latest one before `at` is found by bisection.
    numbers = (own.long() * len(own) + torch.arange(len(own))).sort().values
    found = (torch.searchsorted(numbers, token * len(own) + at[:, None]) - 1).clamp(min=0)
    behind = token * len(own) + at[:, None] - numbers[found]
    distance = torch.where((behind > 0) & (behind <= at[:, None]), torch.log(behind.float()).clamp(max=FARTHEST), FARTHEST)
    match = f.candidates[:, None] == token[:, :, None]
    of_copy = lambda values: (match[..., :COPIES] * values[:, None]).sum(2)
    of_ngram = lambda values: (match[..., COPIES:] * values[:, None]).sum(2)
    facts = [
        torch.log(likeliest + LEAST),
        torch.log(network.gather(1, token) + LEAST),
        torch.log(said.gather(1, token) + LEAST_SAID),
        distance / 3,
        torch.log1p(counts.gather(1, token)),
        of_copy(1.0 + f.lengths) / 4,
        of_copy(1.0 + f.counts) / 4,
        of_copy(1.0 * f.elsewhere),
        of_ngram(1.0 + f.orders) / 4,
        of_ngram(1.0 + f.facts) / 16,
    ]
    rest = torch.log(mixture.scatter(1, token, 0.0).sum(1) + LEAST)
    ones = torch.ones_like(rest)
    position = [ones, torch.log((1 - likeliest[:, 0]).clamp(min=0) + UNSURE), torch.log(share + LEAST_SHARE), torch.log1p(at.float()) / 5, rest / 4]
    came = token == f.target[:, None]
    which = torch.where(came.any(1), came.long().argmax(1), TOKENS)
    logp = torch.log(mixture.gather(1, f.target[:, None])[:, 0] + LEAST)
    return Seen(torch.stack(facts, 2), torch.stack(position, 1), rest, which, logp)


def at_rows(f: Features, rows: Tensor) -> Features:
    return Features(*[x[rows] if isinstance(x, Tensor) else x for x in f])


@torch.no_grad()
def seen_of(trunk: Trunk, gate: FullGate, neighbours: Neighbours, sample: Sample, rows: Tensor) -> Seen:
    f = at_rows(sample.features, rows)
    opinions = F.log_softmax(f.hidden.float() @ trunk.head.weight.t(), 1)
    share, weights, following = neighbours.offers(sample, rows, rounded=True)
    # Adding rows is much faster than adding columns.
    by_token = lambda values: torch.zeros(opinions.shape[1], len(rows)).index_add_(0, following.clamp(min=0).long(), values.t()).t()
    said = by_token(weights)
    mixture = (1 - share[:, None]) * gate.mixture(f, opinions) + share[:, None] * said
    return facts_of(mixture, opinions.exp(), said, share, by_token((weights > 0).float()), sample.own.following, sample.at[rows], f)


def joined(parts: Iterable[Seen]) -> Seen:
    return Seen(*[torch.cat(column) for column in zip(*parts)])


def fit(seen: Seen, steps: int = STEPS) -> Reranker:
    reranker = Reranker(seen.token.shape[2], seen.position.shape[1])
    optimizer = torch.optim.Adam(reranker.parameters(), lr=RATE)
    decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for _ in range(steps):
        rows = torch.randint(len(seen.place), (BATCH,))
        optimizer.zero_grad()
        reranker.loss(Seen(*[x[rows] for x in seen])).mean().backward()
        optimizer.step()
        decay.step()
    return reranker


@torch.no_grad()
def judge(parts: Iterable[tuple[Seen, float]], reranker: Reranker) -> tuple[float, float]:
    """Bits per byte before and after. `parts`: what is seen of positions, and the bytes of text that they stand for."""
    before = after = size = 0.0
    for seen, text_bytes in parts:
        before -= seen.logp.double().sum().item()
        after += reranker.loss(seen).double().sum().item()
        size += text_bytes * math.log(2)
    return before / size, after / size


def tensors_of(reranker: Reranker) -> dict[str, np.ndarray]:
    return fit_neighbours.halves(PREFIX, reranker)


def load(file: Path) -> Reranker:
    """The reranker that a `copy.safetensors` of this script holds."""
    tensors = fit_neighbours.part_of(file, PREFIX)
    (hidden, facts), (_, of_position) = tensors["token"].shape, tensors["position"].shape
    reranker = Reranker(facts, of_position, hidden)
    reranker.load_state_dict(tensors)
    return reranker


def main() -> None:
    base = fit_neighbours.base_of(__doc__, "what fit_neighbours.py wrote", 300)
    neighbours = fit_neighbours.load(base.file).requires_grad_(False)
    seen = lambda sample, rows: seen_of(base.trunk, base.gate, neighbours, sample, rows)
    some = lambda sample: torch.randperm(len(sample.at))[:ROWS]
    train = joined(seen(sample, some(sample)) for samples in base.train() for sample in samples)
    print(f"{len(train.place)} positions", flush=True)
    written = load(base.write(safetensors_file.read(base.file) | tensors_of(fit(train))))
    for name, samples in zip(fit_neighbours.WAYS, base.test()):
        parts = ((seen(sample, rows), sample.features.text_bytes * len(rows) / len(sample.at)) for sample in samples for rows in torch.arange(len(sample.at)).split(256))
        before, after = judge(parts, written)
        print(f"{name}: {before:.4f} -> {after:.4f} bits per byte", flush=True)


if __name__ == "__main__":
    main()
