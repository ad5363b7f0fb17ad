"""A table of what often follows the last few tokens, counted over the whole training corpus.

    python ngrams.py --corpus DIR --tokenizer tokenizer.json --out ngrams.bin [--entries 1200000 ...]

A small network sees each idiom a few times at best in the hours there are; counting sees all of
them. Of all (context, next token) pairs with contexts of 2 to 5 tokens that more than one project has, those are
kept that say most beyond the next shorter context: count x log(p / p_shorter), the entropy that pruning them
would cost (A. Stolcke, "Entropy-based Pruning of Backoff Language Models", 1998). A project's count is the
root of its occurrences: what counts is how many write a thing, not how often one does.

The file, little-endian: the 8 bytes "RWKVNGR1"; for each order 2 … 5 a uint32 with its number of
entries n; then for each order uint32 hash[n] (sorted), uint16 token[n], uint8 facts[n]. Entries of
one context stand together, most frequent first. facts = p bucket x 4 + count bucket.
"""

from __future__ import annotations

import argparse
import json
import time
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple, Sequence

import numpy as np

from tokenizer import FILE, TEXT, Tokenizer

MAGIC = b"RWKVNGR1"
ORDERS = (2, 3, 4, 5)
# Shares of the context's weight, and weights, at which the next bucket begins.
P_EDGES = np.array([0.05, 0.1, 0.2, 0.35, 0.55, 0.75, 0.9])
COUNT_EDGES = np.array([6, 16, 61])
LEAST = 3  # rarer pairs are chance
PROJECTS = 2  # what one project alone writes is its own
PROJECT_BITS = 12
PER_CONTEXT = 3
KEEP = 4  # candidates offered at a position
MULTIPLIER = np.uint32(0x9E3779B1)


def _hash(columns: Sequence[np.ndarray]) -> np.ndarray:
    h = np.full(len(columns[0]), len(columns), np.uint32)
    for column in columns:
        h = (h ^ column.astype(np.uint32)) * MULTIPLIER
        h ^= h >> np.uint32(15)
    return h


def hashes(tokens: np.ndarray, order: int) -> np.ndarray:
    """uint32 [n - order + 1]: the hash of each run of `order` tokens, oldest first."""
    return _hash([tokens[i : len(tokens) - order + 1 + i] for i in range(order)])


def hash_rows(rows: np.ndarray) -> np.ndarray:
    """uint32 [n]: the same for each row of tokens [n, order]."""
    return _hash(list(rows.T))


class Pairs(NamedTuple):
    """Pairs (context, next token) of one order, sorted by context hash and token."""

    context: np.ndarray  # uint32, the context's hash
    token: np.ndarray  # uint16
    weight: np.ndarray  # float32: over all projects, the root of how often it occurs in each
    total: np.ndarray  # float32, the same summed over all that follows the context
    place: np.ndarray  # int64, one place where the context begins in the text

    @property
    def keys(self) -> np.ndarray:
        return (self.context.astype(np.uint64) << np.uint64(16)) | self.token


def _starts(values: np.ndarray) -> np.ndarray:
    """Where a new value begins in a sorted array."""
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))


def count(tokens: np.ndarray, projects: np.ndarray, order: int) -> Pairs:
    """
    Pairs that occur at least `LEAST` times and in `PROJECTS` projects; `projects` numbers the project of each token.

    One project writes the same hundreds of times, and a file that is completed belongs to another: so a project
    counts by the root of its occurrences.
    """
    keys = (hashes(tokens[:-1], order).astype(np.uint64) << np.uint64(16 + PROJECT_BITS)) | (
        tokens[order:].astype(np.uint64) << np.uint64(PROJECT_BITS)
    )
    keys |= projects[order:].astype(np.uint64)
    sorting = np.argsort(keys)
    keys = keys[sorting]
    starts = _starts(keys)
    places = sorting[starts].astype(np.int32)
    del sorting
    counts = np.diff(np.append(starts, len(keys))).astype(np.int32)
    keys = keys[starts] >> np.uint64(PROJECT_BITS)
    starts = _starts(keys)
    number = np.add.reduceat(counts, starts)
    weight = np.add.reduceat(np.sqrt(counts, dtype=np.float32), starts)
    in_projects = np.diff(np.append(starts, len(keys)))
    keys, place = keys[starts], places[starts]
    del counts, places, starts
    context = (keys >> np.uint64(16)).astype(np.uint32)
    group = _starts(context)
    total = np.repeat(np.add.reduceat(weight, group), np.diff(np.append(group, len(keys))))
    token = (keys & np.uint64(0xFFFF)).astype(np.uint16)
    often = (number >= LEAST) & (in_projects >= PROJECTS) & (token > TEXT)
    return Pairs(context[often], token[often], weight[often], total[often], place[often].astype(np.int64))


class Scored(NamedTuple):
    """The pairs of one order with what they say."""

    pairs: Pairs
    p: np.ndarray
    gain: np.ndarray


def score(tokens: np.ndarray, projects: np.ndarray) -> list[Scored]:
    """The pairs of each order, with what each says beyond the next shorter context."""
    found: list[Scored] = []
    for order in ORDERS:
        pairs = count(tokens, projects, order)
        p = (pairs.weight - 0.5) / pairs.total
        if not found:
            before = np.full(len(p), 0.01)  # below the table's reach, only the network is left
        else:
            shorter = found[-1].pairs.keys
            # The shorter context begins a token later.
            last = np.stack([tokens[pairs.place + 1 + i] for i in range(order - 1)], 1)
            wanted = (hash_rows(last).astype(np.uint64) << np.uint64(16)) | pairs.token
            where = np.searchsorted(shorter, wanted)
            where[where == len(shorter)] = 0
            before = np.where(shorter[where] == wanted, found[-1].p[where], 0.005) if len(shorter) else np.full(len(p), 0.005)
        found.append(Scored(pairs, p, pairs.weight * np.maximum(np.log(p / before), 0.0)))
        print(f"order {order}: {len(p)} pairs", flush=True)
    return found


def select(found: list[Scored], entries: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each order: sorted hashes, tokens and facts of the pairs that say most, at most `entries` in all."""
    gains = np.concatenate([gain for *_, gain in found])
    threshold = np.partition(gains, -entries)[-entries] if len(gains) > entries else 0.0
    tables = []
    for pairs, p, gain in found:
        keep = np.flatnonzero(gain > threshold)
        keep = keep[np.lexsort((-p[keep], pairs.context[keep]))]
        context = pairs.context[keep]
        same = np.concatenate(([False], context[1:] == context[:-1]))
        rank = np.arange(len(keep)) - np.maximum.accumulate(np.where(same, 0, np.arange(len(keep))))
        keep = keep[rank < PER_CONTEXT]
        facts = np.searchsorted(P_EDGES, p[keep], side="right") * 4 + np.searchsorted(COUNT_EDGES, pairs.total[keep], side="right")
        tables.append((pairs.context[keep], pairs.token[keep], facts.astype(np.uint8)))
    return tables


def build(tokens: np.ndarray, projects: np.ndarray, entries: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    return select(score(tokens, projects), entries)


def write(path: Path, tables: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
    with open(path, "wb") as file:
        file.write(MAGIC)
        np.array([len(context) for context, _, _ in tables], "<u4").tofile(file)
        for context, token, facts in tables:
            context.astype("<u4").tofile(file)
            token.astype("<u2").tofile(file)
            facts.tofile(file)


def read(path: Path) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    data = path.read_bytes()
    assert data[:8] == MAGIC, f"{path} is no n-gram table"
    sizes = np.frombuffer(data, "<u4", len(ORDERS), 8)
    tables, at = [], 8 + 4 * len(ORDERS)
    for size in sizes.tolist():
        parts = []
        for kind, width in (("<u4", 4), ("<u2", 2), ("u1", 1)):
            parts.append(np.frombuffer(data, kind, size, at))
            at += width * size
        tables.append((parts[0], parts[1], parts[2]))
    return tables


def candidates(tables: list[tuple[np.ndarray, np.ndarray, np.ndarray]], tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the table offers behind every position: tokens int32 [n, 4] (-1 where there is none),
    order index uint8 [n, 4] and facts uint8 [n, 4]; longer contexts first, no token twice.
    """
    n = len(tokens)
    offered = np.full((n, KEEP), -1, np.int32)
    orders, facts = np.zeros((n, KEEP), np.uint8), np.zeros((n, KEEP), np.uint8)
    filled = np.zeros(n, np.int64)
    for index in reversed(range(len(ORDERS))):
        order = ORDERS[index]
        if n < order:
            continue
        context, following, fact = tables[index]
        h = hashes(tokens, order)
        first = np.searchsorted(context, h)
        for i in range(PER_CONTEXT):
            at = np.minimum(first + i, max(len(context) - 1, 0))
            rows = np.flatnonzero((first + i < len(context)) & (context[at] == h)) if len(context) else np.empty(0, np.int64)
            token = following[at[rows]].astype(np.int32)
            rows += order - 1
            fresh = (filled[rows] < KEEP) & ~(offered[rows] == token[:, None]).any(1)
            source = at[rows - order + 1][fresh]
            rows, token = rows[fresh], token[fresh]
            offered[rows, filled[rows]] = token
            orders[rows, filled[rows]] = index
            facts[rows, filled[rows]] = fact[source]
            filled[rows] += 1
    return offered, orders, facts


def document_tokens(line: str) -> np.ndarray:
    """uint16: a document as the trainer reads it."""
    document = json.loads(line)
    path = "/".join(document["path"].split("/")[-3:])
    return np.array([FILE, *_tokenizer.encode(path), TEXT, *_tokenizer.encode(document["text"])], np.uint16)


def _load_tokenizer(path: Path) -> None:
    global _tokenizer
    _tokenizer = Tokenizer.load(path)


def corpus_tokens(corpus: Path, tokenizer: Path, processes: int) -> np.ndarray:
    """uint16: all documents one after another."""
    with open(corpus, encoding="utf-8") as lines, Pool(processes, _load_tokenizer, (tokenizer,)) as pool:
        return np.concatenate(list(pool.imap(document_tokens, lines, chunksize=64)))


def projects_of(corpus: Path, tokens: np.ndarray) -> np.ndarray:
    """uint16: the number of each token's project; a document begins with `FILE`."""
    numbers: dict[str, int] = {}
    with open(corpus, encoding="utf-8") as lines:
        of_document = np.array([numbers.setdefault(json.loads(line)["project"], len(numbers)) for line in lines], np.uint16)
    if len(numbers) >= 1 << PROJECT_BITS:
        raise ValueError(f"{len(numbers)} projects do not fit into {PROJECT_BITS} bits")
    starts = np.flatnonzero(tokens == FILE)
    if len(starts) != len(of_document):
        raise ValueError(f"{len(starts)} documents among the tokens, {len(of_document)} in {corpus}")
    return np.repeat(of_document, np.diff(np.append(starts, len(tokens))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with train.jsonl")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="a {} in it stands for the number of thousand entries")
    parser.add_argument("--entries", type=int, nargs="+", default=[1_200_000], help="a table for each")
    parser.add_argument("--processes", type=int, default=2, help="for making tokens of the corpus")
    parser.add_argument("--tokens", type=Path, help="cache of the corpus as tokens; made if it is missing")
    options = parser.parse_args()
    started = time.monotonic()
    corpus = options.corpus / "train.jsonl"
    if options.tokens and options.tokens.exists():
        tokens = np.fromfile(options.tokens, np.uint16)
    else:
        tokens = corpus_tokens(corpus, options.tokenizer, options.processes)
        if options.tokens:
            tokens.tofile(options.tokens)
    print(f"{len(tokens)} tokens, {time.monotonic() - started:.0f} s", flush=True)
    found = score(tokens, projects_of(corpus, tokens))
    for entries in options.entries:
        tables = select(found, entries)
        out = Path(str(options.out).format(entries // 1000))
        write(out, tables)
        print(f"{out.name}: {[len(context) for context, _, _ in tables]} entries, {out.stat().st_size / 1e6:.1f} MB, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
