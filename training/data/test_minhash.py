import random
import unittest

from minhash import NearDuplicates, similarity, sketch


def text(seed: int, words: int = 400) -> list[str]:
    chosen = random.Random(seed)
    return [f"word{chosen.randrange(500)}" for _ in range(words)]


class MinHashTest(unittest.TestCase):
    def test_sketch_is_the_same_for_other_white_space(self) -> None:
        words = text(1)
        self.assertEqual(sketch(" ".join(words)), sketch("\n".join(words)))

    def test_similarity_follows_the_share_of_equal_text(self) -> None:
        words = text(1)
        changed = words[:380] + text(2)[:20]
        self.assertGreater(similarity(sketch(" ".join(words)), sketch(" ".join(changed))), 0.7)
        self.assertLess(similarity(sketch(" ".join(words)), sketch(" ".join(text(3)))), 0.1)

    def test_near_duplicates_go_and_others_stay(self) -> None:
        seen = NearDuplicates()
        words = text(1)
        self.assertTrue(seen.add(sketch(" ".join(words))))
        self.assertFalse(seen.add(sketch(" ".join(words[:390] + ["other"] * 3))))
        self.assertTrue(seen.add(sketch(" ".join(text(2)))))
        self.assertTrue(seen.add(sketch(" ".join(words[:150] + text(4)[:250]))))

    def test_short_texts(self) -> None:
        seen = NearDuplicates()
        self.assertTrue(seen.add(sketch("")))
        self.assertTrue(seen.add(sketch("a b")))
        self.assertFalse(seen.add(sketch("a  b")))


if __name__ == "__main__":
    unittest.main()
