"""Writes what the product needs: `model.safetensors`, `copy.safetensors` (both fp16), `training.json`.

`model.safetensors` is the plain trunk in the official layout; the copy gate
is a file of its own, so that any reader of RWKV can use the trunk alone.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any, Mapping

import numpy as np
import torch

import safetensors_file
from model import GENERATIONS, Gate, Shape, Trunk


def half(module: torch.nn.Module, prefix: str = "") -> dict[str, np.ndarray]:
    return {prefix + name: value.detach().float().half().cpu().numpy() for name, value in module.state_dict().items()}


def export(folder: Path, trunk: Trunk, gate: Gate, facts: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    safetensors_file.write(folder / "model.safetensors", half(trunk))
    safetensors_file.write(folder / "copy.safetensors", half(gate, "gate."))
    temporary = folder / "training.json.tmp"
    temporary.write_text(json.dumps(facts, indent=2) + "\n")
    os.replace(temporary, folder / "training.json")


def load(folder: Path, trunk: Trunk, gate: Gate) -> None:
    """
    Fills both modules from exported half-precision weights.

    A shipped gate has been fitted for more candidates than are trained with, and for n-grams: those are
    left out, as is what it knows of other files.
    """
    def read(file: str) -> dict[str, torch.Tensor]:
        return {name: torch.from_numpy(value.astype(np.float32)) for name, value in safetensors_file.read(folder / file).items()}

    trunk.load_state_dict(read("model.safetensors"))
    fitted = {name.removeprefix("gate."): value for name, value in read("copy.safetensors").items() if name.startswith("gate.")}
    trained = {name: fitted[name] for name in gate.state_dict()}
    gate.load_state_dict({**trained, "rank": fitted["rank"][: len(gate.rank)]})


def shape_of(folder: Path) -> Shape:
    tensors = safetensors_file.read(folder / "model.safetensors")
    vocabulary, width = tensors["emb.weight"].shape
    has = lambda name: f"blocks.0.att.{name}" in tensors
    generation = "7" if has("r_k") else "5.2" if has("time_faaaa") else "4"
    return Shape(1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("blocks.")), width, vocabulary, generation)


def random_model(folder: Path, shape: Shape, seed: int = 7) -> None:
    """An untrained model with no zero matrix in it, and what the reference makes of it, for tests of other engines."""
    import reference_older
    from reference import Recurrent

    torch.manual_seed(seed)
    trunk, gate = Trunk(shape), Gate(shape.width)
    with torch.no_grad():
        for name, value in [*trunk.named_parameters(), *gate.named_parameters()]:
            value += torch.randn_like(value) * (0.5 if name == "emb.weight" else 0.1)
    export(folder, trunk, gate, {"step": 0, "tokens": 0, "random": True})
    tokens = [0, *torch.randint(8, shape.vocabulary, (62,)).tolist(), 9]
    form = {"4": reference_older.Recurrent4, "5.2": reference_older.Recurrent5, "7": Recurrent}[shape.generation]
    engine = form(safetensors_file.read(folder / "model.safetensors"))
    for token in tokens:
        hidden, logits = engine.step(token)
    body = {"tokens": tokens, "logitsLast": logits.round(9).tolist(), "hiddenLast": hidden.round(9).tolist()}
    (folder / "reference.json").write_text(json.dumps(body) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a small random model with its reference output.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--vocabulary", type=int, default=8192)
    parser.add_argument("--generation", choices=GENERATIONS, default="7")
    options = parser.parse_args()
    random_model(options.folder, Shape(options.layers, options.width, options.vocabulary, options.generation))


if __name__ == "__main__":
    main()
