"""An average of the weights along a run at a constant rate, which is worth a part of a decay at no cost.

A moving average (arXiv 2306.03241 averages the latest checkpoints, which comes to the same): the noise of the single
steps goes, as it does when the rate comes down, and the run itself goes on as before.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

import torch
from torch import Tensor, nn

HORIZON = 500  # steps that the average looks back, in the long run


class Average:
    def __init__(self, parameters: list[nn.Parameter], horizon: int = HORIZON):
        self.parameters, self.horizon, self.steps = parameters, horizon, 0
        self.values = [p.detach().clone() for p in parameters]

    @torch.no_grad()
    def update(self) -> None:
        """At first the plain mean of what there is, or the start would weigh for hundreds of steps."""
        self.steps += 1
        torch._foreach_lerp_(self.values, [p.detach() for p in self.parameters], 1 / min(self.steps, self.horizon))

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The average in the network's place; the weights come back behind it."""
        own = [p.detach().clone() for p in self.parameters]
        self._put(self.values)
        try:
            yield
        finally:
            self._put(own)

    @torch.no_grad()
    def _put(self, values: list[Tensor]) -> None:
        for p, value in zip(self.parameters, values):
            p.copy_(value)

    def state_dict(self) -> dict[str, object]:
        return {"steps": self.steps, "values": self.values}

    @torch.no_grad()
    def load_state_dict(self, saved: dict[str, object]) -> None:
        self.steps = saved["steps"]
        for value, old in zip(self.values, saved["values"]):
            value.copy_(old)
