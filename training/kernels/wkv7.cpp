// WKV-7 over a chunk, forward and backward, one thread a (stream, head).
//
//   S = S diag(w) + (S a) b^T + v k^T,   y = S r        (S: [64 values i, 64 keys j])
//
// All of r w k v a b y are [B, T, H, 64] float32. A token whose reset flag is
// set starts from S = 0. The forward pass keeps S before every 16th token; the
// backward pass recomputes the states in between. The rows of S do not depend
// on one another, so the backward pass takes them in two halves: what it works
// on then fits the first-level cache.
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int N = 64, LANES = 8, BLOCKS = N / LANES, EVERY = 16, HALF = N / 2;
typedef float Vec __attribute__((vector_size(32)));

inline Vec load(const float* p) { Vec v; memcpy(&v, p, sizeof v); return v; }
inline void store(float* p, Vec v) { memcpy(p, &v, sizeof v); }
inline Vec all(float x) { return Vec{x, x, x, x, x, x, x, x}; }
inline float sum(Vec v) {
  return ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]));
}

// Advances `rows` rows of `from` by one token into `to` (may be the same); fills sa = S a, and y unless null.
inline void step(int rows, const float* from, float* to, const float* r, const float* w, const float* k, const float* v,
          const float* a, const float* b, float* sa_out, float* y) {
  for (int i = 0; i < rows; i++) {
    Vec s[BLOCKS];
    Vec acc0 = all(0), acc1 = all(0);
    for (int j = 0; j < BLOCKS; j += 2) {
      s[j] = load(from + i * N + j * LANES);
      s[j + 1] = load(from + i * N + (j + 1) * LANES);
      acc0 += s[j] * load(a + j * LANES);
      acc1 += s[j + 1] * load(a + (j + 1) * LANES);
    }
    const float sa = sum(acc0 + acc1);
    sa_out[i] = sa;
    const Vec sav = all(sa), vv = all(v[i]);
    acc0 = all(0);
    acc1 = all(0);
    for (int j = 0; j < BLOCKS; j += 2) {
      s[j] = s[j] * load(w + j * LANES) + (sav * load(b + j * LANES) + vv * load(k + j * LANES));
      s[j + 1] = s[j + 1] * load(w + (j + 1) * LANES) + (sav * load(b + (j + 1) * LANES) + vv * load(k + (j + 1) * LANES));
      store(to + i * N + j * LANES, s[j]);
      store(to + i * N + (j + 1) * LANES, s[j + 1]);
      acc0 += s[j] * load(r + j * LANES);
      acc1 += s[j + 1] * load(r + (j + 1) * LANES);
    }
    if (y) y[i] = sum(acc0 + acc1);
  }
}

}  // namespace

// saved: [B, H, ceil(T / 16), 64, 64]
extern "C" void wkv7_forward(int64_t B, int64_t T, int64_t H, const float* r, const float* w, const float* k,
                             const float* v, const float* a, const float* b, const float* start,
                             const uint8_t* reset, float* y, float* end, float* saved) {
  const int64_t chunks = (T + EVERY - 1) / EVERY;
#pragma omp parallel for schedule(static)
  for (int64_t bh = 0; bh < B * H; bh++) {
    const int64_t stream = bh / H, head = bh % H;
    alignas(64) float S[N * N], sa[N];
    memcpy(S, start + bh * N * N, sizeof S);
    for (int64_t t = 0; t < T; t++) {
      if (saved && t % EVERY == 0) memcpy(saved + (bh * chunks + t / EVERY) * N * N, S, sizeof S);
      if (reset[stream * T + t]) memset(S, 0, sizeof S);
      const int64_t at = ((stream * T + t) * H + head) * N;
      step(N, S, S, r + at, w + at, k + at, v + at, a + at, b + at, sa, y + at);
    }
    memcpy(end + bh * N * N, S, sizeof S);
  }
}

extern "C" void wkv7_backward(int64_t B, int64_t T, int64_t H, const float* r, const float* w, const float* k,
                              const float* v, const float* a, const float* b, const uint8_t* reset,
                              const float* saved, const float* dy, float* dr, float* dw, float* dk, float* dv,
                              float* da, float* db) {
  const int64_t chunks = (T + EVERY - 1) / EVERY;
  constexpr int SIZE = HALF * N;  // floats of half a state
#pragma omp parallel
  {
    float* states = static_cast<float*>(aligned_alloc(64, (EVERY + 2) * SIZE * sizeof(float)));
    float* zero = states + (EVERY + 1) * SIZE;
    memset(zero, 0, SIZE * sizeof(float));
#pragma omp for schedule(static)
    for (int64_t bh = 0; bh < B * H; bh++) {
      const int64_t stream = bh / H, head = bh % H;
      for (int row = 0; row < N; row += HALF) {
        alignas(64) float dS[SIZE], sa[EVERY][HALF], dsa[HALF];
        memset(dS, 0, sizeof dS);
        for (int64_t c = chunks - 1; c >= 0; c--) {
          const int64_t t0 = c * EVERY, n = T - t0 < EVERY ? T - t0 : EVERY;
          memcpy(states, saved + ((bh * chunks + c) * N + row) * N, SIZE * sizeof(float));
          for (int64_t u = 0; u < n; u++) {
            const int64_t t = t0 + u, at = ((stream * T + t) * H + head) * N;
            const float* from = reset[stream * T + t] ? zero : states + u * SIZE;
            step(HALF, from, states + (u + 1) * SIZE, r + at, w + at, k + at, v + at + row, a + at, b + at, sa[u], nullptr);
          }
          for (int64_t u = n - 1; u >= 0; u--) {
            const int64_t t = t0 + u, at = ((stream * T + t) * H + head) * N;
            const bool cleared = reset[stream * T + t];
            const float* before = cleared ? zero : states + u * SIZE;
            const float* after = states + (u + 1) * SIZE;
            const float *dyt = dy + at + row, *vt = v + at + row;
            // dS becomes the gradient of the state after t; its row sums give dv and d(S a).
            for (int i = 0; i < HALF; i++) {
              const Vec dyi = all(dyt[i]);
              Vec with_k = all(0), with_b = all(0);
              for (int j = 0; j < BLOCKS; j++) {
                float* p = dS + i * N + j * LANES;
                const Vec d = load(p) + dyi * load(r + at + j * LANES);
                store(p, d);
                with_k += d * load(k + at + j * LANES);
                with_b += d * load(b + at + j * LANES);
              }
              dv[at + row + i] = sum(with_k);
              dsa[i] = sum(with_b);
            }
            // Column sums give the rest; dS then moves on to the state before t.
            for (int j = 0; j < BLOCKS; j++) {
              const int64_t o = at + j * LANES;
              const bool more = row > 0;
              Vec gr = more ? load(dr + o) : all(0), gw = more ? load(dw + o) : all(0), gk = more ? load(dk + o) : all(0);
              Vec gb = more ? load(db + o) : all(0), ga = more ? load(da + o) : all(0);
              const Vec wj = load(w + o), aj = load(a + o);
              for (int i = 0; i < HALF; i++) {
                const int e = i * N + j * LANES;
                const Vec d = load(dS + e), s = load(before + e), x = all(dsa[i]);
                gr += all(dyt[i]) * load(after + e);
                gw += d * s;
                gk += d * all(vt[i]);
                gb += d * all(sa[u][i]);
                ga += x * s;
                store(dS + e, d * wj + x * aj);
              }
              store(dr + o, gr);
              store(dw + o, gw);
              store(dk + o, gk);
              store(db + o, gb);
              store(da + o, ga);
            }
            if (cleared) memset(dS, 0, sizeof dS);
          }
        }
      }
    }
    free(states);
  }
}
