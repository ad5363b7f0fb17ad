"""The reranker equals the slow obvious form, and the committed cases; fitting it pays."""

import json
import math
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
import fit_gate
import fit_neighbours
import fit_reranker
import safetensors_file
from copying import FIRST_PLAIN, count_bucket, length_bucket
from fit_gate import COPIES, Features, FullGate
from fit_neighbours import Neighbours, Reading, Sample
from fit_reranker import Reranker, Seen
from model import Gate, Shape, Trunk

CASES = Path(__file__).with_name("reranker-cases.json")
FACTS, OF_POSITION, VOCABULARY = 10, 5, 40


def some_reranker(seed: int, hidden: int = 6) -> Reranker:
    torch.manual_seed(seed)
    reranker = Reranker(FACTS, OF_POSITION, hidden)
    with torch.no_grad():
        for p in reranker.parameters():
            p.copy_((0.4 * torch.randn_like(p)).half().float())
        reranker.scale += 1
    return reranker


def weights_of(reranker: Reranker) -> dict[str, list]:
    return {name: p.detach().double().tolist() for name, p in reranker.named_parameters()}


def reference(weights: dict[str, list], case: dict) -> list[float]:
    """The slow obvious form: the probability of every token."""
    mixture, before = case["mixture"], case["before"]
    ordered = sorted(range(len(mixture)), key=lambda token: -mixture[token])
    likeliest, others = ordered[: fit_reranker.TOKENS], ordered[fit_reranker.TOKENS :]
    rest = sum(mixture[token] for token in others)
    position = [1, math.log(1 - mixture[likeliest[0]] + 1e-3), math.log(case["share"] + 1e-4), math.log(len(before)) / 5, math.log(rest + 1e-12) / 4]
    dot = lambda a, b: sum(x * y for x, y in zip(a, b, strict=True))
    scores = []
    for token in likeliest:
        places = [i for i, other in enumerate(before) if other == token and token >= FIRST_PLAIN]
        distance = min(9.0, math.log(len(before) - places[-1])) if places else 9.0
        length, count, elsewhere = next(((length_bucket(n) + 1, count_bucket(c) + 1, e) for t, n, c, e in case["copies"] if t == token), (0, 0, 0))
        order, confidence = next(((order + 1, confidence + 1) for t, order, confidence in case["ngrams"] if t == token), (0, 0))
        logs = [math.log(mixture[token] + 1e-12), math.log(case["network"][token] + 1e-12), math.log(case["recalled"][token] + 1e-5)]
        facts = [*logs, distance / 3, math.log(1 + case["counts"][token]), length / 4, count / 4, elsewhere, order / 4, confidence / 16]
        sums = [dot(row, facts) + dot(of_position, position) for row, of_position in zip(weights["token"], weights["position"])]
        scores.append(weights["scale"][0] * facts[0] + dot(weights["output"], [x / (1 + math.exp(-x)) for x in sums]))
    scores.append(math.log(rest + 1e-12) + dot(weights["rest"], position))
    total = sum(math.exp(score) for score in scores)
    probabilities = [math.exp(scores[-1]) / total / rest * p if rest else 0.0 for p in mixture]
    for token, score in zip(likeliest, scores):
        probabilities[token] = math.exp(score) / total
    return probabilities


def random_case(seed: int, alike: bool = True, concentration: float = 0.3, offered: bool = True) -> dict:
    chance = np.random.default_rng(seed)
    before = [0, *chance.integers(0, VOCABULARY, int(chance.integers(1, 60))).tolist()]  # as a document begins
    tokens = lambda n: chance.permutation(np.arange(FIRST_PLAIN, VOCABULARY))[:n].tolist() if offered else []
    counts = chance.integers(0, 5, VOCABULARY) * alike
    counts[:FIRST_PLAIN] = 0
    recalled = counts / counts.sum() if alike else counts
    return {
        "mixture": chance.dirichlet(np.full(VOCABULARY, concentration)).tolist(),
        "network": chance.dirichlet(np.full(VOCABULARY, concentration)).tolist(),
        "share": float(chance.uniform(0, 0.6)) if alike else 0.0,
        "recalled": recalled.tolist(),
        "counts": counts.tolist(),
        "before": before,
        "copies": [[token, int(chance.integers(1, 40)), int(chance.integers(1, 9)), int(chance.integers(0, 2))] for token in tokens(5)],
        "ngrams": [[token, int(chance.integers(0, 4)), int(chance.integers(0, 32))] for token in tokens(4)],
    }


def made_cases() -> list[tuple[Reranker, str, dict]]:
    rerankers = [some_reranker(seed) for seed in range(2)]
    return [
        (rerankers[0], "all that may be known", random_case(1)),
        (rerankers[1], "tokens alike in probability", random_case(2, concentration=20.0)),
        (rerankers[1], "one token nearly sure", random_case(3, concentration=0.02)),
        (rerankers[0], "no neighbours", random_case(4, alike=False)),
        (rerankers[1], "neither copies nor n-grams", random_case(5, offered=False)),
        (rerankers[0], "the first token", {**random_case(6, alike=False, offered=False), "before": [0]}),
    ]


def write_cases() -> None:
    body = []
    for reranker, name, case in made_cases():
        weights = {f"reranker.{n}": {"dims": list(p.shape), "values": p.flatten().tolist()} for n, p in reranker.named_parameters()}
        body.append({"name": name, "weights": weights, **case, "probabilities": reference(weights_of(reranker), case)})
    CASES.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in body) + "\n]\n")


def seen_of(case: dict, target: int) -> Seen:
    row = lambda values: torch.tensor([values], dtype=torch.float32)
    pad = lambda values, n: [*values, *[0] * (n - len(values))]
    copies, ngrams = case["copies"], case["ngrams"]
    candidates = torch.full((1, COPIES + 4), -1)
    for i, token in enumerate([copy[0] for copy in copies]):
        candidates[0, i] = token
    for i, ngram in enumerate(ngrams):
        candidates[0, COPIES + i] = ngram[0]
    bytes_of = lambda values, n: torch.tensor([pad(values, n)], dtype=torch.uint8)
    features = Features(
        torch.zeros(1, 1), torch.zeros(1), candidates, torch.zeros(1, COPIES + 4), torch.tensor([target]),
        bytes_of([length_bucket(n) for _, n, _, _ in copies], COPIES), bytes_of([count_bucket(c) for _, _, c, _ in copies], COPIES),
        bytes_of([e for *_, e in copies], COPIES), bytes_of([order for _, order, _ in ngrams], 4), bytes_of([c for *_, c in ngrams], 4), 1.0,
    )  # fmt: skip
    own = torch.tensor([token if token >= FIRST_PLAIN else -1 for token in case["before"][1:]] + [9], dtype=torch.int32)
    at = torch.tensor([len(case["before"]) - 1])
    return fit_reranker.facts_of(row(case["mixture"]), row(case["network"]), row(case["recalled"]), torch.tensor([case["share"]]), row(case["counts"]), own, at, features)


class FormTest(unittest.TestCase):
    def test_committed_cases(self) -> None:
        cases = json.loads(CASES.read_text())
        for (reranker, name, made), case in zip(made_cases(), cases, strict=True):
            with self.subTest(name):
                self.assertEqual({key: case[key] for key in made}, made)
                np.testing.assert_allclose(case["probabilities"], reference(weights_of(reranker), made), atol=1e-12)
                self.assertAlmostEqual(sum(case["probabilities"]), 1.0, places=9)

    def test_equals_the_slow_form(self) -> None:
        for reranker, name, case in made_cases():
            expected = reference(weights_of(reranker), case)
            for target in range(VOCABULARY):
                with self.subTest(name, target=target), torch.no_grad():
                    nats = float(reranker.loss(seen_of(case, target)))
                    self.assertAlmostEqual(math.exp(-nats), expected[target], places=4)

    def test_unlearned_changes_nothing(self) -> None:
        for seed in range(3):
            case = random_case(seed)
            for target in range(VOCABULARY):
                with torch.no_grad():
                    self.assertAlmostEqual(math.exp(-float(Reranker(FACTS, OF_POSITION).loss(seen_of(case, target)))), case["mixture"][target], places=5)


class FitTest(unittest.TestCase):
    def sample(self, neighbours: Neighbours, seed: int) -> Sample:
        """A document of which every token is the one before last: what the rest of the mixture does not know."""
        torch.manual_seed(seed)
        n = 60
        first, second = torch.randperm(VOCABULARY - FIRST_PLAIN)[:2].add(FIRST_PLAIN).tolist()
        tokens = torch.tensor([first, second] * (n // 2))
        hidden = torch.randn(n, 64).half()
        nothing = torch.zeros(n, COPIES, dtype=torch.uint8)
        none = torch.full((n, COPIES + 4), -1)
        following = tokens.roll(-1).int()
        f = Features(hidden, torch.zeros(n), none, torch.zeros(n, COPIES + 4), following.long(), nothing, nothing, nothing, nothing[:, :4], nothing[:, :4], float(n))
        return Sample(f, torch.full((n,), 0.5), torch.zeros(n, dtype=torch.long), torch.arange(n), Reading(hidden, following), [])

    def test_fitting_pays(self) -> None:
        torch.manual_seed(4)
        trunk, gate, neighbours = Trunk(Shape(1, 64, VOCABULARY)), FullGate(Gate(64), 64).requires_grad_(False), Neighbours(64, 16).requires_grad_(False)
        seen = lambda sample: fit_reranker.seen_of(trunk, gate, neighbours, sample, torch.arange(len(sample.at)))
        train, test = (fit_reranker.joined(seen(self.sample(neighbours, seed)) for seed in seeds) for seeds in (range(8), range(8, 12)))
        before, after = fit_reranker.judge([(test, 240.0)], fit_reranker.fit(train, 300))
        self.assertLess(after, 0.8 * before)

    def test_before_is_what_the_neighbours_give(self) -> None:
        torch.manual_seed(5)
        trunk, gate, neighbours = Trunk(Shape(1, 64, VOCABULARY)), FullGate(Gate(64), 64).requires_grad_(False), Neighbours(64, 16).requires_grad_(False)
        sample = self.sample(neighbours, 6)
        with torch.no_grad():
            opinions = torch.log_softmax(sample.features.hidden.float() @ trunk.head.weight.t(), 1)
            target = sample.features.target[:, None]
            features = sample.features._replace(target_logp=opinions.gather(1, target)[:, 0])
            rows = torch.arange(len(sample.at))
            nats = fit_neighbours.loss(gate, neighbours, sample._replace(features=features), rows, rounded=True)
            seen = fit_reranker.seen_of(trunk, gate, neighbours, sample, rows)
        np.testing.assert_allclose(-seen.logp, nats, atol=1e-4)


class FileTest(unittest.TestCase):
    def test_comes_back_with_the_gate_and_the_neighbours(self) -> None:
        reranker, gate, neighbours = some_reranker(3), FullGate(Gate(8), 8), Neighbours(8, 4)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "copy.safetensors"
            safetensors_file.write(file, fit_gate.tensors_of(gate) | fit_neighbours.tensors_of(neighbours) | fit_reranker.tensors_of(reranker))
            self.assertEqual(weights_of(fit_reranker.load(file)), weights_of(reranker))
            fit_gate.load(file, 8)
            fit_neighbours.load(file)


if __name__ == "__main__":
    unittest.main()
