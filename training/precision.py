"""The precision of a training step's matrix products; evaluation and export stay in single precision."""

from __future__ import annotations

import torch


def multiplies_bf16(device: torch.device) -> bool:
    """Whether it does so itself; elsewhere bf16 is emulated, and slower than single precision."""
    return device.type != "cpu" or torch.cpu.get_capabilities().get("avx512_bf16", False)


def halved(device: torch.device) -> torch.autocast:
    """Products in bf16 where that is faster; what is summed and kept stays in single precision."""
    return torch.autocast(device.type, torch.bfloat16, enabled=multiplies_bf16(device))
