"""RWKV-7 token by token in double precision: slow, obvious, the yardstick for everything else.

Follows the official recurrent form (x070) of BlinkDL's `rwkv_v7_demo.py` /
`rwkv_v7_numpy.py`: https://github.com/BlinkDL/RWKV-LM/tree/main/RWKV-v7
Takes weights by their official names; works on one token and one state.
"""

from __future__ import annotations

from typing import Mapping

import numpy as np

Array = np.ndarray
HEAD = 64


def sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))


def layer_norm(x: Array, weight: Array, bias: Array, eps: float = 1e-5) -> Array:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps) * weight + bias


class Recurrent:
    """State: per layer the last input of time mix [D], of channel mix [D], and S [H, 64 values, 64 keys]."""

    def __init__(self, weights: Mapping[str, Array]):
        self.w = {name: value.astype(np.float64).squeeze() if value.ndim == 3 else value.astype(np.float64) for name, value in weights.items()}
        self.layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
        self.width = weights["emb.weight"].shape[1]
        self.heads = self.width // HEAD
        self.reset()

    def reset(self) -> None:
        self.shift = np.zeros((self.layers, 2, self.width))
        self.state = np.zeros((self.layers, *self.state_shape))

    @property
    def state_shape(self) -> tuple[int, ...]:
        return self.heads, HEAD, HEAD

    def step(self, token: int) -> tuple[Array, Array]:
        """Returns (hidden [D] = output of ln_out, logits [V])."""
        w = self.w
        x = w["emb.weight"][token]
        x = layer_norm(x, w["blocks.0.ln0.weight"], w["blocks.0.ln0.bias"])
        v_first: Array | None = None
        for i in range(self.layers):
            p = f"blocks.{i}."
            y = layer_norm(x, w[p + "ln1.weight"], w[p + "ln1.bias"])
            out, v_first = self._time_mix(i, y, v_first)
            x = x + out
            y = layer_norm(x, w[p + "ln2.weight"], w[p + "ln2.bias"])
            x = x + self._channel_mix(i, y)
        hidden = layer_norm(x, w["ln_out.weight"], w["ln_out.bias"])
        return hidden, w["head.weight"] @ hidden

    def _parameters(self, prefix: str) -> dict[str, Array]:
        return {name.removeprefix(prefix): value for name, value in self.w.items() if name.startswith(prefix)}

    def _channel_mix(self, i: int, x: Array) -> Array:
        p = self._parameters(f"blocks.{i}.ffn.")
        mixed = x + (self.shift[i, 1] - x) * p["x_k"]
        self.shift[i, 1] = x
        return p["value.weight"] @ np.maximum(p["key.weight"] @ mixed, 0) ** 2

    def _time_mix(self, i: int, x: Array, v_first: Array | None) -> tuple[Array, Array]:
        heads = (self.heads, HEAD)
        p = self._parameters(f"blocks.{i}.att.")
        xx = self.shift[i, 0] - x
        self.shift[i, 0] = x
        xr, xw, xk, xv, xa, xg = (x + xx * p["x_" + name] for name in "rwkvag")
        r = p["receptance.weight"] @ xr
        decay = np.exp(-0.606531 * sigmoid(p["w0"] + np.tanh(xw @ p["w1"]) @ p["w2"]))  # 0.606531 = exp(-0.5)
        k = p["key.weight"] @ xk
        v = p["value.weight"] @ xv
        if v_first is None:
            v_first = v
        else:
            v = v + (v_first - v) * sigmoid(p["v0"] + xv @ p["v1"] @ p["v2"])
        a = sigmoid(p["a0"] + xa @ p["a1"] @ p["a2"])
        g = sigmoid(xg @ p["g1"]) @ p["g2"]
        kk = (k * p["k_k"]).reshape(heads)
        kk = kk / np.maximum(np.linalg.norm(kk, axis=-1, keepdims=True), 1e-12)
        k = k * (1 + (a - 1) * p["k_a"])
        r, decay, k, v, a = (u.reshape(heads) for u in (r, decay, k, v, a))
        s = self.state[i]
        s = s * decay[:, None, :] + (s @ -kk[:, :, None]) * (kk * a)[:, None, :] + v[:, :, None] * k[:, None, :]
        self.state[i] = s
        y = (s @ r[:, :, None])[:, :, 0]
        y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 64e-5)
        y = y.reshape(-1) * p["ln_x.weight"] + p["ln_x.bias"]
        y = y + ((r * k * p["r_k"]).sum(-1, keepdims=True) * v).reshape(-1)
        return p["output.weight"] @ (y * g), v_first
