"""Fits the neighbours: earlier positions offer the tokens that followed them, by how like they are to the present one.

    python fit_neighbours.py --weights DIR --corpus DIR --tokenizer tokenizer.json --out DIR

DIR holds a network with its n-gram table and a gate fitted by `fit_gate.py`; both stay as they are. Fitted on the
validation projects, judged on the test projects, each document alone and beside other files of its project. Writes
`copy.safetensors` with the neighbours' part added.

Sources: E. Grave et al., "Improving Neural Language Models with a Continuous Cache" (2017); U. Khandelwal et al.,
"Generalization through Memorization: Nearest Neighbor Language Models" (2020).
"""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import copying
import export
import fit_gate
import ngrams
import safetensors_file
from copying import FIRST_PLAIN
from evaluation import hidden_of, spread
from fit_gate import COPIES, Features, FullGate
from model import Gate, Trunk
from streams import Corpus, Document, prepare
from tokenizer import TEXT, Tokenizer

FILE = "copy.safetensors"
PREFIX = "neighbours."
KEY = 64  # numbers of a key, a byte each
OWN = 4096  # positions of the file itself that offer
FILES, OF_FILE = 6, 1024  # nearest files, and how many of the first tokens of each are offered
BEHIND = 1024  # tokens of the text behind the cursor's line
SCORED = 128  # positions before that text
ROWS, DOCUMENTS = 256, 4  # of a step
WAYS = ("alone", "beside other files", "and with text behind")  # in which each document is read
UNSURE = 1e-3  # keeps the logarithm of what a sure mixture leaves finite
DECAY = 1e-4  # of the share's weights


class Reading(NamedTuple):
    """Positions of a file that offer what followed them."""

    hidden: Tensor  # float16 [n, D], after reading each token
    following: Tensor  # int32 [n], -1 where that is no plain token


class Sample(NamedTuple):
    """N scored positions of a document, and what stands before and beside them."""

    features: Features
    sure: Tensor  # [N], the largest probability that network, copies and table give a token
    likeliest: Tensor  # int64 [N], that token
    at: Tensor  # int64 [N], where in `own`
    own: Reading
    near: list[Reading]
    behind: tuple[Reading, ...] = ()  # of the text behind the cursor's line, one or none: it counts as the document's own


class Neighbours(nn.Module):
    """The share of the neighbours, and what they say."""

    def __init__(self, width: int, key: int = KEY):
        super().__init__()
        self.weight = nn.Parameter(torch.linalg.qr(torch.randn(width, key))[0].t().contiguous())
        self.sharpness = nn.Parameter(torch.tensor([30.0]))
        self.elsewhere = nn.Parameter(torch.zeros(1))
        self.share_weight = nn.Parameter(torch.zeros(width))
        self.share = nn.Parameter(torch.tensor([-2.5, 0.0, 0.0, 0.0, 0.0, 0.0]))

    def keys(self, hidden: Tensor) -> Tensor:
        return F.normalize(hidden.float() @ self.weight.t(), dim=-1)

    def forward(self, sample: Sample, rows: Tensor, rounded: bool = False) -> tuple[Tensor, Tensor]:
        """The share of the neighbours at each of the rows, and by them the probability of the token that came."""
        share, weights, following = self.offers(sample, rows, rounded)
        return share, (weights * (following == sample.features.target[rows, None])).sum(1)

    def offers(self, sample: Sample, rows: Tensor, rounded: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """The share of the neighbours at each of R rows, the weight of each of the N positions that may offer, [R, N], and what followed these, [N].

        `rounded`: keys are bytes, as the product keeps them. What is not offered weighs nothing.
        """
        hidden, at = sample.features.hidden[rows].float(), sample.at[rows]
        before = int(at.max())
        own = Reading(sample.own.hidden[:before], sample.own.following[:before])
        readings = [*sample.near, *sample.behind, own]
        keys, query = self.keys(torch.cat([reading.hidden for reading in readings])), self.keys(hidden)
        if rounded:
            keys, query = (torch.round(127 * x) / 127 for x in (keys, query))
        following = torch.cat([reading.following for reading in readings])
        place = torch.arange(len(keys)) - (len(keys) - before)
        elsewhere = torch.arange(len(keys)) < sum(len(reading.hidden) for reading in sample.near)
        offered = (following >= 0) & ((place < 0) | ((place < at[:, None]) & (place >= at[:, None] - OWN)))
        scores = (self.sharpness * (query @ keys.t()) + self.elsewhere * elsewhere).masked_fill(~offered, -1e9)
        some = offered.any(1)
        scores = torch.where(some[:, None], scores, 0.0)
        total = torch.logsumexp(scores, 1)
        weights = torch.exp(scores - total[:, None])
        best = scores.max(1).values / self.sharpness
        said = lambda token: (weights * (following == token[:, None])).sum(1)
        # Where the others are sure, and where the neighbours say otherwise, they take less.
        unsure, same = torch.log(1 - sample.sure[rows] + UNSURE), said(sample.likeliest[rows])
        facts = torch.stack([torch.ones_like(best), best, (weights**2).sum(1), total / 10, unsure, same], 1)
        share = torch.sigmoid(hidden @ self.share_weight + facts @ self.share) * some
        return share, weights * offered, following


def loss(gate: FullGate, neighbours: Neighbours | None, sample: Sample, rows: Tensor, rounded: bool = False) -> Tensor:
    """Negative log-likelihoods in nats, one a row; of the gate alone without neighbours."""
    nats = gate.loss(sample.features, rows)
    if neighbours is None:
        return nats
    share, said = neighbours(sample, rows, rounded)
    return -torch.log((1 - share) * torch.exp(-nats) + share * said + 1e-12)


def reading(hidden: Tensor, document: Document, first: int, last: int) -> Reading:
    """The positions of a document from `first` to before `last`."""
    following = np.append(document.tokens[1:], -1)[first:last]
    following = np.where(following >= FIRST_PLAIN, following, -1)
    return Reading(hidden[first:last], torch.from_numpy(following))


def opened(tokenizer: Tokenizer, source: dict, document: Document, cursor: int, others: list[str]) -> tuple[Document, Document]:
    """A document with a cursor after `cursor` of its tokens: the last ones before it, which alone are scored and may
    copy from what stands behind, and what stands behind as a document of its own.
    """
    size = lambda tokens: sum(len(tokenizer.bytes_of[token]) for token in tokens)
    start = int(np.flatnonzero(document.tokens == TEXT)[0]) + 1
    text = source["text"].encode()[size(document.tokens[start:cursor]) :].decode().removeprefix("\n")
    behind = prepare(tokenizer, source["path"], text, None, BEHIND)
    # As if it stood before the document: a copy from there is none from another file.
    tokens = np.concatenate([behind.tokens, document.tokens[:cursor]])
    far = [np.array(tokenizer.encode(other), np.int32) for other in others]
    found = copying.find(tokens, tokenizer.size, COPIES, far)
    targets = document.targets[:cursor].copy()
    targets[: max(0, cursor - 1 - SCORED)] = -1
    targets[-1] = -1
    candidates = copying.Candidates(*(column[-cursor:] for column in found))
    return Document(document.tokens[:cursor], targets, candidates, size(targets[targets >= 0])), behind


def of_text(hidden: Tensor, document: Document, most: int) -> Reading:
    """The first positions of a document's text."""
    text = int(np.flatnonzero(document.tokens == TEXT)[0])
    return reading(hidden, document, text, text + most)


@torch.no_grad()
def collect(trunk: Trunk, gate: FullGate, tables: list, path: Path, tokenizer: Tokenizer, files: int, limit: int) -> tuple[list[Sample], ...]:
    """Samples of documents alone, of the same documents beside other files, which they may copy from as well, and of
    these with a cursor somewhere and text behind it.
    """
    corpus = Corpus(path)
    chosen = spread(corpus, files)
    nearest = {index: corpus.nearest(index, random.Random(index)) for index in chosen}

    def document(index: int, others: list[int], limit: int = limit) -> Document:
        source = corpus[index]
        return prepare(tokenizer, source["path"], source["text"], None, limit, [corpus[other]["text"] for other in others], COPIES)

    # Many a file is among the nearest of several, so each is read once.
    needed = sorted({*chosen, *(other for others in nearest.values() for other in others[:FILES])})
    documents = {index: document(index, [], limit if index in nearest else OF_FILE) for index in needed}
    hidden = {needed[i]: h.half() for i, h in hidden_of(trunk, list(documents.values()))}
    amid: dict[int, tuple[Document, Document]] = {}
    for index in chosen:
        lines = [i for i, token in enumerate(documents[index].tokens) if tokenizer.bytes_of[token].startswith(b"\n")]
        if lines:
            texts = [corpus[other]["text"] for other in nearest[index]]
            amid[index] = opened(tokenizer, corpus[index], documents[index], random.Random(index).choice(lines), texts)
    hidden_behind = {list(amid)[i]: h.half() for i, h in hidden_of(trunk, [behind for _, behind in amid.values()])}

    def sample(index: int, scored: Document, near: list[Reading], behind: tuple[Reading, ...] = ()) -> Sample | None:
        at = torch.from_numpy(np.flatnonzero(scored.targets >= 0))
        if not len(at):
            return None
        h = hidden[index][: len(scored.tokens)]
        opinions = fit_gate.opinions_of(trunk, h.float(), scored)
        features = fit_gate.features(h.float(), opinions, tables, scored)
        return Sample(features, *gate.mixture(features, opinions).max(1), at, reading(h, scored, 0, len(h)), near, behind)

    samples: tuple[list[Sample | None], ...] = ([], [], [])
    for index in chosen:
        near = [of_text(hidden[other], documents[other], OF_FILE) for other in nearest[index][:FILES]]
        samples[0].append(sample(index, documents[index], []))
        samples[1].append(sample(index, document(index, nearest[index]), near))
        if index in amid:
            scored, behind = amid[index]
            samples[2].append(sample(index, scored, near, (of_text(hidden_behind[index], behind, BEHIND),)))
    return tuple([one for one in group if one] for group in samples)


def fit(gate: FullGate, neighbours: Neighbours, samples: list[Sample], epochs: int) -> None:
    chance = random.Random(1)
    rates = {"sharpness": 0.3, "weight": 2e-3}
    optimizer = torch.optim.Adam([{"params": [p], "lr": rates.get(name, 1e-2)} for name, p in neighbours.named_parameters()])
    decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps := epochs * len(samples) // DOCUMENTS)
    for _ in range(steps):
        # A document is drawn as often as it has positions, so that each position counts the same.
        drawn = chance.choices(samples, [len(sample.at) for sample in samples], k=DOCUMENTS)
        optimizer.zero_grad()
        for sample in drawn:
            rows = torch.randint(len(sample.at), (ROWS,))
            (loss(gate, neighbours, sample, rows).mean() / DOCUMENTS).backward()
        (DECAY * (neighbours.share_weight**2).sum()).backward()
        optimizer.step()
        decay.step()


@torch.no_grad()
def bits(gate: FullGate, neighbours: Neighbours | None, samples: list[Sample]) -> float:
    """Bits per byte, with keys of bytes."""
    nats = sum(loss(gate, neighbours, sample, torch.arange(len(sample.at)), rounded=True).double().sum().item() for sample in samples)
    return nats / math.log(2) / sum(sample.features.text_bytes for sample in samples)


def halves(prefix: str, module: nn.Module) -> dict[str, np.ndarray]:
    """What was learned, in half precision, as a file has it."""
    return {prefix + name: p.detach().half().numpy() for name, p in module.named_parameters()}


def part_of(file: Path, prefix: str) -> dict[str, Tensor]:
    """The tensors of a file whose names begin with `prefix`, by the rest of their names."""
    tensors = safetensors_file.read(file).items()
    return {name.removeprefix(prefix): torch.from_numpy(value.astype(np.float32)) for name, value in tensors if name.startswith(prefix)}


def tensors_of(neighbours: Neighbours) -> dict[str, np.ndarray]:
    return halves(PREFIX, neighbours)


def load(file: Path) -> Neighbours:
    """The neighbours that a `copy.safetensors` of this script holds."""
    tensors = part_of(file, PREFIX)
    key, width = tensors["weight"].shape
    neighbours = Neighbours(width, key)
    neighbours.load_state_dict(tensors)
    return neighbours


class Base(NamedTuple):
    """The network, table and gate that something is fitted beside."""

    options: argparse.Namespace
    trunk: Trunk
    gate: FullGate
    tables: list
    tokenizer: Tokenizer

    @property
    def file(self) -> Path:
        return self.options.weights / FILE

    def collect(self, name: str, files: int) -> tuple[list[Sample], ...]:
        return collect(self.trunk, self.gate, self.tables, self.options.corpus / name, self.tokenizer, files, self.options.limit)

    def train(self) -> tuple[list[Sample], ...]:
        return self.collect("validation.jsonl", self.options.files)

    def test(self) -> tuple[list[Sample], ...]:
        return self.collect("test.jsonl", self.options.test_files)

    def write(self, tensors: dict[str, np.ndarray]) -> Path:
        self.options.out.mkdir(parents=True, exist_ok=True)
        safetensors_file.write(self.options.out / FILE, tensors)
        return self.options.out / FILE


def base_of(description: str | None, weights: str, files: int) -> Base:
    """That of the command line. `weights`: what --weights takes; `files`: how many to fit on by default."""
    parser = fit_gate.parser_of(description, weights, files, 150)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    shape = export.shape_of(options.weights)
    trunk = Trunk(shape)
    export.load(options.weights, trunk, Gate(shape.width))
    gate = fit_gate.load(options.weights / FILE, shape.width).requires_grad_(False)
    return Base(options, trunk, gate, ngrams.read(options.weights / "ngrams.bin"), Tokenizer.load(options.tokenizer))


def main() -> None:
    base = base_of(__doc__, "what fit_gate.py wrote", 600)
    train, tests = base.train(), base.test()
    neighbours = Neighbours(base.trunk.shape.width)
    fit(base.gate, neighbours, [one for group in train for one in group], base.options.epochs)
    # A reranker that was fitted beside other neighbours is dropped.
    kept = {name: value for name, value in safetensors_file.read(base.file).items() if not name.startswith("reranker.")}
    written = load(base.write(kept | tensors_of(neighbours)))
    for name, test in zip(WAYS, tests):
        print(f"{name}: {bits(base.gate, None, test):.4f} -> {bits(base.gate, written, test):.4f} bits per byte")


if __name__ == "__main__":
    main()
