"""Bits per byte of a set of files are those of each of its files."""

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
from evaluation import choose, evaluate
from model import Gate, Shape, State, Trunk
from tokenizer import Tokenizer


class Evaluation(unittest.TestCase):
    def test_plain_is_what_reading_each_file_by_itself_gives(self) -> None:
        torch.manual_seed(2)
        tokenizer, chance = Tokenizer([]), random.Random(2)
        trunk, gate = Trunk(Shape(1, 64, tokenizer.size)), Gate(64)
        with torch.no_grad():
            for p in trunk.parameters():
                p += 0.1 * torch.randn_like(p)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "some.jsonl"
            lines = [{"project": "p", "path": f"f{i}.{language}", "language": language, "text": "".join(chance.choices("ab(c) \n", k=20 + 9 * i))} for i, language in enumerate(["c", "go", "c", "go", "c"])]
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
            documents = choose(path, tokenizer, 5, 60)
        figures = evaluate(trunk, gate, documents, streams=2)
        nats = size = 0.0
        for _, document in documents:
            tokens = torch.from_numpy(document.tokens).long()[None]
            with torch.no_grad():
                hidden, _ = trunk(tokens, torch.zeros_like(tokens, dtype=torch.uint8), State.zeros(trunk.shape, 1))
                opinions = torch.log_softmax(hidden[0] @ trunk.head.weight.t(), 1)
            scored = np.flatnonzero(document.targets >= 0)
            nats -= float(opinions[scored, document.targets[scored]].double().sum())
            size += document.text_bytes
        self.assertEqual(sorted(figures), ["c", "copy", "go", "plain"])
        self.assertAlmostEqual(figures["plain"], nats / math.log(2) / size, places=3)
        self.assertLess(figures["copy"], figures["plain"])  # six characters recur


if __name__ == "__main__":
    unittest.main()
