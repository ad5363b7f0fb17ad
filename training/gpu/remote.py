"""What runs on the GPU machine: take in what was sent, train until just before the limit, hand out shards.

The machine may be bare or hold what the call before left in its room; the trainer's own checkpoint there
is whole and wins over the one that travelled, if it is as far.
"""

from __future__ import annotations

import json
import lzma
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import checkpoint
from gpu import compressed, preflight, shards
from gpu.limits import Limits

TRAINING = Path(__file__).parents[1]


def room() -> Path:
    return Path.home() / ".cache" / "rwkv-gpu"


def take_in(sent: Path) -> dict[str, Any]:
    """Unpacks what `sent` holds of bundle and checkpoint; returns the run's plan. FileNotFoundError without a corpus."""
    here = room()
    bundle = sent / "bundle"
    if bundle.exists():
        text = (bundle / "run.json").read_text()
        if not (here / "run.json").exists() or (here / "run.json").read_text() != text:
            shutil.rmtree(here, ignore_errors=True)
            (here / "corpus").mkdir(parents=True)
            for packed in sorted(bundle.glob("*.xz")):
                with lzma.open(packed) as source, open(here / "corpus" / packed.stem, "wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
            (here / "run.json").write_text(text)  # last: a room without it is unpacked again
    if not (here / "run.json").exists():
        raise FileNotFoundError("the corpus is not here: send the bundle along, or first, in a call of its own")
    plan = json.loads((here / "run.json").read_text())
    if (sent / "checkpoint").exists():
        manifest = shards.join(sent / "checkpoint", here / "received")
        if manifest["id"] == plan["id"] and manifest["steps"] > steps_here():
            checkpoint.save(here / "run", manifest["steps"], compressed.read(here / "received" / "compressed.safetensors"))
            for log in (here / "received").glob("*.csv"):
                shutil.copy(log, here / "run")
    return plan


def steps_here() -> int:
    found = checkpoint.saved(room() / "run")
    return int(found[-1].stem.split("-")[1]) if found else 0


def train(plan: dict[str, Any], until: float, last: float, *more: str) -> None:
    """Runs the trainer; at `until` (monotonic seconds) it is asked to stop, at `last` it is killed."""
    here = room()
    command = [sys.executable, "-m", "train", "--corpus", str(here / "corpus"), "--tokenizer", str(TRAINING / "tokenizer.json"), "--run", str(here / "run")]
    command += [*plan["train"], *more]
    process = subprocess.Popen(command, cwd=TRAINING, env={**os.environ, "TORCHINDUCTOR_CACHE_DIR": str(here / "inductor")})
    try:
        process.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            process.wait(max(0.0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    print(f"trainer: status {process.returncode}", flush=True)


def run_slice(sent: Path, out: Path, deadline: float, decay: float) -> None:
    """One call: done by `deadline` (monotonic seconds), before it for `decay` seconds with the rate coming down to zero.

    Leaves a checkpoint in shards in `out`, or, with a decay, the weights that ship.
    RuntimeError where there is nothing to show for it.
    """
    plan = take_in(sent)
    here, begin = room(), steps_here()
    end = deadline - plan["reserve"]
    if begin == 0:
        preflight.check(plan["device"])
    until = end - decay - (plan["startup"] if decay else 0.0)
    if until - time.monotonic() > plan["startup"]:
        train(plan, until, deadline - decay - plan["reserve"] / 2, "--hours", "1", "--export", str(here / "export"))
    kind, steps = "checkpoint", steps_here()
    if decay:
        shutil.rmtree(here / "decayed", ignore_errors=True)
        train(plan, end, deadline - plan["reserve"] / 2, "--decay", str(decay / 60), "--export", str(here / "decayed"))
        if (here / "decayed" / "training.json").exists():
            kind, steps = "export", json.loads((here / "decayed" / "training.json").read_text())["steps"]
    if steps <= begin:
        raise RuntimeError("the trainer came no further; its output says why")
    hand_out(plan, out, kind, steps)


def hand_out(plan: dict[str, Any], out: Path, kind: str, steps: int) -> None:
    here = room()
    parcel = here / "parcel"
    shutil.rmtree(parcel, ignore_errors=True)
    if kind == "export":
        shutil.copytree(here / "decayed", parcel)
    else:
        parcel.mkdir()
        body = checkpoint.load_latest(here / "run")
        assert body is not None
        steps = body["steps"]
        compressed.write(parcel / "compressed.safetensors", body)
        if (here / "export" / "training.json").exists():
            shutil.copy(here / "export" / "training.json", parcel)
        shutil.copy(TRAINING / "tokenizer.json", parcel)
    for log in (here / "run").glob("*.csv"):
        shutil.copy(log, parcel)
    shards.split(parcel, out, {"id": plan["id"], "kind": kind, "steps": steps}, Limits(**plan["limits"]))
    print(f"{kind} at step {steps} handed out in shards", flush=True)
