"""Copy candidates: what followed earlier occurrences of the current suffix.

For the token after position t of a history h: visit earlier positions j < t,
chain A (same last three tokens as t, most recent first, at most 64 visits),
then chain B (h[j] == h[t], most recent first, at most 64 visits; those whose
match is 3 or longer count as visited and are passed over). L(j) is the length
of the common suffix of h[..j] and h[..t], at most 32. Of the distinct next
tokens h[j + 1] that are no specials, ordered by longest match, then number of
visits, then most recent, the first are kept: four in training.

Other files of a project are searched by chain A alone, each with 64 visits of its own; the nearest counts as the most
recent, after the document itself.
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
    elsewhere: np.ndarray  # uint8 [n, keep], 1 where the token followed in other files alone


def length_bucket(length: int) -> int:
    return length - 1 if length <= 8 else 8 if length <= 12 else 9 if length <= 16 else 10 if length <= 24 else 11


def count_bucket(count: int) -> int:
    return 0 if count == 1 else 1 if count == 2 else 2 if count <= 4 else 3


def find(history: np.ndarray, vocabulary: int, keep: int = KEEP, others: Sequence[np.ndarray] = ()) -> Candidates:
    """Candidates after every position of `history` (int32 [n]), by the C++ kernel.

    `others` are other files, the nearest first, to copy from as well; in them only matches of three tokens and more count.
    """
    history = np.ascontiguousarray(history, dtype=np.int32)
    n = len(history)
    found = Candidates(np.empty((n, keep), np.int32), *(np.empty((n, keep), np.uint8) for _ in range(3)))
    texts = np.concatenate([np.empty(0, np.int32), *others]).astype(np.int32)
    ends = np.cumsum([len(text) for text in others], dtype=np.int64)
    pointer = lambda array: ctypes.c_void_p(array.ctypes.data)
    far = (ctypes.c_int64(len(others)), pointer(texts), pointer(ends))
    native.library().copy_candidates(ctypes.c_int64(n), pointer(history), *far, ctypes.c_int32(vocabulary), ctypes.c_int32(keep), *map(pointer, found))
    return found


def reference(history: Sequence[int], t: int, others: Sequence[Sequence[int]] = ()) -> list[tuple[int, int, int, bool]]:
    """The slow obvious form for one position: up to four (token, length, count, whether it followed in other files alone)."""

    def match(text: Sequence[int], j: int) -> int:
        length = 0
        while length < CAP and length <= j and length <= t and text[j - length] == history[t - length]:
            length += 1
        return length

    found: dict[int, list[int]] = {}  # next token -> [best length, count, most recent]

    def visit(text: Sequence[int], places: list[tuple[int, int]], file: int) -> None:
        for j, length in places:
            following = text[j + 1]
            if following < FIRST_PLAIN:
                continue
            recent = j - file * 2**32
            best = found.setdefault(following, [0, 0, recent])
            found[following] = [max(best[0], length), best[1] + 1, max(best[2], recent)]

    def long(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
        return [(j, length) for j, length in places if length >= 3][:VISITS]

    earlier = [(j, match(history, j)) for j in reversed(range(t))]
    visit(history, long(earlier), 0)
    latest = [(j, length) for j, length in earlier if length >= 1][:VISITS]
    visit(history, [(j, length) for j, length in latest if length < 3], 0)
    for file, text in enumerate(others, 1):
        visit(text, long([(j, match(text, j)) for j in reversed(range(len(text) - 1))]), file)
    ordered = sorted(found.items(), key=lambda item: (-item[1][0], -item[1][1], -item[1][2]))
    return [(token, length, count, recent < 0) for token, (length, count, recent) in ordered[:KEEP]]
