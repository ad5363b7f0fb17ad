import sys
import unittest
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from grow import grow, origins
from model import Gate, Shape, State, Trunk


def trained(shape: Shape) -> tuple[Trunk, Gate]:
    """Random weights with no zero matrix among them, as a trained network has none."""
    torch.manual_seed(3)
    trunk, gate = Trunk(shape), Gate(shape.width)
    with torch.no_grad():
        for name, value in [*trunk.named_parameters(), *gate.named_parameters()]:
            value += torch.randn_like(value) * (0.5 if name == "emb.weight" else 0.05)
    return trunk, gate


class GrowTest(unittest.TestCase):
    def run_both(self, layers: int, width: int):
        shape = Shape(3, 128, 97)
        old, gate = trained(shape)
        grown, larger_gate = grow(old, gate, layers, width)
        tokens = torch.randint(0, 97, (2, 40))
        reset = torch.zeros(2, 40, dtype=torch.uint8)
        reset[1, 17] = 1
        lengths, counts = torch.randint(0, 12, (80, 4)), torch.randint(0, 4, (80, 4))
        results = []
        for trunk, its_gate in ((old, gate), (grown, larger_gate)):
            hidden, _ = trunk(tokens, reset, State.zeros(trunk.shape, 2))
            results.append((trunk.head(hidden), its_gate(hidden.view(80, -1), lengths, counts)))
        return old, grown, results

    def assert_same(self, results) -> None:
        (logits, scores), (grown_logits, grown_scores) = results
        self.assertGreater(logits.std().item(), 0.1)
        torch.testing.assert_close(grown_logits, logits, rtol=0, atol=2e-3)
        torch.testing.assert_close(grown_scores, scores, rtol=0, atol=2e-3)

    def test_wider_computes_the_same(self):
        _, grown, results = self.run_both(3, 192)
        self.assertEqual(grown.emb.weight.shape, (97, 192))
        self.assert_same(results)

    def test_deeper_computes_the_same(self):
        _, grown, results = self.run_both(5, 128)
        self.assertEqual(len(grown.blocks), 5)
        self.assert_same(results)

    def test_wider_with_larger_low_ranks_and_deeper_computes_the_same(self):
        old, grown, results = self.run_both(4, 384)
        self.assertGreater(grown.blocks[1].att.g1.shape[1], old.blocks[1].att.g1.shape[1])
        self.assert_same(results)

    def test_all_that_is_new_can_learn(self):
        _, grown, results = self.run_both(4, 384)
        results[1][0].square().mean().backward()
        still = {name for name, p in grown.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0}
        # Of a block added by depth the two outputs learn first, and all else after them.
        added = {name for name, _ in grown.named_parameters() if name.startswith("blocks.2.")}
        self.assertEqual(still, added - {"blocks.2.att.output.weight", "blocks.2.ffn.value.weight"})
        output = grown.blocks[1].att.output.weight.grad
        self.assertGreater(output[128:, :128].abs().sum().item(), 0)  # to new channels
        self.assertGreater(output[:128, 128:].abs().sum().item(), 0)  # from new heads

    def test_copies_are_spread_and_never_of_the_first_block(self):
        self.assertEqual(origins(6, 8), [(0, False), (1, False), (1, True), (2, False), (3, False), (3, True), (4, False), (5, False)])
        self.assertEqual(origins(2, 2), [(0, False), (1, False)])
        self.assertEqual([layer for layer, added in origins(3, 9) if added and layer == 0], [])

    def test_a_smaller_network_is_refused(self):
        old, gate = trained(Shape(3, 128, 97))
        with self.assertRaises(ValueError):
            grow(old, gate, 2, 128)
        with self.assertRaises(ValueError):
            grow(old, gate, 3, 64)


if __name__ == "__main__":
    unittest.main()
