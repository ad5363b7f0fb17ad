"""What a table of n-grams is worth: bits per byte on the test projects for each, with a gate fitted for it, and per megabyte.

    python weigh_tables.py --weights DIR --corpus DIR --tokenizer tokenizer.json TABLE ...

The network reads the validation and test files once for all tables.
"""

from __future__ import annotations

from pathlib import Path

import torch

import export
import ngrams
from fit_gate import ACCOMPANIED, FullGate, bits, collect_with, copies_alone, fit, parser_of
from model import Gate, Trunk
from tokenizer import Tokenizer


def main() -> None:
    parser = parser_of(__doc__, "an export of the trainer", 250, 60)
    parser.add_argument("tables", type=Path, nargs="+")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tokenizer = Tokenizer.load(options.tokenizer)
    shape = export.shape_of(options.weights)
    trunk = Trunk(shape)
    export.load(options.weights, trunk, Gate(shape.width))
    several = [ngrams.read(path) for path in options.tables]
    train = collect_with(several, trunk, options.corpus / "validation.jsonl", tokenizer, options.files, options.limit, ACCOMPANIED)
    test = collect_with(several, trunk, options.corpus / "test.jsonl", tokenizer, options.test_files, options.limit, 0.0)

    def judged(fitting, judging) -> float:
        torch.manual_seed(1)
        gate = Gate(shape.width)
        export.load(options.weights, trunk, gate)
        full = FullGate(gate, shape.width)
        fit(full, list(full.parameters()), fitting, options.epochs)
        return bits(full, judging)

    without = judged(copies_alone(train[0]), copies_alone(test[0]))
    print(f"no table: {without:.4f} bits per byte", flush=True)
    for path, fitting, judging in zip(options.tables, train, test):
        figure, size = judged(fitting, judging), path.stat().st_size / 1e6
        print(f"{path.name}: {figure:.4f} bits per byte, {size:.1f} MB, {1000 * (without - figure) / size:.2f} thousandths a MB", flush=True)


if __name__ == "__main__":
    main()
