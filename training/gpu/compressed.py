"""A checkpoint of the trainer small enough to travel, and back.

| what | kept as |
| --- | --- |
| weights | half precision, as they ship |
| first moments (Muon's momentum, Adam's `exp_avg`) | 6-bit integers, one scale a row |
| second moments (`exp_avg_sq`) | float32's exponent and 4 bits of its fraction: they span its range, and a root is taken of them |
| the streams' states | left out: the documents under way go on from an empty one |
| everything else | exactly |

First moments are forgotten within a hundred steps and only turn a direction; rounding them costs less
than the step it happens at. Each byte plane is coded by its frequencies (Huffman), which takes a fifth off.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

import safetensors_file

LEVELS = 31  # 6 bits with the sign
SMALL = 4096  # tensors below are not worth rounding


def _squeeze(data: np.ndarray) -> np.ndarray:
    coder = zlib.compressobj(6, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
    return np.frombuffer(coder.compress(data.tobytes()) + coder.flush(), np.uint8)


def _planes(values: np.ndarray) -> list[np.ndarray]:
    """uint16 [...] -> its low bytes and its high bytes, coded each for itself."""
    pairs = values.reshape(-1).astype("<u2").view(np.uint8).reshape(-1, 2)
    return [_squeeze(pairs[:, i]) for i in range(2)]


def _unplanes(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    both = [np.frombuffer(zlib.decompress(plane.tobytes()), np.uint8) for plane in (low, high)]
    return np.ascontiguousarray(np.stack(both, 1)).view("<u2")[:, 0]


def _kind(path: tuple[Any, ...], value: Tensor) -> str:
    if path[0] == "state":
        return "dropped"
    if not value.is_floating_point() or value.numel() < SMALL:
        return "exact"
    if "exp_avg_sq" in path:
        return "float12"
    return "rows" if path[0] == "optimizer" else "half"


def _pack(kind: str, value: Tensor) -> list[np.ndarray]:
    array = value.detach().cpu().contiguous().numpy()
    if kind == "dropped":
        return []
    if kind == "exact":
        return [_squeeze(array)]
    if kind == "half":
        return _planes(array.astype(np.float16).view(np.uint16))
    if kind == "float12":  # positive, so the sign is free
        return _planes((array.view(np.uint32) + (1 << 18) >> 19).astype(np.uint16))
    scale = (np.abs(array).max(-1, keepdims=True) / LEVELS).astype(np.float32)
    rounded = np.rint(array / np.where(scale > 0, scale, 1)).astype(np.int8)
    return [_squeeze(rounded), _squeeze(scale)]


def _unpack(kind: str, shape: list[int], dtype: str, parts: list[np.ndarray]) -> Tensor:
    if kind == "dropped":
        return torch.empty(0)
    if kind == "half":
        return torch.from_numpy(_unplanes(*parts).view(np.float16).astype(np.float32).reshape(shape))
    if kind == "float12":
        return torch.from_numpy((_unplanes(*parts).astype(np.uint32) << 19).view(np.float32).reshape(shape))
    raw = [zlib.decompress(part.tobytes()) for part in parts]
    if kind == "exact":
        return torch.from_numpy(np.frombuffer(bytearray(raw[0]), dtype).reshape(shape))
    return torch.from_numpy(np.frombuffer(raw[0], np.int8).reshape(shape).astype(np.float32) * np.frombuffer(raw[1], np.float32).reshape(*shape[:-1], 1))


def write(path: Path, checkpoint: dict[str, Any]) -> None:
    tensors: dict[str, np.ndarray] = {}

    def note(value: Any, at: tuple[Any, ...]) -> Any:
        """`value` as JSON that tells a number from a string as key; its tensors go into the file."""
        if isinstance(value, Tensor):
            kind, name = _kind(at, value), "/".join(map(str, at))
            parts = _pack(kind, value)
            tensors.update({f"{name}#{i}": part for i, part in enumerate(parts)})
            dtype = str(value.dtype).removeprefix("torch.")
            return {"tensor": name, "kind": kind, "shape": list(value.shape), "dtype": dtype, "parts": len(parts)}
        if isinstance(value, dict):
            return {"dict": [[key, note(inner, (*at, key))] for key, inner in value.items()]}
        if isinstance(value, (list, tuple)):
            return [note(inner, (*at, i)) for i, inner in enumerate(value)]
        return value

    tree = note(checkpoint, ())
    text = np.frombuffer(zlib.compress(json.dumps(tree).encode()), np.uint8)
    safetensors_file.write(path, {"tree": text, **tensors})


def read(path: Path) -> dict[str, Any]:
    tensors = safetensors_file.read(path)

    def value_of(note: Any) -> Any:
        if isinstance(note, list):
            return [value_of(inner) for inner in note]
        if not isinstance(note, dict):
            return note
        if "dict" in note:
            return {key: value_of(inner) for key, inner in note["dict"]}
        return _unpack(note["kind"], note["shape"], note["dtype"], [tensors[f"{note['tensor']}#{i}"] for i in range(note["parts"])])

    return value_of(json.loads(zlib.decompress(tensors["tree"].tobytes())))
