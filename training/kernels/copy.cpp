// Copy candidates for every position of a document; `copying.py` says what they are.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {
constexpr int CAP = 32, VISITS = 64, FIRST_PLAIN = 8;

// `recent` is below 0 where the token follows in other texts alone.
struct Candidate { int32_t token, length, count; int64_t recent; };

// Places of a text by the three tokens that end there: the latest, and from each the one before.
class Trigrams {
 public:
  Trigrams(const int32_t* tokens, int64_t n) : tokens_(tokens), previous_(n, -1) {
    while ((int64_t{1} << bits_) < 2 * n) bits_++;
    last_.assign(size_t{1} << bits_, -1);
  }
  void add(int64_t t) {
    if (t < 2) return;
    int32_t& last = last_[slot(tokens_ + t)];
    previous_[t] = last;
    last = static_cast<int32_t>(t);
  }
  // Visits the latest places that end as `end` does, which must have two tokens before it that may be read.
  template <typename Match, typename Visit>
  void visit(const int32_t* end, Match match, Visit add) const {
    int visits = 0;
    for (int64_t j = last_[slot(end)]; j >= 0 && visits < VISITS; j = previous_[j]) {
      const int32_t l = match(j);
      if (l < 3) continue;  // another trigram in the same slot: no visit
      visits++;
      add(j, l);
    }
  }

 private:
  size_t slot(const int32_t* end) const {
    const uint64_t key = (static_cast<uint64_t>(end[0]) << 32) ^ (static_cast<uint64_t>(end[-1]) << 16) ^ end[-2];
    return static_cast<size_t>((key * 0x9E3779B97F4A7C15ull) >> (64 - bits_));
  }

  const int32_t* tokens_;
  int bits_ = 10;
  std::vector<int32_t> last_, previous_;
};

uint8_t length_bucket(int32_t l) {
  return l <= 8 ? l - 1 : l <= 12 ? 8 : l <= 16 ? 9 : l <= 24 ? 10 : 11;
}
}  // namespace

// h [n] -> tokens int32 [n, keep] (-1 = none), length and count buckets uint8 [n, keep], and whether a token follows in other
// texts alone, uint8 [n, keep].
// `others` are further texts one behind the other, the nearest first, each up to one of `ends` [files]; in them only
// matches of three tokens and more count.
extern "C" void copy_candidates(int64_t n, const int32_t* h, int64_t files, const int32_t* others, const int64_t* ends, int32_t vocabulary,
                                int32_t keep, int32_t* tokens, uint8_t* lengths, uint8_t* counts, uint8_t* elsewhere) {
  std::vector<int32_t> last1(vocabulary, -1), previous1(n, -1);
  Trigrams own(h, n);
  std::vector<Trigrams> far;
  for (int64_t f = 0, start = 0; f < files; start = ends[f++]) {
    far.emplace_back(others + start, ends[f] - start);
    for (int64_t j = 0; j + 1 < ends[f] - start; j++) far.back().add(j);  // nothing follows the last token
  }
  std::vector<Candidate> found((files + 2) * VISITS);
  for (int64_t t = 0; t < n; t++) {
    int size = 0;
    const auto match = [&](const int32_t* text, int64_t j) {
      int32_t l = 0;
      while (l < CAP && l <= j && l <= t && text[j - l] == h[t - l]) l++;
      return l;
    };
    const auto add = [&](int32_t next, int32_t l, int64_t recent) {
      if (next < FIRST_PLAIN) return;
      for (int i = 0; i < size; i++) {
        if (found[i].token != next) continue;
        found[i].count++;
        found[i].length = std::max(found[i].length, l);
        found[i].recent = std::max(found[i].recent, recent);
        return;
      }
      found[size++] = {next, l, 1, recent};
    };
    if (t >= 2) {
      own.visit(h + t, [&](int64_t j) { return match(h, j); }, [&](int64_t j, int32_t l) { add(h[j + 1], l, j); });
      for (int64_t f = 0, start = 0; f < files; start = ends[f++]) {
        const int32_t* text = others + start;
        far[f].visit(h + t, [&](int64_t j) { return match(text, j); }, [&](int64_t j, int32_t l) { add(text[j + 1], l, j - ((f + 1) << 32)); });
      }
    }
    int visits = 0;
    for (int64_t j = last1[h[t]]; j >= 0 && visits < VISITS; j = previous1[j]) {
      visits++;
      const int32_t l = match(h, j);
      if (l < 3) add(h[j + 1], l, j);
    }
    std::sort(found.begin(), found.begin() + size, [](const Candidate& a, const Candidate& b) {
      return a.length != b.length ? a.length > b.length : a.count != b.count ? a.count > b.count : a.recent > b.recent;
    });
    for (int i = 0; i < keep; i++) {
      const bool there = i < size;
      tokens[t * keep + i] = there ? found[i].token : -1;
      elsewhere[t * keep + i] = there && found[i].recent < 0;
      lengths[t * keep + i] = there ? length_bucket(found[i].length) : 0;
      counts[t * keep + i] = !there || found[i].count == 1 ? 0 : found[i].count == 2 ? 1 : found[i].count <= 4 ? 2 : 3;
    }
    previous1[t] = last1[h[t]];
    last1[h[t]] = static_cast<int32_t>(t);
    own.add(t);
  }
}
