"""Small controlled runs, one variant each, by which the recipe was chosen: adds a row to a CSV.

    python recipes.py adam --corpus DIR --tokenizer tokenizer.json --out recipes.csv

All runs see the same documents in the same order, begin with the same random
numbers, and bring the rate to zero over their last 30 %. They run on one thread;
CPU seconds are those of the steps, so other work on the machine does not count.
Only what won lives in `train.py`; what lost lives here.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import time
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

import streams
import rwkv7
import tokenizer as tokenizers
import train
from evaluation import choose, evaluate
from streams import Corpus
from model import Shape, Trunk
from precision import multiplies_bf16
from tokenizer import Tokenizer, balanced_sample, count_pieces
from tokenizer import train as train_tokenizer
from train import Trainer

# Other ways to cut a text before merging: (what stands in `tokenizer.PIECES`, what takes its place).
INDENTED_BREAK, BLANKS = r"\r?\n[ \t]{0,64}", r"|[ \t]{1,32}"
PIECES = {
    "shipped": [],
    "digits": [(r"|[0-9]{1,3}", r"|[0-9]")],
    "breaks": [(INDENTED_BREAK, r"\r?\n")],  # an indentation is a piece of its own
    "blanks": [(INDENTED_BREAK, r"\r?\n"), (BLANKS, r"|[ \t]")],  # so is each blank
}

FIELDS = ["variant", "parameters", "tokens", "cpu_seconds", "early_copy", "early_plain", "copy", "plain", "precision"]
LANES, LENGTH, WARMUP, DECAY, RATE = 4, 512, 20, 0.3, 4e-3


class Adam:
    """In place of Muon: AdamW for the matrices, too."""

    def __init__(self, named: list[tuple[str, nn.Parameter]], lr: float):
        self.parameters = [p for _, p in named]
        self.lr = lr
        self.adam = torch.optim.AdamW(self.parameters, lr=lr, betas=(0.9, 0.99), eps=1e-10, weight_decay=0.02, fused=True)

    def step(self, factor: float) -> None:
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.adam.param_groups[0]["lr"] = self.lr * factor
        self.adam.step()
        self.adam.zero_grad()


class HashedTrunk(Trunk):
    """Adds to a token's embedding rows for the hashes of the last two and of the last three tokens."""

    ROWS = 65536

    def __init__(self, shape: Shape):
        super().__init__(shape)
        # Outside `parameters()`: sparse gradients want an optimiser of their own.
        self.tables = [torch.zeros(self.ROWS, shape.width, requires_grad=True) for _ in range(2)]
        self.adagrad = torch.optim.Adagrad(self.tables, lr=RATE)

    def embed(self, tokens: Tensor) -> Tensor:
        x, key = super().embed(tokens), tokens
        for back, table in enumerate(self.tables, 1):
            before = nn.functional.pad(tokens, (back, 0))[:, : tokens.shape[1]]
            key = (key * 1_000_003 + before * 92_821 + back) % 2_147_483_647
            x = x + nn.functional.embedding(key % self.ROWS, table, sparse=True)
        return x


class HashedTrainer(Trainer):
    def step(self, factor: float = 1.0) -> dict[str, float]:
        figures = super().step(factor)
        self.trunk.adagrad.param_groups[0]["lr"] = RATE * factor
        self.trunk.adagrad.step()
        self.trunk.adagrad.zero_grad()
        return figures


class DeepMix(rwkv7.ChannelMix):
    """RWKV-7a's: hidden channels are scaled by s0 + S2^T M^T S1^T x with a small matrix M of the token's own."""

    RANK = 8  # 64 numbers a token and layer; official models have a rank of 32

    def __init__(self, shape: Shape, layer: int):
        super().__init__(shape, layer)
        r, d, hidden = self.RANK, shape.width, 4 * shape.width
        self.s_emb = nn.Embedding(shape.vocabulary, r * r)
        self.s0 = nn.Parameter(torch.ones(hidden))
        self.s1 = nn.Parameter(torch.randn(d, r) / d**0.5)
        self.s2 = nn.Parameter(nn.init.orthogonal_(torch.empty(r, hidden)) * 0.1)
        nn.init.uniform_(self.s_emb.weight, -1e-2, 1e-2)

    def forward(self, x: Tensor, last: Tensor, keep: Tensor) -> Tensor:
        hidden = torch.relu(self.key(x + (rwkv7.shifted(x, last, keep) - x) * self.x_k)) ** 2
        matrices = self.s_emb(self.tokens).unflatten(-1, (self.RANK, self.RANK))
        low = ((x @ self.s1)[..., None, :] @ matrices)[..., 0, :]
        return self.value(hidden * (self.s0 + low @ self.s2))


class DeepTrunk(Trunk):
    def __init__(self, shape: Shape):
        super().__init__(shape)
        for layer, block in enumerate(self.blocks):
            block.ffn = DeepMix(shape, layer)

    def embed(self, tokens: Tensor) -> Tensor:
        for block in self.blocks:
            block.ffn.tokens = tokens
        return super().embed(tokens)


class AccompaniedStreams(streams.Streams):
    """A share of the documents may copy from other files of their project."""

    def __init__(self, share: float, *rest):
        self.share = share
        super().__init__(*rest)

    def _load(self, epoch: int, index: int) -> streams.Document:
        source, chance = self.corpus[index], random.Random(f"{self.seed}/{epoch}/{index}")
        others = self.corpus.beside(index, chance) if chance.random() < self.share else []
        return streams.prepare(self.tokenizer, source["path"], source["text"], chance, others=others)


def retrained(corpus: Path, changes: list[tuple[str, str]], size: int) -> Tokenizer:
    """A tokenizer of `size` ids over pieces that are cut otherwise."""
    pattern = tokenizers.PIECES.pattern
    for old, new in changes:
        assert old in pattern
        pattern = pattern.replace(old, new)
    tokenizers.PIECES = re.compile(pattern)
    return train_tokenizer(count_pieces(balanced_sample(corpus / "train.jsonl", 10_000_000)), size)


def same_text(document: streams.Document, old: Tokenizer, new: Tokenizer) -> streams.Document:
    """The document in the tokens of `new`: tokenizers are judged on one text, not on one number of tokens."""
    start = document.tokens.tolist().index(tokenizers.TEXT)
    path, text = old.decode(document.tokens[:start]).decode(), old.decode(document.tokens[start:])
    return streams.prepare(new, path, text, None, limit=len(text))


def run(variant: str, options: argparse.Namespace) -> dict[str, object]:
    """Trains one variant and returns its row."""
    shipped = tokenizer = Tokenizer.load(options.tokenizer)
    validation = choose(options.corpus / "validation.jsonl", shipped, 48, 1024)
    shape, seed, make = Shape(4, 128), 1, Trainer
    name, _, value = variant.partition("=")
    if name == "accompanied":
        train.Streams = partial(AccompaniedStreams, float(value))
    elif name == "seed":  # the same again with other numbers: how much of a difference is chance
        seed = int(value)
    elif name == "adam":
        train.Optimizer = Adam
        options.lr = float(value or RATE)
    elif name == "lr":
        options.lr = float(value)
    elif name == "hashed":
        train.Trunk, make = HashedTrunk, HashedTrainer
    elif name == "deepembed":
        train.Trunk = DeepTrunk
    elif name == "no-path":
        streams.header = lambda path, chance: ""
    elif name == "shape":
        shape = Shape(*map(int, value.split("x")))
    elif name in ("vocabulary", "pieces"):
        tokenizer = retrained(options.corpus, PIECES[value] if name == "pieces" else [], int(value) if name == "vocabulary" else tokenizer.size)
    elif name == "generation":
        shape = Shape(4, 128, generation=value)
    elif name not in ("baseline", "sqrt-decay"):
        raise SystemExit(f"no variant {variant}")
    shape.vocabulary = tokenizer.size
    corpus = Corpus(options.corpus / "train.jsonl")
    if tokenizer is not shipped:
        validation = [(language, same_text(document, shipped, tokenizer)) for language, document in validation]
    trainer = make(shape, corpus, tokenizer, LANES, LENGTH, options.lr, WARMUP, seed)

    # Equal text is equal tokens, unless the tokenizer is what differs.
    size, cpu, early = 0.0, 0.0, None
    next_batch = trainer.data.next

    def counted():
        nonlocal size
        batch = next_batch()
        size += batch.text_bytes
        return batch

    trainer.data.next = counted
    while size < options.megabytes * 1e6:
        done = size / options.megabytes / 1e6
        if early is None and done >= 1 - DECAY:
            early = evaluate(trainer.trunk, trainer.gate, validation)
        start = time.process_time()
        passed = max(0.0, 1 - (1 - done) / DECAY)
        trainer.step(1 - (passed**0.5 if name == "sqrt-decay" else passed))
        cpu += time.process_time() - start if trainer.steps > 2 else 0.0  # not the compiler's time
    final = evaluate(trainer.trunk, trainer.gate, validation)
    if name == "accompanied":  # judged with other files beside every document, too
        print("across files", evaluate(trainer.trunk, trainer.gate, choose(options.corpus / "validation.jsonl", shipped, 48, 1024, accompanied=1.0)))
    parameters = sum(p.numel() for p in trainer.trunk.parameters())
    return {
        "variant": variant, "parameters": parameters, "tokens": trainer.tokens, "cpu_seconds": round(cpu, 1),
        "early_copy": early["copy"], "early_plain": early["plain"], "copy": final["copy"], "plain": final["plain"],
        "precision": "bf16" if multiplies_bf16(trainer.device) else "single",
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("variant", help="baseline, seed=N, accompanied=SHARE, sqrt-decay, lr=RATE, adam[=RATE], hashed, deepembed, no-path, shape=LAYERSxWIDTH, vocabulary=SIZE, pieces=shipped|digits|breaks|blanks, generation=4|5.2")
    add("--corpus", type=Path, required=True)
    add("--tokenizer", type=Path, required=True)
    add("--out", type=Path, required=True, help="CSV that gets a row")
    add("--megabytes", type=float, default=1.0, help="of text: about 300,000 tokens")
    options = parser.parse_args()
    options.lr = RATE
    torch.set_num_threads(1)
    row = run(options.variant, options)
    print(row, flush=True)
    fresh = not options.out.exists()
    with open(options.out, "a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if fresh:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()
