"""Takes large tracked files out of the working tree for a while, and brings them back whatever happens.

They are renamed into the repository's own folder under the same relative names, so where each belongs is
written nowhere but in its place: `restore` needs no notes and can be run at any time, after a SIGKILL, too.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from gpu.limits import MIB

LARGE = MIB


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True).stdout


def _shelf(root: Path) -> Path:
    return Path(git(root, "rev-parse", "--absolute-git-dir").strip()) / "rwkv-stash"


def files(root: Path, *options: str) -> list[Path]:
    """Paths, relative to the root, that git lists and that are there."""
    names = git(root, "ls-files", "-z", *options).split("\0")
    return [Path(name) for name in names if name and (root / name).is_file()]


def travelling(root: Path) -> list[Path]:
    """What a call takes along without being told: tracked files, and others that are not ignored."""
    return files(root, "--cached", "--others", "--exclude-standard")


def restore(root: Path) -> list[Path]:
    """Brings back what is stashed; leaves a file on the shelf (and says so) if its place was taken meanwhile."""
    shelf = _shelf(root)
    back = []
    for stored in sorted(path for path in shelf.rglob("*") if path.is_file()):
        name = stored.relative_to(shelf)
        place = root / name
        if place.exists() and place.read_bytes() != stored.read_bytes():
            print(f"{name} is there again and differs from {stored}: not touched", flush=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(stored, place)
        back.append(name)
    for folder in sorted((path for path in [shelf, *shelf.rglob("*")] if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return back


@contextmanager
def stash(root: Path) -> Iterator[list[Path]]:
    """Within it, tracked files of a MiB or more are not in the tree; SIGINT and SIGTERM end it in order."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        restore(root)
        shelf, taken = _shelf(root), []
        for name in files(root):
            if (root / name).stat().st_size >= LARGE:
                (shelf / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(root / name, shelf / name)
                taken.append(name)
        yield taken
    finally:
        for number in numbers:  # a second Ctrl-C must not stop the way back
            signal.signal(number, signal.SIG_IGN)
        restore(root)
        for number, handler in before.items():
            signal.signal(number, handler)
