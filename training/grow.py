"""Grows a trained RWKV-7 into a wider and deeper one that computes the same function.

    python grow.py --from weights --layers 6 --width 256 --out grown

Net2Net (T. Chen et al., arXiv 1511.05641) for this network: what is new reads at random and writes
nothing, so logits and copy gate stay as they were, and gradients flow from the first step.

- Width. A layer normalisation over more channels would see another mean and variance. So the residual
  stream is made to have mean 0 (every normalisation subtracts the mean anyway), its new channels are 0,
  and the gains take up the smaller variance. The first normalisation, behind the embedding, becomes a plain
  factor: the new channels of each row of the embedding bring all rows to the same variance.
- Depth. A new block is a copy of the one before it whose two outputs are 0. (arXiv 2405.15319 stacks
  blocks with their outputs; that loses the function and pays where much is trained afterwards.)
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import torch
from torch import Tensor

import export
from model import Block, Gate, Shape, Trunk

LOW_RANK = tuple(f"{name}2" for name in "wavg")


def origins(old: int, new: int) -> list[tuple[int, bool]]:
    """For each new block: the old block it comes from, and whether it is an added copy. Copies are spread evenly."""
    copies = [0] * old
    for i in range(new - old):
        copies[max(1, math.ceil((i + 1) * old / (new - old + 1)) - 1) if old > 1 else 0] += 1
    return [(layer, turn > 0) for layer in range(old) for turn in range(1 + copies[layer])]


def _put(target: Tensor, source: Tensor) -> None:
    """Writes `source` into the first entries of every dimension of `target`."""
    target[tuple(slice(0, size) for size in source.shape)] = source


def _widen_norm(norm: torch.nn.LayerNorm, old: torch.nn.LayerNorm) -> None:
    """For an input whose old channels have mean 0 and whose new channels are 0."""
    width, wider = len(old.weight), len(norm.weight)
    gain = old.weight * math.sqrt(width / wider)
    norm.weight.fill_(float(gain.abs().mean()))
    norm.bias.zero_()
    _put(norm.weight, gain)
    _put(norm.bias, old.bias)


def _widen_output(target: Tensor, old: Tensor) -> None:
    """A matrix that writes to the residual stream, [width, inputs]: mean 0, and nothing to or from what is new."""
    target.zero_()
    _put(target, old - old.mean(0, keepdim=True))


def _widen_block(block: Block, old: Block, added: bool) -> None:
    for name, parameter in block.named_parameters():
        if name.startswith("ln0."):
            continue
        source = old.get_parameter(name)
        if name in ("att.output.weight", "ffn.value.weight"):
            _widen_output(parameter, torch.zeros_like(source) if added else source)
        elif not name.startswith(("ln1.", "ln2.")):
            if name.removeprefix("att.") in LOW_RANK and len(parameter) > len(source):
                parameter[len(source) :] = 0.0  # further ranks write nothing yet, so their first factor has to read
                torch.nn.init.normal_(block.get_parameter(name[:-1] + "1")[:, len(source) :], std=0.01)
            _put(parameter, source)
    _widen_norm(block.ln1, old.ln1)
    _widen_norm(block.ln2, old.ln2)


def _widen_embedding(trunk: Trunk, old: Trunk) -> None:
    """Rows of one variance, so that the first normalisation is a plain factor that gives back what it gave before."""
    first, before = trunk.blocks[0].ln0, old.blocks[0].ln0
    width, wider = old.shape.width, trunk.shape.width
    rows = before(old.emb.weight)
    rows = rows - rows.mean(1, keepdim=True)
    energy = rows.square().sum(1, keepdim=True)
    whole = 1.01 * float(energy.max())
    free = torch.randn(len(rows), wider - width)
    free -= free.mean(1, keepdim=True)
    free *= torch.sqrt((whole - energy) / free.square().sum(1, keepdim=True))
    # As large as before, for the optimiser's steps to mean as much as before.
    scale = float(old.emb.weight.std()) / math.sqrt(whole / wider)
    trunk.emb.weight.copy_(torch.cat([rows, free], 1) * scale)
    first.weight.zero_()
    first.weight[:width] = math.sqrt(whole / wider * scale**2 + first.eps) / scale
    first.bias.zero_()


@torch.no_grad()
def grow(old: Trunk, gate: Gate, layers: int, width: int, seed: int = 1) -> tuple[Trunk, Gate]:
    """The same function in a network of `layers` (no fewer) and `width` (the same, or at least 2 channels more)."""
    shape = Shape(layers, width, old.shape.vocabulary, old.shape.generation)
    if shape.generation != "7" or layers < old.shape.layers or width < old.shape.width:
        raise ValueError(f"cannot grow {old.shape} into {shape}")
    torch.manual_seed(seed)
    trunk, larger_gate = Trunk(shape), Gate(width)
    wider = width > old.shape.width
    for block, (layer, added) in zip(trunk.blocks, origins(old.shape.layers, layers)):
        _widen_block(block, old.blocks[layer], added)
    _widen_norm(trunk.ln_out, old.ln_out)
    if wider:
        _widen_embedding(trunk, old)
        torch.nn.init.normal_(trunk.head.weight, std=0.25 * float(old.head.weight.std()))
    else:
        trunk.emb.load_state_dict(old.emb.state_dict())
        trunk.blocks[0].ln0.load_state_dict(old.blocks[0].ln0.state_dict())
    _put(trunk.head.weight, old.head.weight)
    for name, parameter in larger_gate.named_parameters():
        if name == "weight":
            parameter.zero_()
        _put(parameter, gate.get_parameter(name))
    return trunk, larger_gate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="start", type=Path, required=True, help="exported weights")
    parser.add_argument("--layers", type=int, required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    shape = export.shape_of(options.start)
    trunk, gate = Trunk(shape), Gate(shape.width)
    export.load(options.start, trunk, gate)
    grown, larger_gate = grow(trunk, gate, options.layers, options.width, options.seed)
    facts = json.loads((options.start / "training.json").read_text())
    grown_from = [*facts.get("grown_from", []), {"layers": shape.layers, "width": shape.width, "tokens": facts.get("tokens", 0)}]
    export.export(options.out, grown, larger_gate, {**facts, "layers": options.layers, "width": options.width, "grown_from": grown_from})
    print(f"{shape.layers} x {shape.width} -> {options.layers} x {options.width}, {sum(p.numel() for p in grown.parameters())} parameters")


if __name__ == "__main__":
    main()
