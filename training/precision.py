"""The precision of a training step's matrix products; evaluation and export stay in single precision."""

from __future__ import annotations

import torch


def halved(device: torch.device) -> torch.autocast:
    """Products in bf16 where the device multiplies it itself (elsewhere it is emulated and slower), sums in single."""
    own = device.type != "cpu" or torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.autocast(device.type, torch.bfloat16, enabled=own)
