"""The product's engine against the trainer's double precision, on exported weights of every generation."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
import export
from model import GENERATIONS, Shape

ROOT = FOLDER.parents[1]


@unittest.skipUnless((ROOT / "node_modules" / "tsx").exists(), "the product's packages are not installed")
class Engine(unittest.TestCase):
    def test_logits_of_exported_weights(self) -> None:
        for generation in GENERATIONS:
            with self.subTest(generation), tempfile.TemporaryDirectory() as name:
                export.random_model(Path(name), Shape(2, 128, 320, generation))
                expected = json.loads((Path(name) / "reference.json").read_text())
                tokens = ",".join(map(str, expected["tokens"]))
                command = ["node", "--import", "tsx", str(FOLDER / "engine_logits.ts"), str(Path(name) / "model.safetensors"), tokens]
                found = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
                self.assertEqual(found["generation"], generation)
                self.assertLess(np.abs(np.array(found["logits"]) - expected["logitsLast"]).max(), 1e-4)


if __name__ == "__main__":
    unittest.main()
