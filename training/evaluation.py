"""Bits per byte of a fixed small set of validation files, from each file's first byte."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from pathlib import Path
from typing import Iterable

import torch

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
def evaluate(trunk: Trunk, gate: Gate, documents: Iterable[tuple[str, Document]], streams: int = 8) -> dict[str, float]:
    """Bits per byte with copying (`copy`) and of the softmax alone (`plain`), and with copying per language."""
    device = trunk.emb.weight.device
    bits: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    ordered = sorted(documents, key=lambda item: len(item[1].tokens))  # little padding
    for start in range(0, len(ordered), streams):
        group = ordered[start : start + streams]
        length = max(len(document.tokens) for _, document in group)
        tokens = torch.zeros(len(group), length, dtype=torch.int64)
        for i, (_, document) in enumerate(group):
            tokens[i, : len(document.tokens)] = torch.from_numpy(document.tokens).long()
        hidden, _ = trunk(tokens.to(device), torch.zeros(len(group), length, dtype=torch.uint8, device=device), State.zeros(trunk.shape, len(group), device))
        for i, (language, document) in enumerate(group):
            n = len(document.tokens)
            h = hidden[i, :n].contiguous()
            targets, offered, lengths, counts = (torch.from_numpy(x).to(device) for x in (document.targets, *document.candidates))
            base = gate(h, lengths.long(), counts.long())
            mixed, plain = head_scores(h, trunk.head.weight, base, gate.alpha, targets, offered)
            for name in ("", language):
                bits[name][0] += mixed.double().sum().item() / math.log(2)
                bits[name][1] += plain.double().sum().item() / math.log(2)
                bits[name][2] += document.text_bytes
    result = {"copy": bits[""][0] / bits[""][2], "plain": bits[""][1] / bits[""][2]}
    result.update({name: mixed / size for name, (mixed, _, size) in sorted(bits.items()) if name})
    return {name: round(value, 4) for name, value in result.items()}
