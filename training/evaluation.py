"""Bits per byte of a fixed small set of validation files, from each file's first byte."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from pathlib import Path
from typing import Iterable, Iterator, Sequence

import torch
from torch import Tensor

import copying
from head import head_scores
from streams import Corpus, Document, prepare
from model import Gate, State, Trunk
from tokenizer import Tokenizer


def spread(corpus: Corpus, files: int) -> list[int]:
    """`files` documents spread evenly over the languages and over each language's documents."""
    by_language: dict[str, list[int]] = defaultdict(list)
    for i, language in enumerate(corpus.languages):
        by_language[language].append(i)
    chosen: list[int] = []
    # Round after round, one more from every language, at places spread by the golden ratio.
    turn = 0
    while len(chosen) < min(files, len(corpus)):
        for language in sorted(by_language):
            rest = by_language[language]
            if rest and len(chosen) < files:
                chosen.append(rest.pop(int(len(rest) * ((turn + 1) * 0.6180339887 % 1.0))))
        turn += 1
    return chosen


def choose(path: Path, tokenizer: Tokenizer, files: int, limit: int, accompanied: float = 0.0, keep: int = copying.KEEP) -> list[tuple[str, Document]]:
    """The documents of `spread`, and the language of each.

    A share `accompanied` of them may copy from other files of their project; `keep` candidates a token.
    """
    corpus = Corpus(path)
    documents = []
    for index in spread(corpus, files):
        source = corpus[index]
        chance = random.Random(index)
        others = corpus.beside(index, chance) if chance.random() < accompanied else []
        documents.append((source["language"], prepare(tokenizer, source["path"], source["text"], None, limit, others, keep)))
    return documents


@torch.no_grad()
def hidden_of(trunk: Trunk, documents: Sequence[Document], streams: int = 8) -> Iterator[tuple[int, Tensor]]:
    """Each document's place in the list and its hidden vectors, [n, D], the shortest first."""
    device = trunk.emb.weight.device
    ordered = sorted(range(len(documents)), key=lambda i: len(documents[i].tokens))  # little padding
    for start in range(0, len(ordered), streams):
        group = ordered[start : start + streams]
        tokens = torch.zeros(len(group), len(documents[group[-1]].tokens), dtype=torch.int64)
        for row, i in enumerate(group):
            tokens[row, : len(documents[i].tokens)] = torch.from_numpy(documents[i].tokens).long()
        reset = torch.zeros_like(tokens, dtype=torch.uint8).to(device)
        hidden, _ = trunk(tokens.to(device), reset, State.zeros(trunk.shape, len(group), device))
        for row, i in enumerate(group):
            yield i, hidden[row, : len(documents[i].tokens)].contiguous()


@torch.no_grad()
def evaluate(trunk: Trunk, gate: Gate, documents: Iterable[tuple[str, Document]], streams: int = 8) -> dict[str, float]:
    """Bits per byte with copying (`copy`) and of the softmax alone (`plain`), and with copying per language."""
    device = trunk.emb.weight.device
    bits: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    languages, texts = zip(*documents)
    for i, h in hidden_of(trunk, texts, streams):
        language, document = languages[i], texts[i]
        targets, offered, lengths, counts = (torch.from_numpy(x).to(device) for x in (document.targets, *document.candidates[:3]))
        base = gate(h, lengths.long(), counts.long())
        mixed, plain = head_scores(h, trunk.head.weight, base, gate.alpha, targets, offered)
        for name in ("", language):
            bits[name][0] += mixed.double().sum().item() / math.log(2)
            bits[name][1] += plain.double().sum().item() / math.log(2)
            bits[name][2] += document.text_bytes
    result = {"copy": bits[""][0] / bits[""][2], "plain": bits[""][1] / bits[""][2]}
    result.update({name: mixed / size for name, (mixed, _, size) in sorted(bits.items()) if name})
    return {name: round(value, 4) for name, value in result.items()}
