"""What a call on the GPU machine may bring, last and return."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    sent: int = 64 * MIB  # the working tree and what is named beside it
    seconds: float = 600.0
    files: int = 8
    file: int = 16 * MIB
    returned: int = 64 * MIB


LIMITS = Limits()


def size(folder: Path) -> int:
    """Bytes of the files below a folder, 0 where there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
