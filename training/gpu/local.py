"""What is done on the machine that has the repository: pack the corpus, say what to call next, put together what came back.

    .gpu/bundle/          the corpus, compressed, and the run's plan
    .gpu/checkpoint/   the last accepted checkpoint, in shards, as it is sent again
    .gpu/export/       half-precision weights of the last accepted slice, for `fit_gate.py`
    .gpu/accepted.json what came back whole
"""

from __future__ import annotations

import json
import lzma
import random
import secrets
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import checkpoint
import safetensors_file
from gpu import compressed, shards, stash
from gpu.limits import LIMITS, MIB, Limits, size

FOLDER = ".gpu"


def ignore(root: Path) -> None:
    """Keeps `.gpu` out of what git lists, in this clone alone."""
    exclude = root / stash.git(root, "rev-parse", "--git-path", "info/exclude").strip()
    exclude.parent.mkdir(parents=True, exist_ok=True)
    text = exclude.read_text() if exclude.exists() else ""
    if f"/{FOLDER}/" not in text.split():
        exclude.write_text(f"{text.rstrip()}\n/{FOLDER}/\n".lstrip())


def compress(corpus: Path, target: Path, limit: int) -> int:
    """`train.jsonl` into an .xz of at most `limit` bytes, whole projects left out at random until it fits.

    Returns how many bytes of text are in it.
    """
    lines = corpus.read_bytes().splitlines(keepends=True)
    projects = sorted({json.loads(line)["project"] for line in lines})
    random.Random(1).shuffle(projects)
    count = len(projects)
    while True:
        keep = set(projects[:count])
        text = b"".join(line for line in lines if json.loads(line)["project"] in keep)
        packed = lzma.compress(text, preset=6)
        if len(packed) <= limit or count == 1:
            target.write_bytes(packed)
            return len(text)
        count = max(1, min(count - 1, int(count * 0.97 * limit / len(packed))))


def pack(root: Path, corpus: Path, plan: dict[str, Any], limit: int, limits: Limits = LIMITS) -> None:
    """A new bundle, its training text at most `limit` bytes; what is left of an earlier run goes."""
    ignore(root)
    folder = root / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    bundle = folder / "bundle"
    bundle.mkdir(parents=True)
    kept = compress(corpus / "train.jsonl", bundle / "train.jsonl.xz", limit)
    (bundle / "validation.jsonl.xz").write_bytes(lzma.compress((corpus / "validation.jsonl").read_bytes(), preset=6))
    (bundle / "run.json").write_text(json.dumps({"id": secrets.token_hex(8), **plan, "limits": asdict(limits)}, indent=1) + "\n")
    (folder / "accepted.json").write_text("[]\n")
    whole = (corpus / "train.jsonl").stat().st_size
    print(f"{kept / 1e6:.0f} of {whole / 1e6:.0f} MB of training text; the bundle is {size(bundle) / MIB:.1f} MiB")


def accepted(root: Path) -> list[dict[str, Any]]:
    return json.loads((root / FOLDER / "accepted.json").read_text())


def next_calls(root: Path) -> list[dict[str, Any]]:
    """The calls that do the next slice: command, ignored paths to send along, bytes that travel.

    Where corpus and checkpoint do not fit into one call, a first one brings the corpus to a bare machine.
    ValueError where not even that fits.
    """
    plan = json.loads((root / FOLDER / "bundle" / "run.json").read_text())
    limits, done = Limits(**plan["limits"]), accepted(root)
    if done and done[-1]["kind"] == "export":
        return []
    tree = sum(bytes_ for bytes_ in ((root / name).stat().st_size for name in stash.travelling(root)) if bytes_ < stash.LARGE)
    carried = [f"{FOLDER}/{name}" for name in ("bundle", "checkpoint") if (root / FOLDER / name).exists()]
    seconds, decay = plan["slices"][min(len(done), len(plan["slices"]) - 1)]
    command = f'python3 training/gpu/gpu.py slice --seconds {seconds} --decay {decay} --out "$OUT"'

    def call(command: str, carry: list[str]) -> dict[str, Any]:
        sent = tree + sum(size(root / name) for name in carry)
        if sent > limits.sent:
            raise ValueError(f"{', '.join(carry)} and the tree are {sent / MIB:.1f} MiB, more than {limits.sent / MIB:.1f}")
        return {"command": command, "carry": carry, "sent": sent}

    try:
        return [call(command, carried)]
    except ValueError:
        if len(carried) == 1:
            raise
        return [call("python3 training/gpu/gpu.py stage", carried[:1]), call(command, carried[1:])]


def export(body: dict[str, Any], folder: Path) -> None:
    """The weights of a checkpoint as `export.py` writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, key, prefix in (("model", "trunk", ""), ("copy", "gate", "gate.")):
        safetensors_file.write(folder / f"{file}.safetensors", {prefix + name: value.half().numpy() for name, value in body[key].items()})


def join(root: Path, result: Path, run: Path | None = None) -> dict[str, Any]:
    """Accepts what a slice returned; with `run`, also as a checkpoint there that `train.py` goes on from.

    shards.Damaged, with nothing changed, if it isn't whole, isn't of this run or brings nothing new.
    """
    folder = root / FOLDER
    plan, before = json.loads((folder / "bundle" / "run.json").read_text()), accepted(root)
    manifest = shards.read(result)
    if manifest["id"] != plan["id"]:
        raise shards.Damaged("these are shards of another run")
    if before and manifest["steps"] <= before[-1]["steps"]:
        raise shards.Damaged(f"step {manifest['steps']} is no further than what is here")
    parcel = folder / "parcel"
    shards.join(result, parcel)
    if manifest["kind"] == "checkpoint":
        body = compressed.read(parcel / "compressed.safetensors")
        export(body, parcel)
        if run is not None:
            checkpoint.save(run, body["steps"], body)
        (parcel / "compressed.safetensors").unlink()
        again = folder / "checkpoint.new"
        shutil.rmtree(again, ignore_errors=True)
        again.mkdir()
        for name in (shards.MANIFEST, *(part["name"] for part in manifest["parts"])):
            shutil.copyfile(result / name, again / name)
        replace(folder / "checkpoint", again)
    replace(folder / "export", parcel)
    entry = {name: manifest[name] for name in ("kind", "steps")}
    (folder / "accepted.json").write_text(json.dumps([*before, entry]) + "\n")
    return entry


def replace(target: Path, source: Path) -> None:
    """Puts a whole folder in the place of another."""
    shutil.rmtree(target, ignore_errors=True)
    source.rename(target)
