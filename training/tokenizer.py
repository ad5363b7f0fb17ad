"""Byte-level BPE tokenizer: train, encode, decode, save, load.

Text is turned into UTF-8 and looked at as latin-1 characters, one per byte,
so that the same regular expression cuts the same pieces in Python and in
JavaScript and any byte sequence round-trips. Merges never cross a piece.

Ids: 0..7 are the specials, 8..263 the bytes 0..255, then one id per merge.
"""

from __future__ import annotations

import argparse
import heapq
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Iterable

SPECIALS = ["<|file|>", "<|text|>", "<|suffix|>", "<|middle|>", "<|r4|>", "<|r5|>", "<|r6|>", "<|r7|>"]
FILE, TEXT = 0, 1
FIRST_BYTE = len(SPECIALS)
FIRST_MERGE = FIRST_BYTE + 256
VOCABULARY = 8192

PIECES = re.compile(
    r"\r?\n[ \t]{0,64}"  # a line break with the indentation that follows it
    r"| ?[A-Za-z_\x80-\xff]{1,40}"  # a word
    r"|[0-9]{1,3}"
    r"| ?[!-/:-@\[-^`{-~]{1,16}"  # punctuation
    r"|[ \t]{1,32}"
    r"|[\x00-\xff]"
)


class Tokenizer:
    """Encodes and decodes; `merges` is a list of pairs of ids in rank order."""

    def __init__(self, merges: list[tuple[int, int]]):
        self.merges = [tuple(pair) for pair in merges]
        self.rank = {pair: i for i, pair in enumerate(self.merges)}
        self.bytes_of: list[bytes] = [b""] * FIRST_BYTE + [bytes([i]) for i in range(256)]
        for a, b in self.merges:
            self.bytes_of.append(self.bytes_of[a] + self.bytes_of[b])
        self._cache: dict[str, list[int]] = {}

    @property
    def size(self) -> int:
        return FIRST_MERGE + len(self.merges)

    def encode(self, text: str | bytes) -> list[int]:
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        cache = self._cache
        if len(cache) > 400_000:  # keeps memory flat over a long run
            cache.clear()
        ids: list[int] = []
        for piece in PIECES.findall(data.decode("latin-1")):
            known = cache.get(piece)
            if known is None:
                known = cache[piece] = self._merge(piece)
            ids += known
        return ids

    def decode(self, ids: Iterable[int]) -> bytes:
        """The bytes of `ids`; specials stand for nothing."""
        return b"".join(self.bytes_of[i] for i in ids)

    def _merge(self, piece: str) -> list[int]:
        ids = [FIRST_BYTE + ord(c) for c in piece]
        rank, never = self.rank, len(self.merges)
        while len(ids) > 1:
            best, at = never, -1
            for i in range(len(ids) - 1):  # strict < takes the leftmost of equals
                r = rank.get((ids[i], ids[i + 1]), never)
                if r < best:
                    best, at = r, i
            if at < 0:
                break
            ids[at : at + 2] = [FIRST_MERGE + best]
        return ids

    def save(self, path: str | Path) -> None:
        # One merge a line would be long; one line in all is small and still diffable enough.
        body = {"format": "rwkv-bpe", "version": 1, "specials": SPECIALS, "merges": self.merges}
        Path(path).write_text(json.dumps(body, separators=(",", ":")) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> "Tokenizer":
        body = json.loads(Path(path).read_text())
        if body.get("format") != "rwkv-bpe" or body.get("version") != 1 or body.get("specials") != SPECIALS:
            raise ValueError(f"{path}: not a tokenizer of this format")
        return cls(body["merges"])


def count_pieces(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(PIECES.findall(text.encode("utf-8", "surrogatepass").decode("latin-1")))
    return counts


def train(counts: Counter[str], size: int = VOCABULARY, min_count: int = 2) -> Tokenizer:
    """Greedy BPE over distinct pieces weighted by how often they occur.

    Pair counts are kept up to date as words change; a heap with stale entries
    gives the most frequent pair. Ties go to the smaller pair, so the result
    depends on the counts alone.
    """
    words: list[list[int]] = []
    weight: list[int] = []
    for piece, n in sorted(counts.items()):
        if n >= min_count and len(piece) > 1:
            words.append([FIRST_BYTE + ord(c) for c in piece])
            weight.append(n)
    pairs: dict[tuple[int, int], int] = defaultdict(int)
    where: dict[tuple[int, int], set[int]] = defaultdict(set)
    for i, word in enumerate(words):
        for pair in zip(word, word[1:]):
            pairs[pair] += weight[i]
            where[pair].add(i)
    heap = [(-n, pair) for pair, n in pairs.items()]
    heapq.heapify(heap)
    merges: list[tuple[int, int]] = []
    while FIRST_MERGE + len(merges) < size and heap:
        negative, pair = heapq.heappop(heap)
        if pairs.get(pair, 0) != -negative or negative == 0:
            continue
        new = FIRST_MERGE + len(merges)
        merges.append(pair)
        changed: set[tuple[int, int]] = set()
        for i in where.pop(pair):
            word, n = words[i], weight[i]
            for old in zip(word, word[1:]):
                pairs[old] -= n
                changed.add(old)
            merged: list[int] = []
            j = 0
            while j < len(word):
                if j + 1 < len(word) and (word[j], word[j + 1]) == pair:
                    merged.append(new)
                    j += 2
                else:
                    merged.append(word[j])
                    j += 1
            words[i] = merged
            for fresh in zip(merged, merged[1:]):
                pairs[fresh] += n
                where[fresh].add(i)
                changed.add(fresh)
        for other in changed:
            n = pairs[other]
            if n > 0:
                heapq.heappush(heap, (-n, other))
            else:
                pairs.pop(other, None)
                where.pop(other, None)
        pairs.pop(pair, None)
    return Tokenizer(merges)


def balanced_sample(path: Path, limit: int) -> Iterable[str]:
    """Documents of a JSON-lines corpus, `limit` bytes in all, no language far above its share.

    Every language gets the same quota first; what the small ones leave over
    is spread over the large ones.
    """
    sizes: Counter[str] = Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            sizes[document["language"]] += len(document["text"])
    quota: dict[str, float] = {}
    left, open_languages = float(limit), sorted(sizes, key=lambda name: (sizes[name], name))
    while open_languages:
        name = open_languages.pop(0)
        quota[name] = min(sizes[name], left / (len(open_languages) + 1))
        left -= quota[name]
    taken: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            name, length = document["language"], len(document["text"])
            seen[name] += length
            # Spread evenly over the file instead of taking its first projects.
            if taken[name] + length / 2 <= quota[name] * seen[name] / sizes[name]:
                taken[name] += length
                yield document["text"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the tokenizer on a JSON-lines corpus.")
    parser.add_argument("corpus", type=Path, help="train.jsonl")
    parser.add_argument("output", type=Path, help="tokenizer.json")
    parser.add_argument("--bytes", type=int, default=40_000_000, help="size of the sample")
    parser.add_argument("--size", type=int, default=VOCABULARY)
    options = parser.parse_args()
    counts = count_pieces(balanced_sample(options.corpus, options.bytes))
    tokenizer = train(counts, options.size)
    tokenizer.save(options.output)
    total = sum(n * len(piece) for piece, n in counts.items())
    tokens = sum(n * len(tokenizer._merge(piece)) for piece, n in counts.items())
    print(f"{tokenizer.size} ids from {total} bytes, {len(counts)} pieces, {total / tokens:.3f} bytes a token")


if __name__ == "__main__":
    main()
