"""Reads and writes safetensors files: 8-byte header length, JSON, raw data.

Source: https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Mapping

import numpy as np

_NAMES = {"float16": "F16", "float32": "F32", "float64": "F64", "int64": "I64", "uint8": "U8"}
_TYPES = {name: np.dtype(kind) for kind, name in _NAMES.items()}


def write(path: str | Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None) -> None:
    """Writes atomically: the file is either the old one or the whole new one."""
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    at = 0
    for name, value in tensors.items():
        header[name] = {
            "dtype": _NAMES[value.dtype.name],
            "shape": list(value.shape),
            "data_offsets": [at, at + value.nbytes],
        }
        at += value.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # keeps the data aligned
    temporary = Path(f"{path}.tmp")
    with open(temporary, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(np.ascontiguousarray(value).tobytes())
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def read(path: str | Path) -> dict[str, np.ndarray]:
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    tensors: dict[str, np.ndarray] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        raw = np.frombuffer(data, dtype=_TYPES[entry["dtype"]], count=-1 if end == start else (end - start) // _TYPES[entry["dtype"]].itemsize, offset=8 + length + start)
        tensors[name] = raw.reshape(entry["shape"])
    return tensors
