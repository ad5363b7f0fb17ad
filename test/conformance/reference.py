"""Logits of the official `rwkv` package (PyPI; CPU, fp32), for `npm run conformance:reference`.

    python3 reference.py FOLDER GENERATION...

For each generation reads FOLDER/GENERATION.pth and FOLDER/tokens.json, saves the checkpoint again as
torch writes it, and leaves FOLDER/GENERATION.serial.bin and .sequence.bin: float32 logits after every
token, read one by one and in one call.
"""

import json
import os
import sys
from pathlib import Path


def main() -> None:
    folder, generations = Path(sys.argv[1]), sys.argv[2:]
    # The package looks at these when it is imported, so one process serves 4 to 6, or 7, or 7a.
    os.environ["RWKV_JIT_ON"] = "0"
    os.environ["RWKV_CUDA_ON"] = "0"
    if generations[0].startswith("7"):
        os.environ["RWKV_V7_ON"] = "1"
    if generations[0] == "7a":
        os.environ["RWKV_DE_VERSION"] = "1"
    import torch
    from rwkv.model import RWKV

    torch.set_grad_enabled(False)
    tokens = json.loads((folder / "tokens.json").read_text())
    for generation in generations:
        path = folder / f"{generation}.pth"
        torch.save(torch.load(path), path)
        model = RWKV(model=str(folder / generation), strategy="cpu fp32")

        state, serial = None, []
        for token in tokens:
            logits, state = model.forward([token], state)
            serial.append(logits.flatten())
        sequence, _ = model.forward(tokens, None, full_output=True)
        for name, logits in ("serial", torch.stack(serial)), ("sequence", sequence):
            values = logits.float().contiguous().numpy()
            (folder / f"{generation}.{name}.bin").write_bytes(values.tobytes())


main()
