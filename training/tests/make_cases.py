"""Writes the cases that the product's TypeScript is tested against: run after the tokenizer or the search changes.

    python make_cases.py ../tokenizer.json
"""

import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import test_copying
import test_neighbours
import test_ngrams
import test_reranker
from test_tokenizer import FOLDER, hostile
from tokenizer import Tokenizer


def main() -> None:
    tokenizer = Tokenizer.load(sys.argv[1])
    chance = random.Random(9)
    texts = [path.read_text() for path in sorted(FOLDER.parent.glob("*.py")) + sorted(FOLDER.parent.glob("kernels/*.cpp"))]
    cases = hostile()
    while len(cases) < 200:  # windows of real code, cut at any byte
        data = chance.choice(texts).encode()
        at = chance.randrange(len(data))
        cases.append(data[at : at + chance.randint(20, 160)])
    rows = [json.dumps([data.hex(), tokenizer.encode(data)], separators=(",", ":")) for data in cases]
    (FOLDER / "tokenizer-cases.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")
    test_copying.write_cases()
    test_ngrams.write_cases()
    test_neighbours.write_cases()
    test_reranker.write_cases()


if __name__ == "__main__":
    main()
