"""The n-gram table says what counting says; its file and its look-up equal the committed cases."""

import json
import random
import sys
import tempfile
import unittest
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
import ngrams
from fit_gate import COPIES, Features, FullGate, tensor_name
from model import Gate

CASES = Path(__file__).with_name("ngram-cases.json")


def text(seed: int, length: int) -> np.ndarray:
    """Tokens with idioms in them: runs that recur, now and then with another end."""
    chance = random.Random(seed)
    idioms = [[chance.randrange(8, 60) for _ in range(7)] for _ in range(12)]
    tokens: list[int] = [0, 9, 1]
    while len(tokens) < length:
        tokens += chance.choice(idioms) if chance.random() < 0.8 else [chance.randrange(8, 60)]
        if chance.random() < 0.2:
            tokens[-1] = chance.randrange(8, 60)
    return np.array(tokens[:length], np.uint16)


def two_projects(tokens: np.ndarray) -> np.ndarray:
    """The first half of the text is of one project, the second of another."""
    return (np.arange(len(tokens)) >= len(tokens) // 2).astype(np.uint16)


def offered(tables: list, tokens: np.ndarray) -> list[list[list[int]]]:
    found, orders, facts = ngrams.candidates(tables, tokens.astype(np.int32))
    return [[[int(found[t, i]), int(orders[t, i]), int(facts[t, i])] for i in range(ngrams.KEEP) if found[t, i] >= 0] for t in range(len(tokens))]


def gate_case() -> dict:
    """A gate with random weights, one position, and the mixture's probability of every token."""
    torch.manual_seed(5)
    width, vocabulary = 6, 24
    full = FullGate(Gate(width), width)
    with torch.no_grad():
        for p in full.parameters():
            p.copy_(torch.randn_like(p).half().float())
    hidden, logits = torch.randn(width).half().float(), torch.randn(vocabulary)
    copies = [[9, 3, 2, 0], [12, 1, 7, 1]]  # token, length, count, whether it stands in other files alone
    table = [[9, 3, 30], [15, 1, 12], [20, 0, 3]]  # token, order, facts
    logp = torch.log_softmax(logits, 0)
    candidates = torch.full((COPIES + ngrams.KEEP,), -1)
    for i, (token, *_) in enumerate(copies):
        candidates[i] = token
    for i, (token, *_) in enumerate(table):
        candidates[COPIES + i] = token
    def byte(values: list[int], width: int) -> torch.Tensor:
        return torch.tensor([values + [0] * (width - len(values))], dtype=torch.uint8)
    probabilities = []
    for target in range(vocabulary):
        f = Features(
            hidden[None].half(), logp[target][None], candidates[None], logp[candidates.clamp(min=0)][None], torch.tensor([target]),
            byte([2, 0], COPIES), byte([1, 3], COPIES), byte([0, 1], COPIES),
            byte([order for _, order, _ in table], ngrams.KEEP), byte([fact for *_, fact in table], ngrams.KEEP), 1.0,
        )  # fmt: skip
        probabilities.append(float(torch.exp(-full.loss(f, slice(None)))[0]))
    weights = {tensor_name(n): {"dims": list(p.shape), "values": p.flatten().tolist()} for n, p in full.named_parameters()}
    return {"weights": weights, "hidden": hidden.tolist(), "logits": logits.tolist(), "copies": copies, "ngrams": table, "probabilities": probabilities}


def write_cases() -> None:
    tokens = text(1, 6000)
    tables = ngrams.build(tokens, two_projects(tokens), 400)
    with tempfile.NamedTemporaryFile() as file:
        ngrams.write(Path(file.name), tables)
        data = Path(file.name).read_bytes()
    tokens = text(2, 200)
    body = {"table": data.hex(), "tokens": tokens.tolist(), "candidates": offered(tables, tokens), "gate": gate_case()}
    CASES.write_text(json.dumps(body, separators=(",", ":")) + "\n")


class Table(unittest.TestCase):
    def test_counts_what_a_dictionary_counts(self) -> None:
        tokens = text(3, 3000)
        projects = two_projects(tokens)
        for order in ngrams.ORDERS:
            grams = defaultdict(Counter)
            for i in range(len(tokens) - order):
                grams[tuple(tokens[i : i + order + 1].tolist())][int(projects[i + order])] += 1
            weights = {gram: sum(c**0.5 for c in by.values()) for gram, by in grams.items()}
            totals = Counter()
            for gram, weight in weights.items():
                totals[gram[:-1]] += weight
            wanted = {gram for gram, by in grams.items() if by.total() >= ngrams.LEAST and len(by) == 2 and gram[-1] > 1}
            pairs = ngrams.count(tokens, projects, order)
            found = {tuple(tokens[at : at + order].tolist()) + (int(token),): i for i, (at, token) in enumerate(zip(pairs.place, pairs.token))}
            self.assertEqual(set(found), wanted)
            self.assertGreater(len(wanted), 20)
            for gram, i in found.items():
                self.assertAlmostEqual(float(pairs.weight[i]), weights[gram], places=3)
                self.assertAlmostEqual(float(pairs.total[i]), totals[gram[:-1]], places=3)

    def test_what_one_project_alone_writes_is_left_out(self) -> None:
        tokens = text(3, 3000)
        self.assertEqual(len(ngrams.count(tokens, np.zeros(len(tokens), np.uint16), 2).token), 0)

    def test_projects_of_tokens(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.write("".join(json.dumps({"project": name}) + "\n" for name in "aab"))
            file.flush()
            tokens = np.array([0, 9, 1, 5, 0, 9, 1, 0, 9, 1, 7], np.uint16)
            self.assertEqual(ngrams.projects_of(Path(file.name), tokens).tolist(), [0] * 7 + [1] * 4)
            with self.assertRaises(ValueError):
                ngrams.projects_of(Path(file.name), tokens[:7])

    def test_keeps_as_many_as_it_may_and_offers_idioms(self) -> None:
        tokens = text(3, 6000)
        tables = ngrams.build(tokens, two_projects(tokens), 300)
        self.assertLessEqual(sum(len(context) for context, _, _ in tables), 300)
        found, _, _ = ngrams.candidates(tables, tokens.astype(np.int32))
        hit = (found[:-1] == tokens[1:, None].astype(np.int32)).any(1).mean()
        self.assertGreater(hit, 0.5)

    def test_no_token_twice(self) -> None:
        tokens = text(4, 4000)
        for row in offered(ngrams.build(tokens, two_projects(tokens), 500), tokens[:500]):
            self.assertEqual(len({token for token, *_ in row}), len(row))

    def test_committed_cases(self) -> None:
        cases = json.loads(CASES.read_text())
        with tempfile.NamedTemporaryFile() as file:
            Path(file.name).write_bytes(bytes.fromhex(cases["table"]))
            tables = ngrams.read(Path(file.name))
        self.assertEqual(offered(tables, np.array(cases["tokens"], np.uint16)), cases["candidates"])

    def test_gate_is_a_distribution(self) -> None:
        self.assertAlmostEqual(sum(gate_case()["probabilities"]), 1.0, places=5)


if __name__ == "__main__":
    unittest.main()
