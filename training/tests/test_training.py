"""Parallel form against recurrent form, resets, and resuming."""

import json
import random
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
import checkpoint
import export
import safetensors_file
import tokenizer as t
from streams import OTHERS, Corpus, prepare
from model import GENERATIONS, Gate, Shape, State, Trunk
from reference import Recurrent
from reference_older import Recurrent4, Recurrent5
from train import Trainer

RECURRENT = {"4": Recurrent4, "5.2": Recurrent5, "7": Recurrent}


def random_trunk(shape: Shape) -> Trunk:
    torch.manual_seed(2)
    trunk = Trunk(shape)
    with torch.no_grad():
        for p in trunk.parameters():
            p += 0.1 * torch.randn_like(p)
    return trunk


class Forms(unittest.TestCase):
    def test_parallel_equals_recurrent_over_chunks_and_resets(self) -> None:
        for generation, form in RECURRENT.items():
            with self.subTest(generation):
                self.compare(Shape(3, 128, 320, generation), form)

    def compare(self, shape: Shape, form: type[Recurrent]) -> None:
        trunk = random_trunk(shape)
        tokens = torch.randint(0, 320, (1, 70))
        reset = torch.zeros(1, 70, dtype=torch.uint8)
        reset[0, 0] = reset[0, 41] = 1
        state = State.zeros(shape, 1)
        with torch.no_grad():
            first, state = trunk(tokens[:, :30], reset[:, :30], state)
            second, state = trunk(tokens[:, 30:], reset[:, 30:], state)
            logits = trunk.head(torch.cat([first, second], 1))[0].numpy()
        engine = form({name: value.numpy() for name, value in trunk.state_dict().items()})
        for i in range(70):
            if reset[0, i]:
                engine.reset()
            _, expected = engine.step(int(tokens[0, i]))
            self.assertLess(np.abs(logits[i] - expected).max(), 1e-4)
        if shape.generation != "4":  # whose forms keep the same past in different numbers
            self.assertLess(np.abs(state.wkv[:, 0].numpy() - engine.state).max(), 1e-4)

    def test_export_and_load(self) -> None:
        for generation in GENERATIONS:
            with self.subTest(generation):
                self.export_and_load(Shape(2, 64, 320, generation))

    def export_and_load(self, shape: Shape) -> None:
        trunk, gate = random_trunk(shape), Gate(64)
        with tempfile.TemporaryDirectory() as name:
            export.export(Path(name), trunk, gate, {})
            self.assertEqual(export.shape_of(Path(name)), shape)
            other, other_gate = Trunk(shape), Gate(64)
            export.load(Path(name), other, other_gate)
        for a, b in zip(trunk.parameters(), other.parameters()):
            self.assertTrue(torch.equal(a.half(), b.half()))


class Resume(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "train.jsonl"
        source = Path(__file__).parents[1]
        texts = [file.read_text() for file in sorted(source.glob("*.py"))]
        path.write_text("".join(json.dumps({"project": "p", "path": f"a/b/{i}.py", "language": "Python", "text": text}) + "\n" for i, text in enumerate(texts)))
        self.path = path
        self.tokenizer = t.train(t.count_pieces(texts), 512)

    def tearDown(self) -> None:
        self.folder.cleanup()

    def trainer(self, generation: str = "7") -> Trainer:
        return Trainer(Shape(2, 64, 512, generation), Corpus(self.path), self.tokenizer, streams=3, length=64, warmup=2, compiled=False)

    def test_same_losses_after_a_checkpoint(self) -> None:
        one = self.trainer()
        for _ in range(6):
            one.step()
        checkpoint.save(Path(self.folder.name), one.steps, one.state_dict())
        expected = [one.step()["loss"] for _ in range(4)]
        two = self.trainer()
        two.load_state_dict(checkpoint.load_latest(Path(self.folder.name)))
        np.testing.assert_allclose([two.step()["loss"] for _ in range(4)], expected, rtol=1e-6)

    def test_a_damaged_checkpoint_falls_back_and_two_are_kept(self) -> None:
        folder = Path(self.folder.name)
        for step in (1, 2, 3):
            checkpoint.save(folder, step, {"steps": step})
        self.assertEqual(len(checkpoint.saved(folder)), 2)
        checkpoint.saved(folder)[-1].write_bytes(b"cut off")
        self.assertEqual(checkpoint.load_latest(folder), {"steps": 2})

    def test_goes_on_from_the_shipped_weights(self) -> None:
        weights = Path(__file__).parents[1] / "weights"
        trunk, gate = Trunk(export.shape_of(weights)), Gate(export.shape_of(weights).width)
        export.load(weights, trunk, gate)
        shipped = safetensors_file.read(weights / "copy.safetensors")
        np.testing.assert_array_equal(gate.weight.detach().numpy(), shipped["gate.weight"].astype(np.float32))
        np.testing.assert_array_equal(gate.rank.detach().numpy(), shipped["gate.rank"][: len(gate.rank)].astype(np.float32))
        self.assertGreater(trunk.head.weight.abs().sum().item(), 0)

    def test_losses_fall(self) -> None:
        for generation in GENERATIONS:
            with self.subTest(generation):
                trainer = self.trainer(generation)
                losses = [trainer.step()["loss"] for _ in range(30)]
                self.assertLess(losses[-1], losses[0] - 1)

    def test_products_in_bf16_learn_as_those_in_single_precision(self) -> None:
        for generation in GENERATIONS:
            with self.subTest(generation):
                last = []
                for half in (False, True):
                    with mock.patch("train.halved", lambda device: torch.autocast(device.type, torch.bfloat16, enabled=half)):
                        trainer = self.trainer(generation)
                        last.append(np.mean([trainer.step()["loss"] for _ in range(30)][-5:]))
                self.assertAlmostEqual(last[1] / last[0], 1, delta=0.01)
                self.assertNotEqual(last[1], last[0])

    def test_only_files_of_the_same_project_lie_beside(self) -> None:
        lines = [{"project": name, "path": f"{folder}/{i}.py", "language": "Python", "text": f"{name} {folder} {i}"} for name in "pq" for folder in "ab" for i in range(24)]
        self.path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        corpus = Corpus(self.path)
        orders = set()
        for seed in range(20):
            beside = corpus.beside(3, random.Random(seed))
            orders.add(tuple(beside))
            # Of 47 others, 23 of them in the same folder.
            self.assertEqual(len(beside), OTHERS)
            self.assertEqual(sum(text.startswith("p a ") for text in beside), 23)
            self.assertTrue(all(text.startswith("p ") for text in beside))
            self.assertNotIn("p a 3", beside)
            self.assertEqual(beside, sorted(beside, key=lambda text: text.split()[1]), "the same folder first")
        self.assertGreater(len(orders), 1, "those equally near in another order each time")

    def test_what_stands_in_another_file_is_offered(self) -> None:
        alone, beside = (prepare(self.tokenizer, "b.py", "alpha = beta(gamma)\n", None, None, others) for others in ([], ["alpha = beta(gamma)\n"]))
        offered = lambda document: int((document.candidates.tokens == document.targets[:, None]).any(1).sum())
        self.assertGreater(offered(beside), offered(alone))

    def test_every_document_is_read_whole_and_once_an_epoch(self) -> None:
        streams = self.trainer().data
        streams.tokenizer = self.tokenizer
        seen = []
        while streams.epoch == 0:
            batch = streams.next()
            seen.append((batch.tokens.numpy(), batch.target.numpy().reshape(3, -1)))
        for stream in range(3):
            tokens = np.concatenate([a[stream] for a, _ in seen])
            target = np.concatenate([b[stream] for _, b in seen])
            scored = np.flatnonzero(target[:-1] >= 0)
            np.testing.assert_array_equal(target[scored], tokens[scored + 1])


if __name__ == "__main__":
    unittest.main()
