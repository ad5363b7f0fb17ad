"""Compiles the C++ kernels at first use and loads them."""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path

import torch  # noqa: F401  its OpenMP runtime must be loaded before ours asks for one

SOURCES = Path(__file__).with_name("kernels")
FLAGS = ["-O3", "-march=native", "-ffp-contract=fast", "-fno-math-errno", "-std=c++17", "-fopenmp", "-fPIC", "-shared"]


def cache_folder() -> Path:
    """Where everything that is not source lives; RWKV_TRAINING_CACHE moves it."""
    return Path(os.environ.get("RWKV_TRAINING_CACHE", Path.home() / ".cache" / "rwkv-training"))


@cache
def library() -> ctypes.CDLL:
    sources = sorted(SOURCES.glob("*.cpp"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources) + " ".join(FLAGS).encode()).hexdigest()[:16]
    target = cache_folder() / "build" / f"kernels-{digest}.so"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_suffix(f".{os.getpid()}.tmp")
        subprocess.run(["g++", *FLAGS, *map(str, sources), "-o", str(temporary)], check=True)
        os.replace(temporary, target)
    return ctypes.CDLL(str(target))


def call(name: str, *arguments: object) -> None:
    """Calls a kernel; tensors and arrays go as pointers, ints as int64."""
    converted: list[object] = []
    for value in arguments:
        if isinstance(value, torch.Tensor):
            assert value.is_contiguous()
            converted.append(ctypes.c_void_p(value.data_ptr()))
        elif isinstance(value, int):
            converted.append(ctypes.c_int64(value))
        elif value is None:
            converted.append(ctypes.c_void_p(None))
        else:
            converted.append(value)
    getattr(library(), name)(*converted)
