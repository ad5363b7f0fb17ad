"""RWKV-4 and RWKV-5.2 token by token in double precision, as `reference.py` has RWKV-7.

Follow the official recurrent forms, `att_one` and `att_one_v5_1` of the `rwkv`
package (BlinkDL/ChatRWKV, Apache-2.0). Sums of RWKV-4 are kept as they stand in the paper:
double precision has room for the keys of a test.
"""

from __future__ import annotations

import numpy as np

from reference import HEAD, Array, Recurrent, sigmoid


class Recurrent4(Recurrent):
    """State: per layer the last inputs of both mixes, and the sums a and b [2, D]."""

    @property
    def state_shape(self) -> tuple[int, ...]:
        return 2, self.width

    def _shifted(self, i: int, part: int, x: Array, shares: list[Array]) -> list[Array]:
        """x and the token before it, mixed once for each share of x."""
        before = self.shift[i, part].copy()
        self.shift[i, part] = x
        return [x * share + before * (1 - share) for share in shares]

    def _time_mix(self, i: int, x: Array, v_first: None) -> tuple[Array, None]:
        p = self._parameters(f"blocks.{i}.att.")
        xr, xk, xv = self._shifted(i, 0, x, [p["time_mix_" + name] for name in "rkv"])
        r, k, v = sigmoid(p["receptance.weight"] @ xr), p["key.weight"] @ xk, p["value.weight"] @ xv
        a, b = self.state[i]
        own = np.exp(p["time_first"] + k)
        y = (a + own * v) / (b + own)
        decay = np.exp(-np.exp(p["time_decay"]))
        self.state[i] = decay * a + np.exp(k) * v, decay * b + np.exp(k)
        return p["output.weight"] @ (r * y), None

    def _channel_mix(self, i: int, x: Array) -> Array:
        p = self._parameters(f"blocks.{i}.ffn.")
        xk, xr = self._shifted(i, 1, x, [p["time_mix_k"], p["time_mix_r"]])
        return sigmoid(p["receptance.weight"] @ xr) * (p["value.weight"] @ np.maximum(p["key.weight"] @ xk, 0) ** 2)


class Recurrent5(Recurrent4):
    """State: per layer the last inputs of both mixes, and S [H, 64 keys, 64 values]."""

    @property
    def state_shape(self) -> tuple[int, ...]:
        return self.heads, HEAD, HEAD

    def _time_mix(self, i: int, x: Array, v_first: None) -> tuple[Array, None]:
        p = self._parameters(f"blocks.{i}.att.")
        xr, xk, xv, xg = self._shifted(i, 0, x, [p["time_mix_" + name] for name in "rkvg"])
        r, k, v = ((p[name + ".weight"] @ u).reshape(self.heads, HEAD) for name, u in (("receptance", xr), ("key", xk), ("value", xv)))
        gate = p["gate.weight"] @ xg
        own = k[:, :, None] * v[:, None, :]
        y = (r[:, :, None] * (self.state[i] + p["time_faaaa"][:, :, None] * own)).sum(1)
        self.state[i] = np.exp(-np.exp(p["time_decay"]))[:, :, None] * self.state[i] + own
        y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 64e-5)
        y = y.reshape(-1) * p["ln_x.weight"] + p["ln_x.bias"]
        return p["output.weight"] @ (y * gate * sigmoid(gate)), None
