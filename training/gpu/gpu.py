"""Trains on a GPU machine that is reached a command at a time; README.md has the procedure.

Here:         pack, stash, next, join, restore, dry-run
Over there:   stage, slice
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from pathlib import Path

BEGIN = time.monotonic()  # loading PyTorch counts towards a call's limit
sys.path[0] = str(Path(__file__).resolve().parents[1])  # the trainer's folder; this one is the package `gpu` in it
ROOT = Path(__file__).resolve().parents[2]

from gpu import stash  # noqa: E402
from gpu.limits import LIMITS, MIB  # noqa: E402

TRAIN = "--device cuda --layers 8 --width 384 --streams 128 --length 512 --lr 4e-3 --warmup 200 --save-every 2 --evaluate-every 4"


def pack(options: argparse.Namespace) -> None:
    from gpu import local

    train = shlex.split(options.train)
    device = train[train.index("--device") + 1] if "--device" in train else "cpu"
    slices = [[float(number) for number in (pair.split(":") + ["0"])[:2]] for pair in options.slices.split(",")]
    plan = {"device": device, "train": train, "slices": slices, "reserve": options.reserve, "startup": options.startup}
    local.pack(ROOT, options.corpus, plan, int(options.limit * MIB))


def keep_stashed(options: argparse.Namespace) -> None:
    with stash.stash(ROOT) as taken:
        print(f"stashed for {options.minutes:g} minutes or until interrupted: {', '.join(map(str, taken))}", flush=True)
        time.sleep(options.minutes * 60)


def show_next(_options: argparse.Namespace) -> None:
    from gpu import local

    calls = local.next_calls(ROOT)
    for call in calls:
        print(f"{call['sent'] / MIB:.1f} of {LIMITS.sent / MIB:.0f} MiB\n  send along: {' '.join(call['carry'])}\n  command:    {call['command']}")
    if not calls:
        print(f"all slices are here: {ROOT / local.FOLDER / 'export'}")


def join(options: argparse.Namespace) -> int:
    from gpu import local
    from gpu.shards import Damaged

    try:
        print(json.dumps(local.join(ROOT, options.result, options.run)))
    except Damaged as problem:
        print(f"not accepted: {problem}\nnothing was changed; call the same slice again", file=sys.stderr)
        return 1
    return 0


def stage(_options: argparse.Namespace) -> None:
    from gpu import remote

    remote.take_in(ROOT / ".gpu")


def run_slice(options: argparse.Namespace) -> None:
    from gpu import remote

    remote.run_slice(ROOT / ".gpu", options.out, BEGIN + options.seconds, options.decay)


def dry_run_all(options: argparse.Namespace) -> None:
    from gpu import dry_run

    dry_run.run(ROOT, options.corpus, options.seconds, options.keep)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("pack", help="corpus and plan into .gpu/bundle; forgets an earlier run")
    command.add_argument("--corpus", type=Path, required=True)
    command.add_argument("--train", default=TRAIN, help="options of train.py (default: %(default)s)")
    command.add_argument("--slices", default="560,560,480:240", help="seconds of each call, and behind a colon those of its decay")
    command.add_argument("--limit", type=float, default=48, help="MiB of compressed training text")
    command.add_argument("--reserve", type=float, default=60, help="seconds kept for evaluating, saving and splitting")
    command.add_argument("--startup", type=float, default=60, help="seconds that the trainer takes to start")
    command.set_defaults(do=pack)

    command = commands.add_parser("stash", help="take large tracked files out of the tree until interrupted")
    command.add_argument("--minutes", type=float, default=40)
    command.set_defaults(do=keep_stashed)

    commands.add_parser("restore", help="bring back what an `stash` that was killed left").set_defaults(do=lambda _: print(*stash.restore(ROOT), sep="\n"))
    commands.add_parser("next", help="what to call next").set_defaults(do=show_next)

    command = commands.add_parser("join", help="accept what a slice returned")
    command.add_argument("result", type=Path)
    command.add_argument("--run", type=Path, help="also leave a checkpoint here for train.py")
    command.set_defaults(do=join)

    commands.add_parser("stage", help="over there: unpack what was sent").set_defaults(do=stage)

    command = commands.add_parser("slice", help="over there: train, hand out shards")
    command.add_argument("--out", type=Path, required=True)
    command.add_argument("--seconds", type=float, required=True, help="of the whole command")
    command.add_argument("--decay", type=float, default=0, help="seconds of it in which the rate comes down to zero")
    command.set_defaults(do=run_slice)

    command = commands.add_parser("dry-run", help="all of it on the CPU, with a tiny model, in minutes")
    command.add_argument("--corpus", type=Path, required=True)
    command.add_argument("--seconds", type=float, default=80, help="that stand for the ten minutes of a call: more on a busy machine")
    command.add_argument("--keep", type=Path, help="do it in this folder, and leave it")
    command.set_defaults(do=dry_run_all)

    options = parser.parse_args()
    return options.do(options) or 0


if __name__ == "__main__":
    sys.exit(main())
