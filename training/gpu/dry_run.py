"""The whole procedure on the CPU, as the commands of README.md, with a tiny model and the limits in small.

What can go wrong on the day goes wrong here: a machine that is lost in the middle of a slice, a bare one
that corpus and checkpoint do not reach in one call, a shard that comes back damaged, an interrupt.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gpu import local, shards, stash
from gpu.limits import MIB, Limits, size

SCALE = 13  # sizes; the corpus is cut to fit
TRAIN = "--layers 2 --width 64 --streams 4 --length 128 --warmup 5 --eager --threads 1 --save-every 0.2 --log-every 5 --validation-files 8 --validation-tokens 256"


class Machine:
    """Bare at first and after `lose`; each call gets a fresh copy of the tree and an empty folder for results."""

    def __init__(self, folder: Path, limits: Limits):
        self.folder, self.limits, self.calls = folder, limits, 0
        self.lose()

    def lose(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "home").mkdir(parents=True)

    def call(self, root: Path, command: str, carry: list[str], dies_after: float | None = None) -> Path | None:
        """The folder of what came back; None where the machine was lost. AssertionError over a limit."""
        self.calls += 1
        tree, out = self.folder / "tree", self.folder / "out"
        for path in (tree, out):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
        names = stash.travelling(root) + [path.relative_to(root) for item in carry for path in sorted((root / item).rglob("*")) if path.is_file()]
        for name in names:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, tree / name)
        assert size(tree) <= self.limits.sent, f"{size(tree)} bytes sent"
        print(f"\n== call {self.calls}: {command}\n   {size(tree) / MIB:.2f} of {self.limits.sent / MIB:.2f} MiB sent, {', '.join(carry) or 'nothing'} beside the tree", flush=True)
        process = subprocess.Popen(command.replace("python3", sys.executable), shell=True, cwd=tree, process_group=0, env={**os.environ, "HOME": str(self.folder / "home"), "OUT": str(out)})
        begin = time.monotonic()
        try:
            status = process.wait(dies_after or self.limits.seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if dies_after is not None:
                print(f"   the machine is lost after {dies_after:.0f} s", flush=True)
                self.lose()
                return None
            raise AssertionError("the command ran past its limit") from None
        found = [path for path in out.rglob("*") if path.is_file()]
        assert status == 0, f"status {status}"
        assert len(found) <= self.limits.files and size(out) <= self.limits.returned and all(path.stat().st_size <= self.limits.file for path in found)
        print(f"   {time.monotonic() - begin:.0f} of {self.limits.seconds:.0f} s; {len(found)} files, {size(out) / MIB:.2f} MiB come back", flush=True)
        back = self.folder.parent / f"back-{self.calls}"
        return Path(shutil.copytree(out, back))


def small_corpus(corpus: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for name, count in (("train", 2000), ("validation", 60), ("test", 60)):
        lines = (corpus / f"{name}.jsonl").read_bytes().splitlines(keepends=True)
        (target / f"{name}.jsonl").write_bytes(b"".join(line for line in lines[:: max(1, len(lines) // count)] if len(line) < 20000))


def clone(root: Path, target: Path) -> None:
    """A checkout of its own with what the working tree holds now, so that nothing of the real one moves."""
    subprocess.run(["git", "clone", "-q", "--shared", str(root), str(target)], check=True)
    for name in stash.travelling(root):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target / name)


def run(root: Path, corpus: Path, seconds: float, keep: Path | None) -> None:
    """`seconds` stand for the ten minutes of a call. AssertionError where something is not as it has to be."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        _rehearse(root, corpus, seconds, folder)
    print(f"\nrehearsed in {time.monotonic() - begin:.0f} s: all slices came back, the export is read by fit_gate.py, the tree is as it was")


def _rehearse(root: Path, corpus: Path, seconds: float, folder: Path) -> None:
    tree, small = folder / "checkout", folder / "corpus"
    clone(root, tree)
    small_corpus(corpus, small)
    before = stash.git(tree, "status", "--porcelain")

    def gpu(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "training/gpu/gpu.py", *arguments], cwd=tree)

    light = sum(bytes_ for bytes_ in ((tree / path).stat().st_size for path in stash.travelling(tree)) if bytes_ < stash.LARGE)
    full = Limits()
    limits = Limits(sent=light + (full.sent - light) // SCALE, seconds=seconds, file=full.file // SCALE, returned=full.returned // SCALE)
    each = seconds * 0.85
    plan = {"device": "cpu", "train": shlex.split(TRAIN), "slices": [[each, 0], [each, 0], [each, each / 8]], "reserve": each / 4, "startup": each / 4}
    local.pack(tree, small, plan, 2 * MIB, limits)

    keeper = subprocess.Popen([sys.executable, "training/gpu/gpu.py", "stash"], cwd=tree, stdout=subprocess.PIPE, text=True)
    assert keeper.stdout is not None
    print(keeper.stdout.readline().strip(), flush=True)
    try:
        machine = Machine(folder / "machine", limits)

        def do_next(dies_after: float | None = None, warm: bool = False) -> Path | None:
            back = None
            for call in local.next_calls(tree):
                if warm and call["command"].endswith("stage"):
                    continue  # the corpus is still there
                back = machine.call(tree, call["command"], [] if warm else call["carry"], dies_after if "slice" in call["command"] else None)
            return back

        first = do_next()
        assert first and gpu("join", str(first)).returncode == 0

        machine.lose()
        assert do_next(dies_after=seconds / 2) is None
        assert gpu("join", str(folder / "nothing")).returncode == 1
        assert len(local.next_calls(tree)) == 2, "corpus and checkpoint were to need a call each"

        second = do_next()
        assert second
        broken = Path(shutil.copytree(second, folder / "broken"))
        part = broken / shards.read(second)["parts"][0]["name"]
        part.write_bytes(part.read_bytes()[:-1])
        assert gpu("join", str(broken)).returncode == 1
        assert gpu("join", str(second), "--run", str(folder / "run")).returncode == 0

        for _ in range(3):  # a decay that a slow start left no time for is called again
            third = do_next(warm=True)
            assert third and gpu("join", str(third)).returncode == 0
            if local.next_calls(tree) == []:
                break
        assert local.accepted(tree)[-1]["kind"] == "export"
    finally:
        keeper.send_signal(signal.SIGINT)
        keeper.wait()
    assert stash.git(tree, "status", "--porcelain") == before, "the tree is not as it was"

    log = [line for line in (tree / ".gpu" / "export" / "log.csv").read_text().splitlines()[1:]]
    print("\nlog.csv of the run, from all slices:", *log, sep="\n  ", flush=True)
    training, tokenizer, export = tree / "training", tree / "training" / "tokenizer.json", tree / ".gpu" / "export"
    common = ["--corpus", str(small), "--tokenizer", str(tokenizer)]
    subprocess.run([sys.executable, str(training / "ngrams.py"), *common, "--out", str(folder / "ngrams.bin"), "--entries", "20000"], check=True)
    subprocess.run([sys.executable, str(training / "fit_gate.py"), *common, "--weights", str(export), "--ngrams", str(folder / "ngrams.bin"), "--out", str(folder / "fitted"), "--files", "20", "--test-files", "10", "--limit", "256", "--epochs", "1", "--threads", "1"], check=True)
    print(json.loads((folder / "fitted" / "training.json").read_text())["gate"])
