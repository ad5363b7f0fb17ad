"""A table of what often follows the last few tokens, counted over the whole training corpus.

    python ngrams.py --corpus DIR --tokenizer tokenizer.json --out ngrams.bin [--entries 1200000]

A small network sees each idiom a few times at best in the hours there are; counting sees all of
them. Of all (context, next token) pairs with contexts of 2 to 5 tokens, those are kept that say
most beyond the next shorter context: count x log(p / p_shorter), the entropy that pruning them
would cost (A. Stolcke, "Entropy-based Pruning of Backoff Language Models", 1998).

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

import numpy as np

from tokenizer import FILE, TEXT, Tokenizer

MAGIC = b"RWKVNGR1"
ORDERS = (2, 3, 4, 5)
# Shares of the context's occurrences, and occurrences, at which the next bucket begins.
P_EDGES = np.array([0.05, 0.1, 0.2, 0.35, 0.55, 0.75, 0.9])
COUNT_EDGES = np.array([6, 16, 61])
LEAST = 3  # rarer pairs are chance
PER_CONTEXT = 3
KEEP = 4  # candidates offered at a position
MULTIPLIER = np.uint32(0x9E3779B1)


def hashes(tokens: np.ndarray, order: int) -> np.ndarray:
    """uint32 [n - order + 1]: the hash of each run of `order` tokens, oldest first."""
    n = len(tokens) - order + 1
    h = np.full(n, order, np.uint32)
    for i in range(order):
        h = (h ^ tokens[i : n + i].astype(np.uint32)) * MULTIPLIER
        h ^= h >> np.uint32(15)
    return h


def count(tokens: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pairs that occur at least `LEAST` times: context hash, next token, pair count, context count."""
    context = hashes(tokens[:-1], order)
    following = tokens[order:]
    keys = (context.astype(np.uint64) << np.uint64(16)) | following.astype(np.uint64)
    keys.sort()
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    counts = np.diff(np.append(starts, len(keys)))
    keys = keys[starts]
    pair_context = (keys >> np.uint64(16)).astype(np.uint32)
    group = np.flatnonzero(np.concatenate(([True], pair_context[1:] != pair_context[:-1])))
    totals = np.repeat(np.add.reduceat(counts, group), np.diff(np.append(group, len(keys))))
    often = (counts >= LEAST) & ((keys & np.uint64(0xFFFF)) > TEXT)
    return pair_context[often], (keys[often] & np.uint64(0xFFFF)).astype(np.uint16), counts[often], totals[often]


def build(tokens: np.ndarray, entries: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each order: sorted hashes, tokens and facts of the pairs that are kept."""
    found = []
    shorter: dict[str, np.ndarray] | None = None
    for order in ORDERS:
        context, token, pairs, totals = count(tokens, order)
        # A place of each pair in the text, to read its shorter context from.
        all_hashes = hashes(tokens[:-1], order)
        all_keys = (all_hashes.astype(np.uint64) << np.uint64(16)) | tokens[order:].astype(np.uint64)
        keys = (context.astype(np.uint64) << np.uint64(16)) | token
        at = np.searchsorted(keys, all_keys)
        at[at == len(keys)] = 0
        hit = np.flatnonzero(keys[at] == all_keys)
        place = np.zeros(len(keys), np.int64)
        place[at[hit]] = hit
        p = (pairs - 0.5) / totals
        if shorter is None:
            before = np.full(len(keys), 0.01)  # below the table's reach, only the network is left
        else:
            shorter_keys = (hashes(tokens[:-1], order - 1)[place + 1].astype(np.uint64) << np.uint64(16)) | token
            where = np.searchsorted(shorter["keys"], shorter_keys)
            where[where == len(shorter["keys"])] = 0
            before = np.where(shorter["keys"][where] == shorter_keys, shorter["p"][where], 0.005)
        gain = pairs * np.maximum(np.log(p / before), 0.0)
        found.append((context, token, p, totals, gain))
        shorter = {"keys": keys, "p": p}
        print(f"order {order}: {len(keys)} pairs", flush=True)
    gains = np.concatenate([gain for *_, gain in found])
    threshold = np.partition(gains, -entries)[-entries] if len(gains) > entries else 0.0
    tables = []
    for context, token, p, totals, gain in found:
        keep = np.flatnonzero(gain > threshold)
        keep = keep[np.lexsort((-p[keep], context[keep]))]
        same = np.concatenate(([False], context[keep][1:] == context[keep][:-1]))
        rank = np.arange(len(keep)) - np.maximum.accumulate(np.where(same, 0, np.arange(len(keep))))
        keep = keep[rank < PER_CONTEXT]
        facts = np.searchsorted(P_EDGES, p[keep], side="right") * 4 + np.searchsorted(COUNT_EDGES, totals[keep], side="right")
        tables.append((context[keep], token[keep], facts.astype(np.uint8)))
    return tables


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with train.jsonl")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=1_200_000)
    parser.add_argument("--processes", type=int, default=2, help="for making tokens of the corpus")
    parser.add_argument("--tokens", type=Path, help="cache of the corpus as tokens; made if it is missing")
    options = parser.parse_args()
    started = time.monotonic()
    if options.tokens and options.tokens.exists():
        tokens = np.fromfile(options.tokens, np.uint16)
    else:
        tokens = corpus_tokens(options.corpus / "train.jsonl", options.tokenizer, options.processes)
        if options.tokens:
            tokens.tofile(options.tokens)
    print(f"{len(tokens)} tokens, {time.monotonic() - started:.0f} s", flush=True)
    tables = build(tokens, options.entries)
    write(options.out, tables)
    print(f"{[len(context) for context, _, _ in tables]} entries, {options.out.stat().st_size / 1e6:.1f} MB, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
