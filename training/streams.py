"""Documents as streams of tokens: each stream reads one document after another in chunks.

Everything random is drawn from (seed, epoch, document), so a position is a
few numbers: the epoch, how many documents of it were dealt out, and where
each stream stands in its own.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Iterable, NamedTuple

import numpy as np
import torch
from torch import Tensor

import copying
from tokenizer import FILE, TEXT, Tokenizer


OTHERS = 40  # as many other files as the product copies from
OTHER_LANGUAGE = 1.5  # steps farther off, as in the product
NAMELESS = 0.04  # of the documents have a language and no name, as an unsaved file and a notebook's cell have
MIDDLE = 0.05  # of them begin at a line in the middle, as what is kept of a long file does


class Document(NamedTuple):
    tokens: np.ndarray  # int32 [n]
    targets: np.ndarray  # int32 [n], the token after each; -1 where it is not scored
    candidates: copying.Candidates
    text_bytes: int


class Batch(NamedTuple):
    tokens: Tensor  # int64 [B, T]
    reset: Tensor  # uint8 [B, T], 1 at document starts
    target: Tensor  # int32 [B * T]
    candidates: Tensor  # int32 [B * T, 4]
    lengths: Tensor  # int64 [B * T, 4]
    counts: Tensor  # int64 [B * T, 4]
    text_bytes: float  # bytes of text that the scored tokens stand for

    def to(self, device: torch.device) -> "Batch":
        return Batch(*(x.to(device) if isinstance(x, Tensor) else x for x in self))


def header(path: str, chance: random.Random | None) -> str:
    """The last one to three components of a path; all three where nothing is left to chance."""
    parts = path.split("/")
    if chance is None:
        return "/".join(parts[-3:])
    kind = chance.random()
    if kind < 0.1:
        return parts[-1]
    if kind < 0.1 + NAMELESS and "." in parts[-1]:
        return f"Untitled-{chance.randint(1, 4)}.{parts[-1].rpartition('.')[2]}"
    return "/".join(parts[-chance.randint(1, 3) :])


def from_the_middle(text: str, chance: random.Random) -> str:
    """The text from one of its lines on, anywhere in its first three quarters."""
    starts = [at + 1 for at, character in enumerate(text) if character == "\n" and at < 0.75 * len(text)]
    return text[chance.choice(starts) :] if starts else text


def prepare(tokenizer: Tokenizer, path: str, text: str, chance: random.Random | None, limit: int | None = None, others: Iterable[str] = (), keep: int = copying.KEEP) -> Document:
    """[<|file|>] path [<|text|>] text, with targets for the text and for the end of the file (<|file|>).

    Candidates, `keep` a token, come from the document itself and from `others`, texts of files beside it, the nearest first.

    The path is context, not something to predict, so it is not scored. With
    `limit`, only the first tokens of the text are kept and no end is scored.
    """
    front = [FILE, *tokenizer.encode(header(path, chance)), TEXT]
    body = tokenizer.encode(text)
    ends = limit is None or len(body) <= limit
    if limit is not None:
        body = body[:limit]
    tokens = np.array(front + body, np.int32)
    targets = np.full(len(tokens), -1, np.int32)
    targets[len(front) - 1 : -1] = tokens[len(front) :]
    if ends and limit is None:
        targets[-1] = FILE
    size = sum(len(tokenizer.bytes_of[i]) for i in body)
    far = [np.array(tokenizer.encode(other), np.int32) for other in others]
    return Document(tokens, targets, copying.find(tokens, tokenizer.size, keep, far), size)


class Corpus:
    """Random access to the documents of a JSON-lines file."""

    def __init__(self, path: Path):
        self.path = path
        self.file = open(path, "rb")  # stays open: documents are read all through the run
        self.offsets: list[int] = []
        self.languages: list[str] = []
        self.folders: list[str] = []
        self.projects: dict[str, list[int]] = defaultdict(list)
        self.bytes: Counter[str] = Counter()
        at = 0
        for line in self.file:
            self.offsets.append(at)
            at += len(line)
            source = json.loads(line)
            language = source["language"]
            self.projects[source["project"]].append(len(self.languages))
            self.folders.append(source["path"].rpartition("/")[0])
            self.languages.append(language)
            self.bytes[language] += len(line)
        self.identity = f"{len(self.offsets)} documents, {at} bytes"

    def __len__(self) -> int:
        return len(self.offsets)

    def nearest(self, index: int, chance: random.Random) -> list[int]:
        """The nearest files of the same project: by the steps from folder to folder, those of the same language first."""
        project = [other for other in self.projects[self[index]["project"]] if other != index]
        chance.shuffle(project)
        here = self.folders[index].split("/")

        def distance(other: int) -> float:
            there = self.folders[other].split("/")
            common = next((i for i, (a, b) in enumerate(zip(here, there)) if a != b), min(len(here), len(there)))
            return len(here) + len(there) - 2 * common + OTHER_LANGUAGE * (self.languages[other] != self.languages[index])

        return sorted(project, key=distance)[:OTHERS]

    def beside(self, index: int, chance: random.Random) -> list[str]:
        """The texts of the nearest files."""
        return [self[other]["text"] for other in self.nearest(index, chance)]

    def __getitem__(self, index: int) -> dict[str, str]:
        self.file.seek(self.offsets[index])
        return json.loads(self.file.readline())


class Streams:
    def __init__(self, corpus: Corpus, tokenizer: Tokenizer, streams: int, length: int, seed: int = 1, weights: dict[str, float] | None = None):
        self.corpus, self.tokenizer, self.length, self.seed = corpus, tokenizer, length, seed
        self.weights = weights or {}
        self.sizes = np.array([len(piece) for piece in tokenizer.bytes_of])
        self.epoch, self.dealt = 0, 0
        self.order = self._order()
        self.where: list[tuple[int, int, int]] = []  # per stream: epoch, document, tokens already read
        self.documents: list[Document] = []
        for _ in range(streams):
            self._deal(len(self.where))

    def _order(self) -> list[int]:
        """This epoch's order. Languages with a weight above 1 tend to come earlier, below 1 later."""
        chance = random.Random(f"{self.seed}/{self.epoch}")
        keys = [chance.expovariate(1.0) / self.weights.get(language, 1.0) for language in self.corpus.languages]
        return sorted(range(len(keys)), key=keys.__getitem__)

    def _load(self, epoch: int, index: int) -> Document:
        source = self.corpus[index]
        chance = random.Random(f"{self.seed}/{epoch}/{index}")
        text = from_the_middle(source["text"], chance) if chance.random() < MIDDLE else source["text"]
        return prepare(self.tokenizer, source["path"], text, chance)

    def _deal(self, stream: int) -> None:
        """Gives `stream` the next document of the epoch."""
        if self.dealt == len(self.order):
            self.epoch, self.dealt = self.epoch + 1, 0
            self.order = self._order()
        index = self.order[self.dealt]
        self.dealt += 1
        if stream == len(self.where):
            self.where.append((self.epoch, index, 0))
            self.documents.append(self._load(self.epoch, index))
        else:
            self.where[stream] = (self.epoch, index, 0)
            self.documents[stream] = self._load(self.epoch, index)

    def next(self) -> Batch:
        b, t = len(self.where), self.length
        tokens, reset = np.zeros((b, t), np.int64), np.zeros((b, t), np.uint8)
        target, candidates = np.full((b, t), -1, np.int32), np.full((b, t, 4), -1, np.int32)
        lengths, counts = np.zeros((b, t, 4), np.int64), np.zeros((b, t, 4), np.int64)
        for stream in range(b):
            filled = 0
            while filled < t:
                epoch, index, at = self.where[stream]
                document = self.documents[stream]
                if at == len(document.tokens):
                    self._deal(stream)
                    continue
                n = min(t - filled, len(document.tokens) - at)
                to, of = slice(filled, filled + n), slice(at, at + n)
                tokens[stream, to] = document.tokens[of]
                target[stream, to] = document.targets[of]
                candidates[stream, to] = document.candidates.tokens[of]
                lengths[stream, to] = document.candidates.lengths[of]
                counts[stream, to] = document.candidates.counts[of]
                reset[stream, filled] = at == 0
                self.where[stream] = (epoch, index, at + n)
                filled += n
        size = float(self.sizes[target[target >= 0]].sum())
        as_tensor = torch.from_numpy
        return Batch(
            as_tensor(tokens), as_tensor(reset), as_tensor(target.reshape(-1)), as_tensor(candidates.reshape(-1, 4)),
            as_tensor(lengths.reshape(-1, 4)), as_tensor(counts.reshape(-1, 4)), size,
        )  # fmt: skip

    def position(self) -> dict[str, Any]:
        return {"corpus": self.corpus.identity, "seed": self.seed, "epoch": self.epoch, "dealt": self.dealt, "streams": self.where}

    def seek(self, position: dict[str, Any]) -> bool:
        """Goes on where `position` stood; False if the streams had to start new documents.

        Another number of streams goes on in the same epoch; another corpus starts a new order.
        """
        if position["corpus"] != self.corpus.identity:
            self.seed, self.epoch, self.dealt = position["seed"] + 1, 0, 0
        else:
            self.seed, self.epoch, self.dealt = position["seed"], position["epoch"], position["dealt"]
        self.order = self._order()
        if position["corpus"] != self.corpus.identity or len(position["streams"]) != len(self.where):
            for stream in range(len(self.where)):
                self._deal(stream)
            return False
        self.where = [tuple(stream) for stream in position["streams"]]
        self.documents = [self._load(epoch, index) for epoch, index, _ in self.where]
        return True
