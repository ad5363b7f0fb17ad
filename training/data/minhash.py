"""Find near-duplicates: bottom-k MinHash over shingles of five tokens.

A document's sketch is the k smallest hashes of its shingles. Two documents that share a
share J of their shingles agree on about J of the k smallest hashes of their union.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from heapq import nsmallest

SKETCH_SIZE = 64
PROBES = 12  # the smallest hashes, by which candidates are found
MIN_SHARED = 4  # of the probes; near-duplicates share about 9, fewer than 4 in one of a thousand
MAX_BUCKET = 40  # a hash in very many documents is an idiom, not a sign of copying
THRESHOLD = 0.7

_TOKEN = re.compile(r"\w+|[^\w\s]")
_token_ids: dict[str, int] = {}


def _token_id(token: str) -> int:
    found = _token_ids.get(token)
    if found is None:
        if len(_token_ids) > 500_000:
            _token_ids.clear()
        # Python's own string hash differs from run to run.
        found = _token_ids[token] = zlib.crc32(token.encode())
    return found


def sketch(text: str) -> list[int]:
    """The smallest shingle hashes, ascending."""
    ids = [_token_id(token) for token in _TOKEN.findall(text)]
    if len(ids) < 5:
        return [hash(tuple(ids))]
    # Hashes of tuples of integers are the same in every run.
    return nsmallest(SKETCH_SIZE, set(map(hash, zip(ids, ids[1:], ids[2:], ids[3:], ids[4:]))))


def similarity(first: list[int], second: list[int]) -> float:
    """Estimated Jaccard similarity of two sketches."""
    left, right = set(first), set(second)
    smallest = nsmallest(min(SKETCH_SIZE, max(len(first), len(second))), left | right)
    return sum(1 for value in smallest if value in left and value in right) / len(smallest)


class NearDuplicates:
    """Says of each sketch whether one like it was added before; adds it if not."""

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self._threshold = threshold
        self._sketches: list[list[int]] = []
        self._buckets: dict[int, list[int]] = {}

    def add(self, candidate: list[int]) -> bool:
        """True if the document is new, False if it is a near-duplicate."""
        shared = Counter(index for value in candidate[:PROBES] for index in self._buckets.get(value, ()))
        needed = min(MIN_SHARED, len(candidate[:PROBES]))
        for index, count in shared.items():
            if count >= needed and similarity(candidate, self._sketches[index]) >= self._threshold:
                return False
        index = len(self._sketches)
        self._sketches.append(candidate)
        for value in candidate[:PROBES]:
            bucket = self._buckets.setdefault(value, [])
            if len(bucket) < MAX_BUCKET:
                bucket.append(index)
        return True
