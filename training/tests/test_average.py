import sys
import unittest
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1]))
from average import Average


class AverageTest(unittest.TestCase):
    def setUp(self) -> None:
        self.parameter = nn.Parameter(torch.zeros(3))
        self.average = Average([self.parameter], horizon=4)

    def walk(self, *values: float) -> None:
        for value in values:
            self.parameter.data.fill_(value)
            self.average.update()

    def test_is_the_mean_until_the_horizon_and_forgets_beyond(self) -> None:
        self.walk(1, 2, 6)
        torch.testing.assert_close(self.average.values[0], torch.full((3,), 3.0))
        self.walk(*[10.0] * 30)
        torch.testing.assert_close(self.average.values[0], torch.full((3,), 10.0), rtol=0, atol=0.01)

    def test_weights_come_back(self) -> None:
        self.walk(1, 3)
        with self.assertRaises(KeyError), self.average.applied():
            self.assertEqual(self.parameter[0].item(), 2)
            raise KeyError
        self.assertEqual(self.parameter[0].item(), 3)

    def test_goes_on_from_a_checkpoint(self) -> None:
        self.walk(1, 2)
        other = Average([self.parameter], horizon=4)
        other.load_state_dict(self.average.state_dict())
        self.walk(6)
        other.update()
        torch.testing.assert_close(other.values[0], self.average.values[0])


if __name__ == "__main__":
    unittest.main()
