"""A folder as a few files of limited size, and back: a tar cut in shards, with checksums.

The manifest is written last, so shards without one are of a call that was cut off.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any, Mapping

from gpu.limits import LIMITS, Limits

MANIFEST = "manifest.json"


class Damaged(Exception):
    """What came back is not whole; the message says what is missing or wrong."""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def split(folder: Path, out: Path, facts: Mapping[str, Any], limits: Limits = LIMITS) -> None:
    """Fills `out` with the files of `folder`. ValueError where they cannot return in one call."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path, path.relative_to(folder), recursive=False)
    data = buffer.getvalue()
    parts = [data[i : i + limits.file] for i in range(0, len(data), limits.file)]
    names = [f"part-{i:02d}.bin" for i in range(len(parts))]
    entries = [{"name": name, "size": len(part), "sha256": sha256(part)} for name, part in zip(names, parts)]
    manifest = json.dumps({**facts, "sha256": sha256(data), "parts": entries}, indent=1).encode()
    if len(parts) + 1 > limits.files or len(data) + len(manifest) > limits.returned:
        raise ValueError(f"{len(parts) + 1} files, {len(data)} bytes: more than one call returns")
    out.mkdir(parents=True, exist_ok=True)
    for name, part in zip(names, parts):
        (out / name).write_bytes(part)
    (out / MANIFEST).write_bytes(manifest)


def read(folder: Path) -> dict[str, Any]:
    """The manifest. Damaged where there is none."""
    try:
        return json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as problem:
        raise Damaged(f"no manifest in {folder}: {problem}") from problem


def join(folder: Path, target: Path) -> dict[str, Any]:
    """Puts the files back into `target`, which is replaced whole; returns the manifest. Damaged if a byte is wrong."""
    manifest = read(folder)
    data = b""
    for entry in manifest["parts"]:
        try:
            part = (folder / entry["name"]).read_bytes()
        except OSError as problem:
            raise Damaged(f"{entry['name']} is missing") from problem
        if sha256(part) != entry["sha256"]:
            raise Damaged(f"{entry['name']} has {len(part)} bytes that are not the {entry['size']} written")
        data += part
    if sha256(data) != manifest["sha256"]:
        raise Damaged("the shards do not make the whole")
    aside = target.with_name(target.name + ".new")
    shutil.rmtree(aside, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        tar.extractall(aside, filter="data")
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)
    return manifest
