"""What a document begins with in training."""

import random
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from streams import from_the_middle, header

PATH = "project/src/deep/inner/module.test.ts"


class HeaderTest(unittest.TestCase):
    def test_nothing_left_to_chance_is_three_components(self) -> None:
        self.assertEqual(header(PATH, None), "deep/inner/module.test.ts")

    def test_a_few_have_a_language_and_no_name(self) -> None:
        drawn = [header(PATH, random.Random(seed)) for seed in range(3000)]
        nameless = [h for h in drawn if h.startswith("Untitled-")]
        self.assertTrue(60 < len(nameless) < 200, len(nameless))
        self.assertTrue(all(h.endswith(".ts") for h in nameless))
        self.assertTrue(all(PATH.endswith(h) for h in drawn if h not in nameless))

    def test_a_file_without_an_ending_keeps_its_name(self) -> None:
        drawn = {header("Makefile", random.Random(seed)) for seed in range(1000)}
        self.assertEqual(drawn, {"Makefile"})


class MiddleTest(unittest.TestCase):
    def test_begins_at_a_line_and_keeps_all_after_it(self) -> None:
        text = "".join(f"line {i}\n" for i in range(40))
        for seed in range(50):
            cut = from_the_middle(text, random.Random(seed))
            self.assertTrue(text.endswith("\n" + cut))
            self.assertGreater(len(cut), len(text) * 0.2)

    def test_one_line_stays_whole(self) -> None:
        self.assertEqual(from_the_middle("a = 1", random.Random(1)), "a = 1")


if __name__ == "__main__":
    unittest.main()
