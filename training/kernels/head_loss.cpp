// Loss of the mixture of the model's softmax and the copy candidates, and its
// gradients, one row (token) at a time while the row is in cache.
//
//   s_i = base_i + alpha * log p(c_i),   weights = softmax([0, s_1 .. s_n])
//   loss = -log(weights_0 p(target) + sum of weights_i where c_i = target)
//
// The logits are replaced by their gradient. They may be single precision or bf16;
// all that is computed from them is single precision or better.
#include <cmath>
#include <cstdint>
#include <cstring>

namespace {

typedef float Vec __attribute__((vector_size(32)));
typedef int32_t Int __attribute__((vector_size(32)));
typedef uint32_t Bits __attribute__((vector_size(32)));
typedef uint16_t Bf16s __attribute__((vector_size(16)));

inline Vec load(const float* p) { Vec v; memcpy(&v, p, sizeof v); return v; }
inline void store(float* p, Vec v) { memcpy(p, &v, sizeof v); }

// bf16 is the upper half of a float; rounded to nearest, ties to even. There are no NaNs here.
template <typename Bits32>
inline Bits32 upper_half(Bits32 bits) { return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16; }
inline Vec load(const uint16_t* p) {
  Bf16s upper;
  memcpy(&upper, p, sizeof upper);
  const Bits bits = __builtin_convertvector(upper, Bits) << 16;
  Vec v;
  memcpy(&v, &bits, sizeof v);
  return v;
}
inline void store(uint16_t* p, Vec v) {
  Bits bits;
  memcpy(&bits, &v, sizeof bits);
  const Bf16s upper = __builtin_convertvector(upper_half(bits), Bf16s);
  memcpy(p, &upper, sizeof upper);
}
inline float get(const float* p) { return *p; }
inline float get(const uint16_t* p) {
  const uint32_t bits = static_cast<uint32_t>(*p) << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
inline void add(float* p, float x) { *p += x; }
inline void add(uint16_t* p, float x) {
  x += get(p);
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  *p = static_cast<uint16_t>(upper_half(bits));
}
inline Vec all(float x) { return Vec{x, x, x, x, x, x, x, x}; }

// exp for x <= 0 to about 2e-7 relative: 2^n times a polynomial on [-ln2/2, ln2/2] (Cephes expf).
inline Vec exp8(Vec x) {
  x = x > -87.0f ? x : all(-87.0f);
  const Vec shift = all(12582912.0f);  // 1.5 * 2^23 rounds to the nearest integer
  const Vec n = (x * 1.44269504f + shift) - shift;
  const Vec r = x - n * 0.693359375f + n * 2.12194440e-4f;
  Vec p = all(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  Int e = (__builtin_convertvector(n, Int) + 127) << 23;
  Vec scale;
  memcpy(&scale, &e, sizeof scale);
  return p * scale;
}

template <typename Number>
void losses(int64_t rows, int64_t V, Number* logits, const int32_t* target, const int32_t* candidates,
            const float* base, float alpha, const float* weight, int32_t with_gradient,
            float* loss, float* plain, float* dbase, float* dalpha) {
#pragma omp parallel for schedule(static)
  for (int64_t n = 0; n < rows; n++) {
    Number* l = logits + n * V;
    loss[n] = plain[n] = dalpha[n] = 0;
    for (int i = 0; i < 4; i++) dbase[n * 4 + i] = 0;
    if (target[n] < 0) {
      if (with_gradient) memset(l, 0, V * sizeof(Number));
      continue;
    }
    const int32_t t = target[n], *c = candidates + n * 4;
    const float lt = get(l + t);
    float lc[4];
    for (int i = 0; i < 4; i++) lc[i] = c[i] < 0 ? 0 : get(l + c[i]);
    Vec m8 = load(l);
    for (int64_t j = 8; j < V; j += 8) { const Vec x = load(l + j); m8 = x > m8 ? x : m8; }
    float m = m8[0];
    for (int i = 1; i < 8; i++) m = m8[i] > m ? m8[i] : m;
    Vec z8 = all(0);
    for (int64_t j = 0; j < V; j += 8) { const Vec e = exp8(load(l + j) - m); store(l + j, e); z8 += e; }
    double z = 0;
    for (int i = 0; i < 8; i++) z += z8[i];
    const float lse = m + static_cast<float>(std::log(z));
    const float logp = lt - lse;
    plain[n] = -logp;
    // Gate, in double: at most five numbers.
    double s[4], top = 0, sum = 0;
    for (int i = 0; i < 4; i++) {
      if (c[i] < 0) continue;
      s[i] = base[n * 4 + i] + static_cast<double>(alpha) * (lc[i] - lse);
      if (s[i] > top) top = s[i];
    }
    sum = std::exp(-top);
    for (int i = 0; i < 4; i++) if (c[i] >= 0) sum += std::exp(s[i] - top);
    const double logz = top + std::log(sum);
    const double made = -logz + logp;  // log of the share that the softmax gives
    double copied = -INFINITY;
    for (int i = 0; i < 4; i++) if (c[i] == t) copied = s[i] - logz;
    const double hi = made > copied ? made : copied;
    const double total = hi + std::log(std::exp(made - hi) + std::exp(copied - hi));
    loss[n] = static_cast<float>(-total);
    if (!with_gradient) continue;
    const double scale = weight[n];
    const double on_target = -std::exp(made - total);
    double on[4], all_on = on_target;
    for (int i = 0; i < 4; i++) {
      on[i] = 0;
      if (c[i] < 0) continue;
      const double ds = std::exp(s[i] - logz) - (c[i] == t ? std::exp(copied - total) : 0.0);
      dbase[n * 4 + i] = static_cast<float>(scale * ds);
      dalpha[n] += static_cast<float>(scale * ds * (lc[i] - lse));
      on[i] = alpha * ds;
      all_on += on[i];
    }
    const Vec f = all(static_cast<float>(-all_on * scale / z));
    for (int64_t j = 0; j < V; j += 8) store(l + j, load(l + j) * f);
    add(l + t, static_cast<float>(on_target * scale));
    for (int i = 0; i < 4; i++) if (c[i] >= 0) add(l + c[i], static_cast<float>(on[i] * scale));
  }
}

}  // namespace

// logits [rows, V] in and out (V a multiple of 8), bf16 if `half`; target [rows], negative = not scored;
// candidates [rows, 4], negative = none, distinct; base [rows, 4]; weight [rows] scales gradients.
// with_gradient = 0 leaves the logits as exponentials and fills the losses only.
extern "C" void head_loss(int64_t rows, int64_t V, int32_t half, void* logits, const int32_t* target, const int32_t* candidates,
                          const float* base, float alpha, const float* weight, int32_t with_gradient,
                          float* loss, float* plain, float* dbase, float* dalpha) {
  const auto run = [&](auto* numbers) {
    losses(rows, V, numbers, target, candidates, base, alpha, weight, with_gradient, loss, plain, dbase, dalpha);
  };
  if (half) run(static_cast<uint16_t*>(logits));
  else run(static_cast<float*>(logits));
}
