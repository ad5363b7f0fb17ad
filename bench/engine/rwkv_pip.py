"""The `rwkv` pip package (BlinkDL/ChatRWKV) behind the same protocol as worker.ts, fp32 on the CPU."""

import json
import os
import resource
import sys
import time


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


baseline = resident() if os.path.exists("/proc/self/statm") else 0
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # the package prints

os.environ["RWKV_V7_ON"] = "1"
os.environ["RWKV_JIT_ON"] = "1"
os.environ["RWKV_CUDA_ON"] = "0"
import torch
from rwkv.model import RWKV

LEAST = 0.25
model = state = logits = None


def waited():
    """Seconds that threads have waited for a processor, as in sample.ts."""
    try:
        tasks = os.listdir("/proc/self/task")
        return sum(int(open(f"/proc/self/task/{task}/schedstat").read().split()[1]) for task in tasks) / 1e9
    except OSError:
        return 0.0


def some_tokens(count):
    return [300 + (i * 7919) % 3700 for i in range(count)]


def read(tokens):
    global state, logits
    logits, state = model.forward(tokens, None)
    return int(logits.argmax())


def append(token):
    global state, logits
    logits, state = model.forward([token], state)
    return int(logits.argmax())


def generate(count):
    for _ in range(count):
        append(int(logits.argmax()))


class Clock:
    def __init__(self):
        self.times, self.cpu, self.counted = [], 0.0, 0
        self.began, self.waited = time.perf_counter(), waited()

    def once(self, units, call):
        cpu, started = time.process_time(), time.perf_counter()
        call()
        self.times.append((time.perf_counter() - started) / units)
        self.cpu += time.process_time() - cpu
        self.counted += units

    def repeated(self, units, call):
        started = time.perf_counter()
        while not self.times or time.perf_counter() - started < LEAST:
            self.once(units, call)

    def sample(self):
        times = sorted(self.times)
        middle = (times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2
        return {
            "ms": middle * 1e3,
            "cpuMs": self.cpu / self.counted * 1e3,
            "waitedShare": (waited() - self.waited) / (time.perf_counter() - self.began),
        }


def load(settings):
    global model
    model = None
    torch.set_num_threads(settings["threads"])
    model = RWKV(sys.argv[1].removesuffix(".pth"), "cpu fp32")


def answer(request):
    clock = Clock()
    if "memory" in request:
        return {"bytes": resident() - baseline}
    if "load" in request:
        clock.once(1, lambda: load(request["load"]))
        return clock.sample()
    task = request["task"]
    if task["kind"] == "read":
        tokens = some_tokens(task["tokens"])
        clock.repeated(1, lambda: read(tokens))
    elif task["kind"] == "append":
        read(some_tokens(256))
        for key in range(10):
            time.sleep(0.02)
            clock.once(1, lambda: append(300 + key))
    else:
        read(some_tokens(16))
        generate(8)
        clock.repeated(8, lambda: generate(8))
    return clock.sample()


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), file=answers, flush=True)
