"""The neighbours equal the slow obvious form, and the committed cases; a position offers only what already stands there."""

import json
import math
import random
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
import fit_gate
import fit_neighbours
import safetensors_file
from copying import FIRST_PLAIN
from fit_gate import COPIES, Features, FullGate
from fit_neighbours import Neighbours, Reading, Sample
from model import Gate, Shape, Trunk
from streams import prepare
from tokenizer import Tokenizer

CASES = Path(__file__).with_name("neighbour-cases.json")
WIDTH, KEY, VOCABULARY = 8, 4, 20


def key_of(weight: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    product = weight @ hidden
    return np.round(127 * product / math.sqrt(float(product @ product)))


def reference(weights: dict[str, np.ndarray], case: dict) -> tuple[float, list[float]]:
    """The slow obvious form in double precision: the share, and the mixture's probability of every token."""
    sharpness, other, share = weights["sharpness"][0], weights["elsewhere"][0], weights["share"]
    scored = []
    for key, following, elsewhere in zip(case["keys"], case["following"], case["elsewhere"]):
        if following >= FIRST_PLAIN:
            likeness = sum(a * b for a, b in zip(key, case["query"])) / 127**2
            scored.append((sharpness * likeness + other * elsewhere, following))
    if not scored:
        return 0.0, case["network"]
    most = max(score for score, _ in scored)
    total = most + math.log(sum(math.exp(score - most) for score, _ in scored))
    said = [0.0] * VOCABULARY
    squares = 0.0
    for score, following in scored:
        weight = math.exp(score - total)
        said[following] += weight
        squares += weight**2
    own = sum(v * h for v, h in zip(weights["share_weight"], case["hidden"]))
    own += share[0] + share[1] * most / sharpness + share[2] * squares + share[3] * total / 10
    sure = max(case["network"])
    own += share[4] * math.log(1 - sure + 1e-3) + share[5] * said[case["network"].index(sure)]
    part = 1 / (1 + math.exp(-own))
    return part, [(1 - part) * p + part * c for p, c in zip(case["network"], said)]


def some_neighbours(seed: int) -> Neighbours:
    torch.manual_seed(seed)
    neighbours = Neighbours(WIDTH, KEY)
    with torch.no_grad():
        for p in neighbours.parameters():
            p.copy_(torch.randn_like(p))
        neighbours.sharpness.copy_(torch.tensor([6.5]))
        for p in neighbours.parameters():
            p.copy_(p.half().float())
    return neighbours


def weights_of(neighbours: Neighbours) -> dict[str, np.ndarray]:
    return {name: p.detach().double().numpy() for name, p in neighbours.named_parameters()}


def random_case(weights: dict[str, np.ndarray], seed: int, own: int, near: int) -> dict:
    """Positions of other files come first. Tokens below `FIRST_PLAIN` among those that follow are never offered."""
    chance = np.random.default_rng(seed)
    while True:  # whose key does not hang on a rounding
        hidden = chance.standard_normal(WIDTH).astype(np.float16).astype(np.float64)
        product = weights["weight"] @ hidden
        exact = 127 * product / np.linalg.norm(product)
        if np.abs(exact - np.floor(exact) - 0.5).min() > 0.05:
            break
    network = chance.dirichlet(np.ones(VOCABULARY))
    vectors = chance.standard_normal((own + near, WIDTH))
    return {
        "keys": [key_of(weights["weight"], vector).astype(int).tolist() for vector in vectors],
        "following": chance.integers(FIRST_PLAIN, VOCABULARY, own + near).tolist(),
        "elsewhere": [1] * near + [0] * own,
        "query": key_of(weights["weight"], hidden).astype(int).tolist(),
        "hidden": hidden.tolist(),
        "network": network.tolist(),
    }


def made_cases() -> list[tuple[Neighbours, str, dict]]:
    weights = [some_neighbours(seed) for seed in range(4)]
    named = [
        (0, "of the file alone", 6, 0),
        (0, "of other files alone", 0, 7),
        (1, "of both", 5, 7),
        (1, "as like as one another", 6, 3),
        (2, "one token after several positions", 6, 3),
        (2, "a special token among those that follow", 5, 4),
        (3, "one position", 1, 0),
        (3, "special tokens alone", 2, 2),
        (3, "none", 0, 0),
    ]
    cases = []
    for seed, (which, name, own, near) in enumerate(named):
        case = random_case(weights_of(weights[which]), seed, own, near)
        if name.startswith("as like"):
            case["keys"] = [case["keys"][i // 3] for i in range(own + near)]
        elif name.startswith("one token"):
            case["following"] = [FIRST_PLAIN + i % 2 for i in range(own + near)]
        elif name.startswith("a special"):
            case["following"][0], case["following"][-1] = 0, 1
        elif name.startswith("special"):
            case["following"] = [0, 1, FIRST_PLAIN - 1, 1]
        cases.append((weights[which], name, case))
    return cases


def write_cases() -> None:
    body = []
    for neighbours, name, case in made_cases():
        share, probabilities = reference(weights_of(neighbours), case)
        weights = {f"neighbours.{n}": {"dims": list(p.shape), "values": p.flatten().tolist()} for n, p in neighbours.named_parameters()}
        body.append({"name": name, "weights": weights, **case, "share": share, "probabilities": probabilities})
    CASES.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in body) + "\n]\n")


def sample_of(hidden: torch.Tensor, at: list[int], target: list[int], own: Reading, near: list[Reading], network: list[list[float]] | None = None) -> Sample:
    n = len(at)
    sure, likeliest = torch.tensor(network or [[1 / VOCABULARY] * VOCABULARY] * n).max(1)
    nothing = torch.zeros(n, 1, dtype=torch.uint8)
    features = Features(hidden, torch.zeros(n), torch.full((n, 1), -1), torch.zeros(n, 1), torch.tensor(target), *[nothing] * 5, 1.0)
    return Sample(features, sure, likeliest, torch.tensor(at), own, near)


class Cases(unittest.TestCase):
    def test_committed_cases(self) -> None:
        cases = json.loads(CASES.read_text())
        for (neighbours, name, made), case in zip(made_cases(), cases, strict=True):
            with self.subTest(name):
                share, probabilities = reference(weights_of(neighbours), made)
                self.assertEqual((case["keys"], case["following"], case["query"]), (made["keys"], made["following"], made["query"]))
                self.assertAlmostEqual(case["share"], share, places=12)
                np.testing.assert_allclose(case["probabilities"], probabilities, atol=1e-12)
                self.assertAlmostEqual(sum(case["probabilities"]), 1.0, places=9)

    def test_none_leave_the_network_alone(self) -> None:
        for case in json.loads(CASES.read_text()):
            if case["name"] in ("none", "special tokens alone"):
                self.assertEqual((case["share"], case["probabilities"]), (0, case["network"]))


class FormTest(unittest.TestCase):
    def readings(self, seed: int, *lengths: int) -> list[Reading]:
        chance = random.Random(seed)
        torch.manual_seed(seed)
        token = lambda: chance.choice([-1, *range(FIRST_PLAIN, VOCABULARY)])
        return [Reading(torch.randn(n, WIDTH).half(), torch.tensor([token() for _ in range(n)], dtype=torch.int32)) for n in lengths]

    def test_equals_the_slow_form(self) -> None:
        neighbours = some_neighbours(7)
        weights = weights_of(neighbours)
        own, *near = self.readings(7, 12, 5, 3)
        places = [0, 1, 4, 11]
        network = np.random.default_rng(7).dirichlet(np.full(VOCABULARY, 0.3), len(places)).tolist()
        for given in ([], near):
            for token in range(FIRST_PLAIN, VOCABULARY):
                with torch.no_grad():
                    sample = sample_of(own.hidden[places], places, [token] * len(places), own, given, network)
                    shares, said = neighbours(sample, torch.arange(len(places)), rounded=True)
                for row, place in enumerate(places):
                    key = lambda vectors: [key_of(weights["weight"], vector.double().numpy()).tolist() for vector in vectors]
                    case = {
                        "keys": [k for r in given for k in key(r.hidden)] + key(own.hidden[:place]),
                        "following": [t for r in given for t in r.following.tolist()] + own.following[:place].tolist(),
                        "elsewhere": [1] * sum(len(r.hidden) for r in given) + [0] * place,
                        "query": key(own.hidden[place : place + 1])[0],
                        "hidden": own.hidden[place].tolist(),
                        "network": network[row],
                    }
                    share, mixed = reference(weights, case)
                    self.assertAlmostEqual(float(shares[row]), share, places=4)
                    others = (1 - share) * network[row][token]
                    self.assertAlmostEqual(float(shares[row] * said[row]), mixed[token] - others, places=4)

    def test_what_stands_at_the_place_or_after_it_says_nothing(self) -> None:
        neighbours = some_neighbours(8)
        own, near = self.readings(8, 10, 4)
        with torch.no_grad():
            ask = lambda: neighbours(sample_of(own.hidden[[5, 9]], [5, 9], [9, 9], own, [near]), torch.tensor([0]))
            before = ask()
            own.hidden[6:] += 1
            own.following[5:] = 9
            self.assertEqual([x.tolist() for x in before], [x.tolist() for x in ask()])
            own.following[4] = 9
            self.assertGreater(float(ask()[1]), float(before[1]))

    def test_far_back_is_not_offered(self) -> None:
        neighbours = some_neighbours(9)
        own, = self.readings(9, fit_neighbours.OWN + 3)
        own.following[:] = 9
        own.following[:2] = 10
        with torch.no_grad():
            at = [fit_neighbours.OWN, fit_neighbours.OWN + 2]
            _, said = neighbours(sample_of(own.hidden[at], at, [10, 10], own, []), torch.arange(2))
        self.assertGreater(float(said[0]), 0)
        self.assertEqual(float(said[1]), 0)


class CollectTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        torch.manual_seed(3)
        cls.tokenizer = Tokenizer([])
        cls.trunk = Trunk(Shape(1, 64, cls.tokenizer.size))
        with torch.no_grad():
            for p in cls.trunk.parameters():
                p += 0.1 * torch.randn_like(p)
        chance = random.Random(3)
        lines = ["let total = 0;\n", "for (const x of list) {\n", "  total += x;\n", "}\n", "return total;\n"]
        texts = ["", "a", *("".join(chance.choices(lines, k=40)) for _ in range(6))]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "some.jsonl"
            path.write_text("".join(json.dumps({"project": "p", "path": f"src/f{i}.ts", "language": "typescript", "text": text}) + "\n" for i, text in enumerate(texts)))
            tables = [(np.empty(0, np.uint32), np.empty(0, np.uint16), np.empty(0, np.uint8))] * 4
            gate = FullGate(Gate(64), 64).requires_grad_(False)
            cls.alone, cls.beside, cls.amid = fit_neighbours.collect(cls.trunk, gate, tables, path, cls.tokenizer, len(texts), 300)

    def test_a_place_tells_the_token_that_came(self) -> None:
        """What a scored position is judged by is what the same position offers to later ones."""
        self.assertGreater(len(self.alone), 5)
        for sample in (*self.alone, *self.beside, *self.amid):
            self.assertEqual(sample.own.following[sample.at].tolist(), sample.features.target.tolist())
            self.assertEqual(sample.own.hidden[sample.at].tolist(), sample.features.hidden.tolist())

    def test_the_mixture_is_that_of_the_loss(self) -> None:
        gate = FullGate(Gate(64), 64).requires_grad_(False)
        for sample in (*self.alone, *self.beside, *self.amid):
            opinions = torch.log_softmax(sample.features.hidden.float() @ self.trunk.head.weight.t(), 1)
            mixture = gate.mixture(sample.features, opinions)
            self.assertTrue(torch.allclose(mixture.sum(1), torch.ones(len(mixture)), atol=1e-3))
            of_target = mixture.gather(1, sample.features.target[:, None])[:, 0]
            self.assertTrue(torch.allclose(-of_target.log(), gate.loss(sample.features, slice(None)), atol=0.02))
            self.assertTrue(torch.allclose(mixture.max(1).values, sample.sure, atol=0.02))

    def test_other_files_offer_their_text_alone(self) -> None:
        of_paths_alone = self.tokenizer.encode("/")[0]
        for sample in self.beside:
            self.assertLessEqual(len(sample.near), fit_neighbours.FILES)
            for reading in sample.near:
                self.assertEqual(len(reading.hidden), len(reading.following))
                said = [token for token in reading.following.tolist() if token >= 0]
                self.assertNotIn(of_paths_alone, said)

    def test_text_behind_offers_what_stands_after_the_cursor(self) -> None:
        self.assertGreater(len(self.amid), 5)
        for sample in self.amid:
            whole = next(one for one in self.alone if torch.equal(one.own.hidden[: len(sample.own.hidden)], sample.own.hidden))
            behind, = sample.behind
            last = len(sample.own.hidden) - 1
            self.assertLessEqual(len(sample.at), fit_neighbours.SCORED)
            # The token after the last one before the cursor is the line end that the text behind leaves out.
            self.assertLess(int(sample.at.max()), last)
            text = whole.own.following[last + 1 : -1].tolist()
            self.assertEqual(behind.following[: len(text)].tolist(), text[: len(behind.following)])
            # What stands behind may be copied as the document's own text, whatever the other files hold.
            self.assertFalse(sample.features.elsewhere[sample.features.lengths == 0].any())

    def test_text_behind_counts_as_the_own_and_other_files_less(self) -> None:
        neighbours = Neighbours(64, 32)
        sample = self.amid[0]
        with torch.no_grad():
            rows = torch.arange(len(sample.at))
            said = lambda: neighbours(sample, rows)[1]
            shares = []
            for elsewhere in (0.0, -50.0):
                neighbours.elsewhere.fill_(elsewhere)
                shares.append((said(), neighbours(sample._replace(near=[]), rows)[1]))
        (together, own), (apart, still) = shares
        self.assertEqual(own.tolist(), still.tolist())
        self.assertTrue(torch.allclose(apart, own, atol=1e-4))
        self.assertFalse(torch.allclose(together, own, atol=1e-4))

    def test_fitting_pays_and_bytes_cost_little(self) -> None:
        torch.manual_seed(4)
        gate = FullGate(Gate(64), 64).requires_grad_(False)
        neighbours = Neighbours(64, 32)
        fit_neighbours.fit(gate, neighbours, [*self.alone, *self.beside], 30)
        for samples in (self.alone, self.beside):
            without, rounded = fit_neighbours.bits(gate, None, samples), fit_neighbours.bits(gate, neighbours, samples)
            self.assertLess(rounded, 0.9 * without)
            with torch.no_grad():
                exact = sum(fit_neighbours.loss(gate, neighbours, s, torch.arange(len(s.at))).double().sum().item() for s in samples)
            size = math.log(2) * sum(s.features.text_bytes for s in samples)
            self.assertLess(abs(rounded / (exact / size) - 1), 1e-3)


class FileTest(unittest.TestCase):
    def test_comes_back_with_the_gate(self) -> None:
        torch.manual_seed(5)
        gate, neighbours = FullGate(Gate(WIDTH), WIDTH), some_neighbours(5)
        with torch.no_grad():
            for p in gate.parameters():
                p.copy_(torch.randn_like(p).half().float())
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "copy.safetensors"
            safetensors_file.write(file, fit_gate.tensors_of(gate) | fit_neighbours.tensors_of(neighbours))
            pairs = ((gate, fit_gate.load(file, WIDTH)), (neighbours, fit_neighbours.load(file)))
        for before, after in pairs:
            self.assertGreater(len(before.state_dict()), 4)
            for name, value in before.state_dict().items():
                self.assertEqual(value.tolist(), after.state_dict()[name].tolist(), name)


if __name__ == "__main__":
    unittest.main()
