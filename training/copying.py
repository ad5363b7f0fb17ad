"""Copy candidates: what followed earlier occurrences of the current suffix.

For the token after position t of a history h: visit earlier positions j < t,
chain A (same last three tokens as t, most recent first, at most 64 visits),
then chain B (h[j] == h[t], most recent first, at most 64 visits; those whose
match is 3 or longer count as visited and are passed over). L(j) is the length
of the common suffix of h[..j] and h[..t], at most 32. Of the distinct next
tokens h[j + 1] that are no specials, ordered by longest match, then number of
visits, then most recent, the first are kept: four in training.
"""

from __future__ import annotations

import ctypes
from typing import NamedTuple, Sequence

import numpy as np

import native

CAP, VISITS, KEEP, FIRST_PLAIN = 32, 64, 4, 8


class Candidates(NamedTuple):
    tokens: np.ndarray  # int32 [n, keep], -1 where there is none
    lengths: np.ndarray  # uint8 [n, keep], bucket of the match length
    counts: np.ndarray  # uint8 [n, keep], bucket of the visits


def length_bucket(length: int) -> int:
    return length - 1 if length <= 8 else 8 if length <= 12 else 9 if length <= 16 else 10 if length <= 24 else 11


def count_bucket(count: int) -> int:
    return 0 if count == 1 else 1 if count == 2 else 2 if count <= 4 else 3


def find(history: np.ndarray, vocabulary: int, keep: int = KEEP) -> Candidates:
    """Candidates after every position of `history` (int32 [n]), by the C++ kernel."""
    history = np.ascontiguousarray(history, dtype=np.int32)
    n = len(history)
    found = Candidates(np.empty((n, keep), np.int32), np.empty((n, keep), np.uint8), np.empty((n, keep), np.uint8))
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (history, *found)]
    native.library().copy_candidates(ctypes.c_int64(n), pointers[0], ctypes.c_int32(vocabulary), ctypes.c_int32(keep), *pointers[1:])
    return found


def reference(history: Sequence[int], t: int) -> list[tuple[int, int, int]]:
    """The slow obvious form for one position: up to four (token, length, count)."""

    def match(j: int) -> int:
        length = 0
        while length < CAP and length <= j and history[j - length] == history[t - length]:
            length += 1
        return length

    earlier = [(j, match(j)) for j in reversed(range(t))]
    chain_a = [(j, length) for j, length in earlier if length >= 3][:VISITS]
    chain_b = [(j, length) for j, length in earlier if length >= 1][:VISITS]
    found: dict[int, list[int]] = {}  # next token -> [best length, count, most recent]
    for j, length in chain_a + [(j, length) for j, length in chain_b if length < 3]:
        following = history[j + 1]
        if following < FIRST_PLAIN:
            continue
        best = found.setdefault(following, [0, 0, -1])
        found[following] = [max(best[0], length), best[1] + 1, max(best[2], j)]
    ordered = sorted(found.items(), key=lambda item: (-item[1][0], -item[1][1], -item[1][2]))
    return [(token, length, count) for token, (length, count, _) in ordered[:KEEP]]
