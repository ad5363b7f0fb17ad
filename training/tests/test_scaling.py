"""The fit of the scaling law on points of a known one."""

import math
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import scaling


class Fit(unittest.TestCase):
    def test_finds_the_law_that_made_the_points(self) -> None:
        made = scaling.Law(0.6, 0.9, 0.3, 0.0)
        points = [(tokens, made(tokens)) for tokens in (0.5, 1, 2, 4, 8, 16)]
        best = scaling.fit(points)[0]
        self.assertAlmostEqual(best(100), made(100), delta=0.005)
        self.assertAlmostEqual(best.power, made.power, delta=0.02)

    def test_the_range_of_noisy_points_holds_the_truth(self) -> None:
        made = scaling.Law(0.4, 1.1, 0.2, 0.0)
        points = [(2.0 + i, made(2.0 + i) * (1 + 0.004 * math.sin(7.0 * i))) for i in range(10)]
        values = [law(40) for law in scaling.fit(points)]
        self.assertLess(min(values), made(40))
        self.assertGreater(max(values), made(40))


if __name__ == "__main__":
    unittest.main()
