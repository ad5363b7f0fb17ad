"""Fits the gate on projects that the network was not trained on, with the n-gram table beside it.

    python fit_gate.py --weights DIR --ngrams ngrams.bin --corpus DIR --tokenizer tokenizer.json --out DIR

The table knows the training corpus by heart, so there a gate would trust it too much; the network
is frozen and the gate fitted on the validation projects, and judged on the test projects. Half of the
documents may copy from other files of their project. The network itself is trained without: what can be copied
teaches it less, and it loses by that with other files and without (`recipes.py accompanied=SHARE`).
Writes `copy.safetensors` with the n-gram part added, and copies the rest.

`--table FILE` fits, besides, a gate that looks at no network's hidden state: a table of how far to trust
a copy by its length, rank and count, beside the network's own opinion. It serves checkpoints that come
without a gate.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import export
import ngrams
import safetensors_file
from evaluation import choose, hidden_of
from model import LENGTH_BUCKETS, Gate, Trunk
from streams import Document
from tokenizer import Tokenizer

FACTS = 32
# More copies than in training: each costs a row of work here and nothing there.
COPIES = 8
ACCOMPANIED = 0.5


class Features(NamedTuple):
    """What the gate sees of N scored positions."""

    hidden: Tensor  # float16 [N, D]
    target_logp: Tensor  # [N], the network's own opinion of the token that came
    candidates: Tensor  # int64 [N, 12]: eight copies, four of the table; -1 where there is none
    logp: Tensor  # [N, 12], the network's opinion of each candidate
    target: Tensor  # int64 [N]
    lengths: Tensor  # uint8 [N, 8]
    counts: Tensor  # uint8 [N, 8]
    elsewhere: Tensor  # uint8 [N, 8], 1 where a copy stands in other files alone
    orders: Tensor  # uint8 [N, 4]
    facts: Tensor  # uint8 [N, 4]
    text_bytes: float


class FullGate(nn.Module):
    """The copy gate and, beside it, the gate of the table."""

    def __init__(self, gate: Gate, width: int):
        super().__init__()
        self.copy = gate
        further = COPIES - len(gate.rank)
        gate.rank = nn.Parameter(torch.cat([gate.rank.detach(), gate.rank[-1].detach() - 0.5 * torch.arange(1, further + 1)]))
        # What a copy from another file is worth less, or more.
        self.elsewhere = nn.Parameter(torch.zeros(LENGTH_BUCKETS))
        self.elsewhere_weight = nn.Parameter(torch.zeros(width))
        self.weight = nn.Parameter(torch.zeros(len(ngrams.ORDERS), width))
        # At first it trusts a pair by how often it was right, a little.
        p = torch.tensor([0.02, 0.07, 0.14, 0.26, 0.44, 0.64, 0.82, 0.95]).repeat_interleave(4)
        self.bias = nn.Parameter((torch.log(p / (1 - p)) - 3.0).repeat(len(ngrams.ORDERS), 1))
        self.rank = nn.Parameter(torch.zeros(ngrams.KEEP))
        self.alpha = nn.Parameter(torch.tensor([0.3]))

    def shares(self, f: Features, rows: Tensor | slice) -> Tensor:
        """The logarithms of the shares of the network and of each candidate: [N, 13]."""
        hidden = f.hidden[rows].float()
        length, elsewhere = f.lengths[rows].long(), f.elsewhere[rows]
        copies = self.copy(hidden, length, f.counts[rows].long()) + elsewhere * (self.elsewhere[length] + (hidden @ self.elsewhere_weight)[:, None])
        order, facts = f.orders[rows].long(), f.facts[rows].long()
        table = (hidden @ self.weight.t()).gather(1, order) + self.bias[order, facts] + self.rank
        logp = f.logp[rows]
        scores = torch.cat([copies + self.copy.alpha * logp[:, :COPIES], table + self.alpha * logp[:, COPIES:]], 1)
        candidates = f.candidates[rows]
        scores = scores.masked_fill(candidates < 0, -1e30)
        return F.log_softmax(torch.cat([torch.zeros_like(scores[:, :1]), scores], 1), 1)

    def loss(self, f: Features, rows: Tensor | slice) -> Tensor:
        """Negative log-likelihoods in nats, one a position."""
        shares, candidates = self.shares(f, rows), f.candidates[rows]
        hits = (candidates == f.target[rows, None]) & (candidates >= 0)
        terms = torch.cat([shares[:, :1] + f.target_logp[rows, None], shares[:, 1:].masked_fill(~hits, -1e30)], 1)
        return -torch.logsumexp(terms, 1)

    def mixture(self, f: Features, opinions: Tensor) -> Tensor:
        """The probabilities of every token, [N, V], of the network's opinions as logarithms, [N, V]."""
        shares = self.shares(f, slice(None)).exp()
        offered = shares[:, 1:] * (f.candidates >= 0)
        return (shares[:, :1] * opinions.exp()).scatter_add(1, f.candidates.clamp(min=0), offered)


def opinions_of(trunk: Trunk, hidden: Tensor, document: Document) -> Tensor:
    """The network's log-probabilities of every token at the N scored positions of a document: [N, V]."""
    return F.log_softmax(hidden[np.flatnonzero(document.targets >= 0)] @ trunk.head.weight.t(), 1)


def features(hidden: Tensor, opinions: Tensor, tables: list, document: Document) -> Features:
    """Those of one document, of which `hidden` [n, D] are the hidden vectors."""
    scored = np.flatnonzero(document.targets >= 0)
    copies = document.candidates
    target = torch.from_numpy(document.targets[scored]).long()
    offered, orders, facts = ngrams.candidates(tables, document.tokens)
    candidates = torch.from_numpy(np.concatenate([copies.tokens, offered], 1)[scored]).long()
    further = (torch.from_numpy(x[scored]) for x in (copies.lengths, copies.counts, copies.elsewhere, orders, facts))
    return Features(
        hidden[scored].half(), opinions.gather(1, target[:, None])[:, 0], candidates, opinions.gather(1, candidates.clamp(min=0)), target,
        *further, document.text_bytes,
    )  # fmt: skip


def joined(parts: list[Features]) -> Features:
    """Those of several documents as of one."""
    *columns, sizes = zip(*parts)
    return Features(*[torch.cat(column) for column in columns], sum(sizes))


def collect(trunk: Trunk, tables: list, corpus: Path, tokenizer: Tokenizer, files: int, limit: int, accompanied: float) -> Features:
    return collect_with([tables], trunk, corpus, tokenizer, files, limit, accompanied)[0]


@torch.no_grad()
def collect_with(several: list[list], trunk: Trunk, corpus: Path, tokenizer: Tokenizer, files: int, limit: int, accompanied: float) -> list[Features]:
    """One set of features for each of `several` tables; the network reads the documents once."""
    documents = [document for _, document in choose(corpus, tokenizer, files, limit, accompanied, COPIES)]
    parts: list[list[Features]] = [[] for _ in several]
    for i, hidden in hidden_of(trunk, documents):
        opinions = opinions_of(trunk, hidden, documents[i])
        for tables, part in zip(several, parts):
            part.append(features(hidden, opinions, tables, documents[i]))
    return [joined(part) for part in parts]


def copies_alone(f: Features) -> Features:
    return f._replace(candidates=torch.cat([f.candidates[:, :COPIES], torch.full_like(f.candidates[:, COPIES:], -1)], 1))


def fit(gate: FullGate, parameters: list[nn.Parameter], train: Features, epochs: int) -> None:
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    steps = epochs * (len(train.target) // 2048)
    for step in range(steps):
        rows = torch.randint(len(train.target), (2048,))
        loss = gate.loss(train, rows).mean() + 1e-4 * sum((p**2).sum() for p in (gate.weight, gate.copy.weight, gate.elsewhere_weight))
        optimizer.zero_grad()
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * (1 - step / steps)
        optimizer.step()


def tensors_of(full: FullGate) -> dict[str, np.ndarray]:
    return {tensor_name(name): p.detach().half().numpy() for name, p in full.named_parameters()}


def load(file: Path, width: int) -> FullGate:
    """The gate that a `copy.safetensors` of this script holds."""
    full = FullGate(Gate(width), width)
    tensors = safetensors_file.read(file)
    full.load_state_dict({name: torch.from_numpy(tensors[tensor_name(name)].astype(np.float32)) for name in full.state_dict()})
    return full


def write_table(path: Path, width: int, train: Features, test: Features, epochs: int) -> None:
    """Fits a gate whose weights stay zero, with copies alone, and writes its numbers."""
    gate = FullGate(Gate(width), width)
    numbers = {name: p for name, p in gate.copy.named_parameters() if name != "weight"} | {"elsewhere": gate.elsewhere}
    fit(gate, list(numbers.values()), copies_alone(train), epochs)
    size = test.text_bytes * math.log(2)
    figures = {"alone": -test.target_logp.double().sum().item() / size, "table": bits(gate, test, without_table=True)}
    rounded = lambda values: [round(value, 4) for value in values]
    body = {name: rounded(p.tolist()) for name, p in numbers.items()}
    path.write_text(json.dumps({**body, "bitsPerByte": dict(zip(figures, rounded(figures.values())))}) + "\n")
    print(f"table: {figures}")


def tensor_name(name: str) -> str:
    if name.startswith("elsewhere"):
        return f"gate.{name}"
    return name.replace("copy.", "gate.") if name.startswith("copy.") else f"ngram.{name}"


@torch.no_grad()
def bits(gate: FullGate, f: Features, without_table: bool = False) -> float:
    if without_table:
        f = copies_alone(f)
    total = sum(gate.loss(f, slice(i, i + 8192)).double().sum().item() for i in range(0, len(f.target), 8192))
    return total / math.log(2) / f.text_bytes


def parser_of(description: str | None, weights: str, files: int, test_files: int) -> argparse.ArgumentParser:
    """The options of a script that fits something on validation projects and judges it on test projects."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--weights", type=Path, required=True, help=weights)
    add("--corpus", type=Path, required=True)
    add("--tokenizer", type=Path, required=True)
    add("--files", type=int, default=files)
    add("--test-files", type=int, default=test_files)
    add("--limit", type=int, default=1536, help="tokens of each file")
    add("--epochs", type=int, default=3)
    add("--threads", type=int, default=2)
    return parser


def main() -> None:
    parser = parser_of(__doc__, "an export of the trainer", 400, 150)
    add = parser.add_argument
    add("--ngrams", type=Path, required=True)
    add("--out", type=Path, required=True)
    add("--table", type=Path, help="where to write the gate for networks that have none (JSON)")
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    tokenizer = Tokenizer.load(options.tokenizer)
    shape = export.shape_of(options.weights)
    trunk, gate = Trunk(shape), Gate(shape.width)
    export.load(options.weights, trunk, gate)
    tables = ngrams.read(options.ngrams)
    train = collect(trunk, tables, options.corpus / "validation.jsonl", tokenizer, options.files, options.limit, ACCOMPANIED)
    test, cross = (collect(trunk, tables, options.corpus / "test.jsonl", tokenizer, options.test_files, options.limit, share) for share in (0.0, 1.0))
    full = FullGate(gate, shape.width)
    before = bits(full, test, without_table=True)
    if options.table:
        write_table(options.table, shape.width, train, test, options.epochs)
    fit(full, list(full.parameters()), train, options.epochs)
    figures = {"test_copy": before, "test_copy_refitted": bits(full, test, without_table=True), "test_copy_ngrams": bits(full, test), "test_cross_file": bits(full, cross)}
    figures = {name: round(value, 4) for name, value in figures.items()}
    print(f"{len(train.target)} positions, {figures}")

    options.out.mkdir(parents=True, exist_ok=True)
    safetensors_file.write(options.out / "copy.safetensors", tensors_of(full))
    for source, name in ((options.weights / "model.safetensors", "model.safetensors"), (options.ngrams, "ngrams.bin")):
        # `weights/ngrams.bin` is a link to the package's table, which may itself be what the gate is fitted for.
        if source.resolve() != (options.out / name).resolve():
            shutil.copyfile(source, options.out / name)
    facts = json.loads((options.weights / "training.json").read_text())
    (options.out / "training.json").write_text(json.dumps({**facts, "gate": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
