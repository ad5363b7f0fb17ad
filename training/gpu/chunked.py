"""The WKV-7 recurrence in matrix products, for devices that the C++ kernel does not run on.

A chunk of C tokens is done at once. Within it, with W_t = w_1 * ... * w_t (per key) and S the state
before the chunk, the recurrence S_t = S_{t-1} diag(w_t) + (S_{t-1} a_t) b_t^T + v_t k_t^T unrolls to

    S_t W_t^-1 = S + sum_{s <= t} u_s (b_s / W_s)^T + v_s (k_s / W_s)^T,    u_t = S_{t-1} a_t

so the u of a chunk solve a unit lower triangular system, in which S is the only unknown left:

    u_t = S a~_t + sum_{s < t} u_s (b~_s . a~_t) + v_s (k~_s . a~_t),   a~ = a W_{t-1},  b~ = b / W,  k~ = k / W

Solved for S's factor and for the rest at once, U = P S^T + Q, the chunk's end is S G + X with G [64, 64]
and X [64, 64] that do not depend on S. What is left in sequence is one product a chunk.

The form is the one of DeltaNet's chunkwise algorithm (arXiv 2406.06484) with RWKV-7's vectors.
The trunk's decays are at least exp(-exp(-0.5)) = 0.545, so 1 / W stays below 3e8 for C = 32 and float32
has room to spare: what would be large is masked, and what is kept is a ratio below one.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

HEAD = 64
CHUNK = 32


def wkv7(r: Tensor, w: Tensor, k: Tensor, v: Tensor, a: Tensor, b: Tensor, state: Tensor, reset: Tensor, chunk: int = CHUNK) -> tuple[Tensor, Tensor]:
    """r w k v a b [B, T, D], state [B, H, 64 values, 64 keys], reset [B, T], 1 where the state is cleared
    before the token. Returns (y [B, T, D], the state after the last token), in float32 at least.

    The state's gradient is cut, as in `wkv.wkv7`: chunks are trained with truncated backpropagation.
    """
    with torch.autocast(r.device.type, enabled=False):  # what is left of a decay in 8 bits would not do
        return _wkv7(r, w, k, v, a, b, state, reset, chunk)


def _wkv7(r: Tensor, w: Tensor, k: Tensor, v: Tensor, a: Tensor, b: Tensor, state: Tensor, reset: Tensor, chunk: int) -> tuple[Tensor, Tensor]:
    kind = torch.promote_types(r.dtype, torch.float32)
    streams, length, width = r.shape
    heads, pad = width // HEAD, -length % chunk
    n = (length + pad) // chunk

    def cut(x: Tensor, fill: float = 0.0) -> Tensor:
        """[B, T, D] -> [B, H, chunks, C, 64]; what is filled up at the end changes nothing."""
        return F.pad(x.to(kind), (0, 0, 0, pad), value=fill).view(streams, n, chunk, heads, HEAD).permute(0, 3, 1, 2, 4)

    log_w = cut(w, 1.0).log()
    r, k, v, a, b = (cut(x) for x in (r, k, v, a, b))
    grown = log_w.cumsum(-2)  # log W_t
    left = (grown[..., -1:, :] - grown).exp()  # W_C / W_t
    shrunk, before = (-grown).exp(), a * (grown - log_w).exp()
    now = r * grown.exp()

    # Documents that start within a chunk: a token sees those of its own document, and S only in the first.
    part = F.pad(reset, (0, pad)).view(streams, 1, n, chunk).long().cumsum(-1)
    same = part[..., :, None] == part[..., None, :]
    first = (part == 0).to(kind)[..., None]
    at_end = (part == part[..., -1:]).to(kind)[..., None]
    goes_on = (part[..., -1:] == 0).to(kind)[..., None]  # [B, 1, chunks, 1, 1]
    upto = torch.ones(chunk, chunk, dtype=torch.bool, device=r.device).tril()
    earlier, upto = same & upto.tril(-1), same & upto

    def pairs(x: Tensor, y: Tensor, mask: Tensor) -> Tensor:
        """[..., t, s]: x_t . (y_s / W_s) where `mask` allows it."""
        return (x @ (y * shrunk).mT).masked_fill(~mask, 0.0)

    one = torch.eye(chunk, dtype=kind, device=r.device)
    known = torch.cat([before * first, pairs(before, k, earlier) @ v], -1)
    p, q = torch.linalg.solve_triangular(one - pairs(before, b, earlier), known, upper=False, unitriangular=True).split(HEAD, -1)
    to_b, to_k = pairs(now, b, upto), pairs(now, k, upto)
    from_state = now * first + to_b @ p
    own = to_b @ q + to_k @ v
    b_end, k_end = b * left * at_end, k * left * at_end
    g = p.mT @ b_end + torch.diag_embed(left[..., 0, :] * log_w[..., 0, :].exp()) * goes_on
    x = q.mT @ b_end + v.mT @ k_end

    s, seen = state.detach().to(kind), []
    for change, gain in zip(g.unbind(2), x.unbind(2)):  # not g[:, :, i]: its gradient would be as large as g, n times
        seen.append(s)
        s = s @ change + gain
    y = own + from_state @ torch.stack(seen, 2).mT
    return y.permute(0, 2, 3, 1, 4).reshape(streams, n * chunk, width)[:, :length], s.detach()
