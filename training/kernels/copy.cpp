// Copy candidates for every position of a document; `copying.py` says what they are.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {
constexpr int CAP = 32, VISITS = 64, FIRST_PLAIN = 8;

struct Candidate { int32_t token, length, count, recent; };

uint8_t length_bucket(int32_t l) {
  return l <= 8 ? l - 1 : l <= 12 ? 8 : l <= 16 ? 9 : l <= 24 ? 10 : 11;
}
}  // namespace

// h [n] -> tokens int32 [n, keep] (-1 = none), length and count buckets uint8 [n, keep].
extern "C" void copy_candidates(int64_t n, const int32_t* h, int32_t vocabulary, int32_t keep, int32_t* tokens, uint8_t* lengths, uint8_t* counts) {
  int bits = 10;
  while ((int64_t{1} << bits) < 2 * n) bits++;
  // Latest position for a token and for a hash of three tokens, and the chain to the one before.
  std::vector<int32_t> last1(vocabulary, -1), last3(size_t{1} << bits, -1), previous1(n, -1), previous3(n, -1);
  const auto slot = [&](int64_t t) {
    const uint64_t key = (static_cast<uint64_t>(h[t]) << 32) ^ (static_cast<uint64_t>(h[t - 1]) << 16) ^ h[t - 2];
    return static_cast<size_t>((key * 0x9E3779B97F4A7C15ull) >> (64 - bits));
  };
  const auto match = [&](int64_t j, int64_t t) {
    int32_t l = 0;
    while (l < CAP && l <= j && h[j - l] == h[t - l]) l++;
    return l;
  };
  Candidate found[2 * VISITS];
  for (int64_t t = 0; t < n; t++) {
    int size = 0;
    const auto add = [&](int64_t j, int32_t l) {
      const int32_t next = h[j + 1];
      if (next < FIRST_PLAIN) return;
      for (int i = 0; i < size; i++) {
        if (found[i].token != next) continue;
        found[i].count++;
        found[i].length = std::max(found[i].length, l);
        found[i].recent = std::max(found[i].recent, static_cast<int32_t>(j));
        return;
      }
      found[size++] = {next, l, 1, static_cast<int32_t>(j)};
    };
    if (t >= 2) {
      int visits = 0;
      for (int64_t j = last3[slot(t)]; j >= 0 && visits < VISITS; j = previous3[j]) {
        const int32_t l = match(j, t);
        if (l < 3) continue;  // another trigram in the same slot: no visit
        visits++;
        add(j, l);
      }
    }
    int visits = 0;
    for (int64_t j = last1[h[t]]; j >= 0 && visits < VISITS; j = previous1[j]) {
      visits++;
      const int32_t l = match(j, t);
      if (l < 3) add(j, l);
    }
    std::sort(found, found + size, [](const Candidate& a, const Candidate& b) {
      return a.length != b.length ? a.length > b.length : a.count != b.count ? a.count > b.count : a.recent > b.recent;
    });
    for (int i = 0; i < keep; i++) {
      const bool there = i < size;
      tokens[t * keep + i] = there ? found[i].token : -1;
      lengths[t * keep + i] = there ? length_bucket(found[i].length) : 0;
      counts[t * keep + i] = !there || found[i].count == 1 ? 0 : found[i].count == 2 ? 1 : found[i].count <= 4 ? 2 : 3;
    }
    previous1[t] = last1[h[t]];
    last1[h[t]] = t;
    if (t >= 2) {
      previous3[t] = last3[slot(t)];
      last3[slot(t)] = t;
    }
  }
}
