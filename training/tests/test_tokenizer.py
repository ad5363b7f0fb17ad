"""The tokenizer is lossless on any bytes and equals the committed cases."""

import json
import random
import sys
import unittest
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import tokenizer as t

FOLDER = Path(__file__).parent
SAMPLE = "def f(self, x):\n    return self.x + 12345\n\r\n\tif (a >= b) { self.value = 'ü 中文'; }\n" * 20


def hostile() -> list[bytes]:
    """Byte strings that break careless tokenizers."""
    chance = random.Random(5)
    cases = [b"", b"\x00", b"\xff\xfe\xfd", "中文注释 ümlaut 😀‍👩".encode(), "中".encode()[:2], b"\xed\xa0\x80", b"\r", b"\r\r\n\n\n", b"\n" + b" " * 200 + b"x"]
    cases += [b"\t" * 70 + b" \t x", b"<|file|><|text|>", b"a" * 100, b"_" * 41, b"1234567890", b"-" * 50, b"x\x80y\xbfz", b" \xc3\xa9t\xc3\xa9", b"\x1b[0m", b"\x7f \x7f", b"a b  c   d    e"]
    cases += [bytes(range(256)), bytes(reversed(range(256)))]
    cases += [bytes(chance.choice(b" \t\r\nab1_-({\x80\xff") for _ in range(chance.randint(1, 60))) for _ in range(60)]
    cases += [chance.randbytes(chance.randint(1, 50)) for _ in range(40)]
    return cases


class RoundTrip(unittest.TestCase):
    def setUp(self) -> None:
        self.tokenizer = t.train(t.count_pieces([SAMPLE]), 400)

    def test_lossless(self) -> None:
        for case in hostile() + [SAMPLE.encode()]:
            self.assertEqual(self.tokenizer.decode(self.tokenizer.encode(case)), case)

    def test_pieces_cover_everything(self) -> None:
        for case in hostile():
            self.assertEqual("".join(t.PIECES.findall(case.decode("latin-1"))), case.decode("latin-1"))

    def test_specials_are_never_made_from_text(self) -> None:
        self.assertGreaterEqual(min(self.tokenizer.encode("<|file|>")), t.FIRST_BYTE)

    def test_training_depends_on_counts_only(self) -> None:
        counts = t.count_pieces([SAMPLE])
        shuffled = Counter(dict(reversed(list(counts.items()))))
        self.assertEqual(t.train(counts, 320).merges, t.train(shuffled, 320).merges)

    def test_lone_surrogates(self) -> None:
        self.assertEqual(self.tokenizer.decode(self.tokenizer.encode("\ud800x")), b"\xed\xa0\x80x")


class Cases(unittest.TestCase):
    """`tokenizer-cases.json` holds the merges' digest and pairs of (hex bytes, ids) for the product's tokenizer."""

    def test_committed_cases(self) -> None:
        path = FOLDER / "tokenizer-cases.json"
        tokenizer_path = FOLDER.parent / "tokenizer.json"
        if not path.exists() or not tokenizer_path.exists():
            self.skipTest("no committed tokenizer")
        tokenizer = t.Tokenizer.load(tokenizer_path)
        for data, ids in json.loads(path.read_text()):
            self.assertEqual(tokenizer.encode(bytes.fromhex(data)), ids)


if __name__ == "__main__":
    unittest.main()
