"""Trains trunk and gate; goes on where it stopped.

    python train.py --corpus DIR --tokenizer tokenizer.json --run DIR --hours 3
    python train.py ... --decay 30 --export DIR     # a branch that ships

The learning rate warms up and then stays, so one run can go on for days; a
decay branch takes its latest checkpoint, brings the rate to zero by one minus the
root of the time passed (arXiv 2405.18392) and exports, and leaves the run's checkpoints as they are.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any

import torch

import checkpoint
import export
from average import Average
from evaluation import choose, evaluate
from gpu.ahead import Ahead
from head import head_loss
from streams import Batch, Corpus, Streams
from model import GENERATIONS, Block, Gate, Shape, State, Trunk
from optimizer import Optimizer
from precision import halved
from tokenizer import Tokenizer

FIELDS = ["hours", "step", "tokens", "epoch", "loss", "train_copy", "train_plain", "rate", "tokens_per_second", "copy", "plain", "averaged_copy", "note"]


class Trainer:
    def __init__(self, shape: Shape, corpus: Corpus, tokenizer: Tokenizer, streams: int = 8, length: int = 512, lr: float = 3e-3, warmup: int = 100, seed: int = 1, weights: dict[str, float] | None = None, compiled: bool = True, device: str = "cpu"):
        torch.manual_seed(seed)
        self.device = torch.device(device)
        self.trunk, self.gate = Trunk(shape).to(device), Gate(shape.width).to(device)
        self.optimizer = Optimizer([*self.trunk.named_parameters(), *self.gate.named_parameters()], lr)
        self.average = Average([*self.trunk.parameters(), *self.gate.parameters()])
        self.data = (Streams if device == "cpu" else Ahead)(corpus, tokenizer, streams, length, seed, weights)
        self.state = State.zeros(shape, streams, device)
        self.warmup = warmup
        self.steps, self.tokens, self.seconds = 0, 0, 0.0
        # One compiled function for all blocks: all but the first share its code.
        forward = torch.compile(Block.forward, dynamic=False)
        self.blocks = [partial(forward, block) for block in self.trunk.blocks] if compiled else None

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean losses (mixture, softmax alone) of the batch; moves the streams' state on."""
        with halved(self.device):
            hidden, self.state = self.trunk(batch.tokens, batch.reset, self.state, self.blocks)
            hidden = hidden.view(-1, hidden.shape[-1])
            base = self.gate(hidden, batch.lengths, batch.counts)
            return head_loss(hidden, self.trunk.head.weight, base, self.gate.alpha, batch.target, batch.candidates)

    def step(self, factor: float = 1.0) -> dict[str, float]:
        start = time.perf_counter()
        batch = self.data.next().to(self.device)
        loss, plain = self.forward(batch)
        loss.backward()
        with halved(self.device):
            self.optimizer.step(factor * min(1.0, (self.steps + 1) / self.warmup))
        self.average.update()
        self.steps += 1
        self.tokens += batch.tokens.numel()
        self.seconds += time.perf_counter() - start
        nats = int((batch.target >= 0).sum()) / math.log(2) / max(1.0, batch.text_bytes)  # nats a token -> bits a byte
        return {"loss": float(loss.detach()), "train_copy": float(loss.detach()) * nats, "train_plain": float(plain.detach()) * nats}

    def state_dict(self) -> dict[str, Any]:
        return {
            "trunk": self.trunk.state_dict(), "gate": self.gate.state_dict(), "optimizer": self.optimizer.state_dict(),
            "average": self.average.state_dict(),
            "state": {"shift": self.state.shift, "wkv": self.state.wkv}, "data": self.data.position(),
            "steps": self.steps, "tokens": self.tokens, "seconds": self.seconds, "random": torch.get_rng_state(),
        }  # fmt: skip

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        self.trunk.load_state_dict(saved["trunk"])
        self.gate.load_state_dict(saved["gate"])
        self.optimizer.load_state_dict(saved["optimizer"])
        if "average" in saved:  # checkpoints of older runs have none
            self.average.load_state_dict(saved["average"])
        self.steps, self.tokens, self.seconds = saved["steps"], saved["tokens"], saved["seconds"]
        torch.set_rng_state(saved["random"])
        self._seek(saved["data"], saved["state"])

    def load_export(self, folder: Path, facts: dict[str, Any]) -> None:
        """Warm start from half-precision weights: a new optimiser, so the rate warms up again."""
        export.load(folder, self.trunk, self.gate)
        self.tokens, self.seconds = facts.get("tokens", 0), facts.get("hours", 0.0) * 3600
        if "data" in facts:
            self._seek(facts["data"], None)

    def _seek(self, position: dict[str, Any], state: dict[str, torch.Tensor] | None) -> None:
        if self.data.seek(position) and state is not None and state["wkv"].shape == self.state.wkv.shape:
            self.state = State(state["shift"].to(self.device), state["wkv"].to(self.device))

    def facts(self, figures: dict[str, float]) -> dict[str, Any]:
        s = self.trunk.shape
        return {
            "architecture": f"rwkv{s.generation}", "layers": s.layers, "width": s.width, "vocabulary": s.vocabulary,
            "steps": self.steps, "tokens": self.tokens, "hours": round(self.seconds / 3600, 4),
            "data": self.data.position(), "validation": figures,
        }  # fmt: skip


class Log:
    """Appends to a CSV; a row is whole or absent."""

    def __init__(self, path: Path):
        self.path = path
        if not path.exists():
            path.write_text(",".join(FIELDS) + "\n")

    def add(self, **values: object) -> None:
        with open(self.path, "a", newline="") as file:
            csv.DictWriter(file, FIELDS, restval="").writerow(values)


def run(options: argparse.Namespace) -> None:
    folder: Path = options.run
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    tokenizer = Tokenizer.load(options.tokenizer)
    validation = choose(options.corpus / "validation.jsonl", tokenizer, options.validation_files, options.validation_tokens)
    shape = export.shape_of(options.start) if options.start else Shape(options.layers, options.width, tokenizer.size, options.generation)
    saved = checkpoint.load_latest(folder)
    if saved:
        shape = Shape(**saved["shape"])
    weights = dict((pair.split("=")[0], float(pair.split("=")[1])) for pair in options.weights.split(",") if pair)
    trainer = Trainer(shape, Corpus(options.corpus / "train.jsonl"), tokenizer, options.streams, options.length, options.lr, options.warmup, options.seed, weights, not options.eager, options.device)
    if saved:
        trainer.load_state_dict(saved)
    elif options.start:
        trainer.load_export(options.start, json.loads((options.start / "training.json").read_text()))
    branch = options.decay is not None
    log = Log(folder / ("decay.csv" if branch else "log.csv"))
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stop.append(number))
    signal.signal(signal.SIGINT, lambda number, frame: stop.append(number))
    print(f"{sum(p.numel() for p in trainer.trunk.parameters())} parameters, {shape}, step {trainer.steps}, {trainer.tokens} tokens, {trainer.seconds / 3600:.2f} h", flush=True)

    figures: dict[str, float] = {}
    averaged: dict[str, float] = {}
    begin = last_save = last_evaluation = last_log = time.monotonic()
    limit = options.decay * 60 if branch else options.hours * 3600
    sums, since, seconds = {"loss": 0.0, "train_copy": 0.0, "train_plain": 0.0}, 0, trainer.seconds
    while True:
        elapsed = time.monotonic() - begin
        done = elapsed >= limit or bool(stop) or (options.steps is not None and trainer.steps >= options.steps)
        now = time.monotonic()
        if done or now - last_evaluation > options.evaluate_every * 60:
            figures = evaluate(trainer.trunk, trainer.gate, validation)
            if not branch and trainer.steps:
                with trainer.average.applied():
                    averaged = evaluate(trainer.trunk, trainer.gate, validation)
            print(f"step {trainer.steps} {trainer.tokens} tokens validation {figures}, averaged {averaged}", flush=True)
            log.add(hours=round(trainer.seconds / 3600, 4), step=trainer.steps, tokens=trainer.tokens, copy=figures["copy"], plain=figures["plain"], averaged_copy=averaged.get("copy", ""))
            last_evaluation = time.monotonic()
        if done or (not branch and now - last_save > options.save_every * 60):
            if not branch:
                checkpoint.save(folder, trainer.steps, {**trainer.state_dict(), "shape": vars(shape)})
            if not branch or done:
                export.export(options.export, trainer.trunk, trainer.gate, trainer.facts(figures))
                (options.export / "tokenizer.json").write_bytes(options.tokenizer.read_bytes())
                if averaged and not branch:
                    with trainer.average.applied():
                        export.export(options.export / "averaged", trainer.trunk, trainer.gate, trainer.facts(averaged))
            last_save = time.monotonic()
        if done:
            break
        factor = 1.0 - math.sqrt(min(1.0, elapsed / limit)) if branch else 1.0
        for name, value in trainer.step(factor).items():
            sums[name] += value
        since += 1
        if time.monotonic() - last_log > options.log_every:
            speed = since * options.streams * options.length / max(1e-9, trainer.seconds - seconds)
            mean = {name: round(value / since, 4) for name, value in sums.items()}
            print(f"step {trainer.steps} {trainer.tokens} tokens {mean} {speed:.0f} tokens/s", flush=True)
            log.add(hours=round(trainer.seconds / 3600, 4), step=trainer.steps, tokens=trainer.tokens, epoch=trainer.data.epoch, rate=options.lr * factor, tokens_per_second=round(speed), **mean)
            sums, since, seconds, last_log = dict.fromkeys(sums, 0.0), 0, trainer.seconds, time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--corpus", type=Path, required=True, help="folder with train.jsonl and validation.jsonl")
    add("--tokenizer", type=Path, required=True)
    add("--run", type=Path, required=True, help="folder for checkpoints and log; a run in it is resumed")
    add("--export", type=Path, help="folder for half-precision weights (default: RUN/export, or RUN/decayed)")
    add("--from", dest="start", type=Path, help="exported weights to start from where RUN has no checkpoint")
    add("--hours", type=float, default=1.0, help="time of this call")
    add("--decay", type=float, metavar="MINUTES", help="branch off: bring the rate to zero over this time, then export")
    add("--steps", type=int, help="stop at this step, whatever the time")
    add("--generation", choices=GENERATIONS, default="7")
    add("--layers", type=int, default=6)
    add("--width", type=int, default=192)
    add("--streams", type=int, default=8)
    add("--length", type=int, default=512)
    add("--lr", type=float, default=4e-3)
    add("--warmup", type=int, default=100, help="steps")
    add("--seed", type=int, default=1)
    add("--weights", default="", help="language=factor,... : languages to see earlier (>1) or later (<1) in an epoch")
    add("--threads", type=int, default=2)
    add("--device", default="cpu")
    add("--eager", action="store_true", help="do not compile")
    add("--save-every", type=float, default=5, help="minutes")
    add("--evaluate-every", type=float, default=10, help="minutes")
    add("--log-every", type=float, default=30, help="seconds")
    add("--validation-files", type=int, default=48)
    add("--validation-tokens", type=int, default=2048)
    options = parser.parse_args()
    if options.export is None:
        options.export = options.run / ("decayed" if options.decay is not None else "export")
    run(options)


if __name__ == "__main__":
    main()
