"""The candidate search in C++ equals the slow obvious one, and the committed cases."""

import json
import random
import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
import copying

CASES = Path(__file__).with_name("copy-cases.json")


def buckets(history: list[int], t: int, others: list[list[int]] = []) -> list[list[int]]:
    """[token, length bucket, count bucket, elsewhere] of each candidate after position t."""
    return [[token, copying.length_bucket(length), copying.count_bucket(count), int(elsewhere)] for token, length, count, elsewhere in copying.reference(history, t, others)]


def found(history: list[int], vocabulary: int, others: list[list[int]] = []) -> list[list[list[int]]]:
    c = copying.find(np.array(history, np.int32), vocabulary, others=[np.array(other, np.int32) for other in others])
    return [[[int(each[t, i]) for each in c] for i in range(4) if c.tokens[t, i] >= 0] for t in range(len(history))]


def histories() -> list[list[int]]:
    chance = random.Random(3)
    cases = [[], [0], [9, 9], [9] * 300, [0, 12, 1] + [20, 21, 22, 23] * 60]
    for alphabet in (3, 12, 40, 500):  # below 8 are specials: visited, never offered
        cases.append([chance.randrange(alphabet) for _ in range(700)])
    base = [chance.randrange(8, 60) for _ in range(90)]
    mutated: list[int] = []
    for _ in range(8):  # repeats with small changes, as in code
        mutated += [token if chance.random() < 0.95 else chance.randrange(8, 60) for token in base]
    cases.append(mutated)
    return cases


def write_cases() -> None:
    """A history with long repeats, full chains and specials, and the candidates after every position."""
    chance = random.Random(11)
    base = [chance.randrange(8, 40) for _ in range(45)]
    history = [0, 30, 31, 1] + base + [3] + [9] * 100 + base + [chance.randrange(4, 14) for _ in range(250)] + base
    body = {"history": history, "candidates": [[each[:3] for each in copying.reference(history, t)] for t in range(len(history))]}
    CASES.write_text(json.dumps(body, separators=(",", ":")) + "\n")


class Search(unittest.TestCase):
    def test_equals_reference(self) -> None:
        for history in histories():
            self.assertEqual(found(history, 8192), [buckets(history, t) for t in range(len(history))])

    def test_other_files(self) -> None:
        chance = random.Random(4)
        cases = histories()[-3:]
        base = cases[-1]
        changed = [token if chance.random() < 0.9 else 12 for token in base]
        for others in ([changed], [[], [9], [9, 9], changed[:300], base[100:250], [9] * 300], cases):
            for history in (base, cases[0]):
                self.assertEqual(found(history, 8192, others), [buckets(history, t, others) for t in range(len(history))])
        self.assertNotEqual(found(base, 8192, [changed]), found(base, 8192))

    def test_prefix_of_a_history_has_the_same_candidates(self) -> None:
        history = histories()[-1]
        self.assertEqual(found(history[:400], 8192), found(history, 8192)[:400])

    def test_committed_cases(self) -> None:
        case = json.loads(CASES.read_text())
        expected = [[[token, copying.length_bucket(length), copying.count_bucket(count), 0] for token, length, count in row] for row in case["candidates"]]
        self.assertEqual(found(case["history"], 8192), expected)


if __name__ == "__main__":
    unittest.main()
