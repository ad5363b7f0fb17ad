"""Checkpoints that a kill at any moment leaves whole: written aside, synced, renamed; the last two are kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

KEEP = 2


def saved(folder: Path) -> list[Path]:
    """Oldest first."""
    return sorted(folder.glob("checkpoint-*.pt"))


def save(folder: Path, step: int, body: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"checkpoint-{step:09d}.pt"
    temporary = target.with_suffix(".tmp")
    with open(temporary, "wb") as file:
        torch.save(body, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, target)
    for old in saved(folder)[:-KEEP]:
        old.unlink()


def load_latest(folder: Path) -> dict[str, Any] | None:
    for path in reversed(saved(folder)):
        try:
            return torch.load(path, weights_only=True, map_location="cpu")
        except Exception as problem:  # a damaged file must not end a run that the one before can go on with
            print(f"{path.name}: {problem}; trying the one before", flush=True)
    return None
