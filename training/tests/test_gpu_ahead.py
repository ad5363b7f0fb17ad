"""Batches prepared ahead are the batches of the plain streams, and so is the position to resume from."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
import tokenizer as t
from gpu.ahead import Ahead
from streams import Batch, Corpus, Streams


class Order(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        texts = [file.read_text()[:3000] for file in sorted(Path(__file__).parents[1].glob("*.py"))[:10]]
        self.path = Path(folder.name) / "train.jsonl"
        self.path.write_text("".join(json.dumps({"project": "p", "path": f"a/b/{i}.py", "language": "Python", "text": text}) + "\n" for i, text in enumerate(texts)))
        self.tokenizer = t.train(t.count_pieces(texts), 400)

    def same(self, one: Batch, two: Batch) -> None:
        for a, b in zip(one, two):
            self.assertTrue(torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b)

    def test_same_batches_over_epochs_and_after_a_seek(self) -> None:
        plain = Streams(Corpus(self.path), self.tokenizer, 3, 200)
        ahead = Ahead(Corpus(self.path), self.tokenizer, 3, 200, workers=1)
        self.addCleanup(ahead.close)
        for _ in range(12):
            self.same(ahead.next(), plain.next())
            self.assertEqual(ahead.position(), plain.position())
        position = json.loads(json.dumps(ahead.position()))
        following = [plain.next() for _ in range(40)]
        self.assertGreater(plain.epoch, 0)
        for _ in range(5):
            ahead.next()
        self.assertTrue(ahead.seek(position))
        for batch in following:
            self.same(ahead.next(), batch)

    def test_a_failure_reaches_whoever_asks(self) -> None:
        ahead = Ahead(Corpus(self.path), self.tokenizer, 2, 200, workers=1)
        self.addCleanup(ahead.close)
        ahead.next()
        ahead.pool.shutdown()
        with self.assertRaises(RuntimeError):
            for _ in range(100):
                ahead.next()


if __name__ == "__main__":
    unittest.main()
