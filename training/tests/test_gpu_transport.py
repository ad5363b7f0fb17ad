"""What travels to the GPU machine and back: shards, checkpoints, and the tree left as it was."""

import json
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
import export
from gpu import compressed, local, shards, stash
from gpu.limits import MIB, Limits
from model import Gate, Shape, Trunk
from optimizer import Optimizer

SMALL = Limits(sent=3 * MIB, files=5, file=100_000, returned=400_000)


def body(steps: int = 7) -> dict:
    """A checkpoint after two steps of an optimiser, with all that the trainer's has."""
    torch.manual_seed(steps)
    trunk, gate = Trunk(Shape(2, 64, 320)), Gate(64)
    named = [*trunk.named_parameters(), *gate.named_parameters()]
    optimizer = Optimizer(named, 1e-3)
    for _ in range(2):
        for _, p in named:
            p.grad = torch.randn_like(p) * torch.rand(p.shape[:-1]).unsqueeze(-1) if p.dim() else torch.randn_like(p)
        optimizer.step(1.0)
    return {
        "trunk": trunk.state_dict(), "gate": gate.state_dict(), "optimizer": optimizer.state_dict(),
        "state": {"shift": torch.randn(2, 2, 3, 64), "wkv": torch.randn(2, 3, 1, 64, 64)},
        "data": {"corpus": "c", "seed": 1, "epoch": 2, "dealt": 3, "streams": [(0, 1, 2), (0, 4, 5)]},
        "steps": steps, "tokens": 99, "seconds": 1.5, "random": torch.get_rng_state(), "shape": {"layers": 2, "width": 64, "vocabulary": 320},
    }  # fmt: skip


class InTemporaryFolder(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)


class Pieces(InTemporaryFolder):
    def setUp(self) -> None:
        super().setUp()
        (self.folder / "a" / "deep").mkdir(parents=True)
        torch.manual_seed(1)
        self.data = bytes(torch.randint(0, 256, (230_000,)).tolist())
        (self.folder / "a" / "deep" / "x").write_bytes(self.data)
        (self.folder / "a" / "y").write_text("y")
        self.out = self.folder / "out"

    def test_there_and_back(self) -> None:
        shards.split(self.folder / "a", self.out, {"steps": 3}, SMALL)
        self.assertEqual([path.stat().st_size <= SMALL.file for path in self.out.iterdir()], [True] * 4)
        (self.folder / "b").mkdir()
        (self.folder / "b" / "old").write_text("goes")
        self.assertEqual(shards.join(self.out, self.folder / "b")["steps"], 3)
        self.assertEqual(sorted(path.name for path in (self.folder / "b").rglob("*")), ["deep", "x", "y"])
        self.assertEqual((self.folder / "b" / "deep" / "x").read_bytes(), self.data)

    def test_what_is_damaged_is_refused_and_nothing_replaced(self) -> None:
        (self.folder / "b").mkdir()
        shards.split(self.folder / "a", self.out, {}, SMALL)
        part = self.out / "part-01.bin"
        whole = part.read_bytes()
        for damage in (lambda: part.write_bytes(whole[:-1]), lambda: part.write_bytes(b"\0" + whole[1:]), part.unlink):
            damage()
            with self.assertRaises(shards.Damaged):
                shards.join(self.out, self.folder / "b")
            part.write_bytes(whole)
        (self.out / shards.MANIFEST).unlink()
        with self.assertRaises(shards.Damaged):
            shards.join(self.out, self.folder / "b")
        self.assertEqual(list((self.folder / "b").iterdir()), [])

    def test_more_than_returns_is_not_written(self) -> None:
        (self.folder / "a" / "z").write_bytes(self.data)
        with self.assertRaises(ValueError):
            shards.split(self.folder / "a", self.out, {}, SMALL)
        self.assertFalse(self.out.exists())


class Compressed(InTemporaryFolder):
    def test_what_is_exact_and_what_is_close(self) -> None:
        saved = body()
        compressed.write(self.folder / "l", saved)
        back = compressed.read(self.folder / "l")
        for name, value in saved["trunk"].items():
            torch.testing.assert_close(back["trunk"][name], value.half().float() if value.numel() >= compressed.SMALL else value, rtol=0, atol=0)
        for ours, theirs in zip(back["optimizer"]["muon"], saved["optimizer"]["muon"]):
            self.assertTrue(((ours - theirs).abs() <= theirs.abs().amax(-1, keepdim=True) * (0.501 / compressed.LEVELS)).all())
        adam, adam2 = back["optimizer"]["adam"]["state"], saved["optimizer"]["adam"]["state"]
        self.assertEqual(adam.keys(), adam2.keys())
        for i in adam:
            torch.testing.assert_close(adam[i]["exp_avg_sq"], adam2[i]["exp_avg_sq"], rtol=2**-5, atol=0)
            self.assertEqual(adam[i]["step"], adam2[i]["step"])
        self.assertTrue(torch.equal(back["random"], saved["random"]))
        self.assertEqual(back["data"], {**saved["data"], "streams": [[0, 1, 2], [0, 4, 5]]})
        self.assertEqual({name: back[name] for name in ("steps", "tokens", "seconds", "shape")}, {name: saved[name] for name in ("steps", "tokens", "seconds", "shape")})
        self.assertEqual(back["state"]["wkv"].numel(), 0)

    def test_an_optimiser_goes_on_from_it(self) -> None:
        compressed.write(self.folder / "l", body())
        back = compressed.read(self.folder / "l")
        trunk, gate = Trunk(Shape(2, 64, 320)), Gate(64)
        named = [*trunk.named_parameters(), *gate.named_parameters()]
        optimizer = Optimizer(named, 1e-3)
        trunk.load_state_dict(back["trunk"])
        optimizer.load_state_dict(back["optimizer"])
        for _, p in named:
            p.grad = torch.ones_like(p)
        optimizer.step(1.0)
        self.assertTrue(all(bool(p.isfinite().all()) for _, p in named))

    def test_bytes_a_number(self) -> None:
        numbers = torch.randn(1000, 384)
        for saved, most in (
            ({"trunk": {"w": numbers}}, 1.8),
            ({"optimizer": {"muon": [numbers]}}, 0.7),
            ({"optimizer": {"adam": {"state": {0: {"exp_avg_sq": numbers**2}}}}}, 1.1),
        ):
            compressed.write(self.folder / "l", saved)
            self.assertLess((self.folder / "l").stat().st_size / numbers.numel(), most)


class Repository(InTemporaryFolder):
    def setUp(self) -> None:
        super().setUp()
        self.root = self.folder / "repository"
        (self.root / "media").mkdir(parents=True)
        (self.root / "media" / "weights").write_bytes(b"w" * MIB)
        (self.root / "small").write_text("s")
        git = ["git", "-C", str(self.root), "-c", "user.name=t", "-c", "user.email=t@example.org"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "files"]):
            subprocess.run([*git, *command], check=True)

    def status(self) -> str:
        return stash.git(self.root, "status", "--porcelain")

    def test_back_after_a_failure(self) -> None:
        with self.assertRaises(RuntimeError), stash.stash(self.root) as taken:
            self.assertEqual((taken, stash.travelling(self.root)), ([Path("media/weights")], [Path("small")]))
            raise RuntimeError
        self.assertEqual(self.status(), "")

    def test_back_after_a_signal_and_after_a_kill(self) -> None:
        script = f"import sys, time; sys.path.insert(0, {str(Path(__file__).parents[1])!r}); from pathlib import Path; from gpu import stash\nwith stash.stash(Path({str(self.root)!r})):\n print('away', flush=True); time.sleep(60)"
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
                assert process.stdout
                self.assertEqual(process.stdout.readline(), b"away\n")
                self.assertEqual(self.status(), " D media/weights\n")
                process.send_signal(number)
            if number == signal.SIGKILL:
                self.assertEqual(stash.restore(self.root), [Path("media/weights")])
            self.assertEqual(self.status(), "")

    def test_a_file_that_took_the_place_is_not_overwritten(self) -> None:
        with stash.stash(self.root):
            (self.root / "media" / "weights").write_text("newer")
        self.assertEqual((self.root / "media" / "weights").read_text(), "newer")

    def corpus(self) -> Path:
        corpus = self.folder / "corpus"
        corpus.mkdir()
        torch.manual_seed(4)
        for name in ("train", "validation"):
            lines = [json.dumps({"project": f"p{i % 5}", "path": "a.py", "language": "Python", "text": str(torch.rand(400).tolist())}) for i in range(50)]
            (corpus / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
        return corpus

    def pack(self, limit: int = 10 * MIB) -> str:
        local.pack(self.root, self.corpus(), {"slices": [[60.0, 0.0], [60.0, 20.0]]}, limit)
        return json.loads((self.root / ".gpu" / "bundle" / "run.json").read_text())["id"]

    def returned(self, name: str, identity: str, steps: int) -> Path:
        parcel, out = self.folder / f"parcel-{name}", self.folder / f"out-{name}"
        parcel.mkdir()
        compressed.write(parcel / "compressed.safetensors", body(steps))
        (parcel / "training.json").write_text("{}")
        shards.split(parcel, out, {"id": identity, "kind": "checkpoint", "steps": steps})
        return out

    def test_a_bag_keeps_whole_projects_within_its_limit(self) -> None:
        self.pack(50_000)
        packed = self.root / ".gpu" / "bundle" / "train.jsonl.xz"
        self.assertLessEqual(packed.stat().st_size, 50_000)
        lines = subprocess.run(["xz", "-dc", str(packed)], check=True, capture_output=True).stdout.splitlines()
        projects = [json.loads(line)["project"] for line in lines]
        self.assertTrue(projects and len(projects) == 10 * len(set(projects)) < 50)
        self.assertEqual(self.status(), "")  # .gpu is ignored

    def test_slices_follow_one_another(self) -> None:
        identity = self.pack()
        (call,) = local.next_calls(self.root)
        self.assertEqual((call["carry"], "--decay 0.0" in call["command"]), ([".gpu/bundle"], True))
        result = self.returned("one", identity, 7)
        self.assertEqual(local.join(self.root, result, self.folder / "run"), {"kind": "checkpoint", "steps": 7})
        self.assertEqual(export.shape_of(self.root / ".gpu" / "export"), Shape(2, 64, 320))
        trunk, gate = Trunk(Shape(2, 64, 320)), Gate(64)
        export.load(self.root / ".gpu" / "export", trunk, gate)
        self.assertTrue(torch.equal(trunk.head.weight, body(7)["trunk"]["head.weight"].half().float()))
        self.assertTrue((self.folder / "run" / "checkpoint-000000007.pt").exists())
        (call,) = local.next_calls(self.root)
        self.assertEqual((call["carry"], "--decay 20.0" in call["command"]), ([".gpu/bundle", ".gpu/checkpoint"], True))
        for other, what in ((result, "no further"), (self.returned("two", "another", 9), "another run")):
            with self.assertRaisesRegex(shards.Damaged, what):
                local.join(self.root, other)

    def test_two_calls_where_one_is_too_small(self) -> None:
        local.join(self.root, self.returned("one", self.pack(), 7))
        bundle, checkpoint = (local.size(self.root / ".gpu" / name) for name in ("bundle", "checkpoint"))
        self.send_at_most(max(bundle, checkpoint) + 100)
        first, second = local.next_calls(self.root)
        self.assertEqual((first["carry"], second["carry"]), ([".gpu/bundle"], [".gpu/checkpoint"]))
        self.assertAlmostEqual(first["sent"], bundle + 1, delta=100)  # and the small file of the tree
        self.send_at_most(min(bundle, checkpoint))
        with self.assertRaises(ValueError):
            local.next_calls(self.root)

    def send_at_most(self, limit: int) -> None:
        path = self.root / ".gpu" / "bundle" / "run.json"
        plan = json.loads(path.read_text())
        plan["limits"]["sent"] = limit
        path.write_text(json.dumps(plan))


if __name__ == "__main__":
    unittest.main()
