#include "dragoman/dense/ivf_pq_segment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "dense/all_finite.h"
#include "dense/ivf_pq_layout.h"
#include "dense/pq_kernels.h"
#include "dense/scan_kernels.h"
#include "dense/scored_passages.h"

namespace dragoman {
namespace {

/// Inner products of a query's parts with all codewords, in steps of `step` from the least of each part.
struct Tables {
  std::vector<std::uint8_t> bytes;  ///< [parts, 16].
  float step = 0, base = 0;         ///< A passage's score is base + step * sum.

  Tables(std::span<const float> query, std::span<const float> codebooks, std::size_t parts) : bytes(parts * 16) {
    std::vector<float> padded(parts * kPartDimensions), products(parts * 16), least(parts);
    std::ranges::copy(query, padded.begin());
    float widest = 0;
    for (std::size_t part = 0; part < parts; ++part) {
      float most = -std::numeric_limits<float>::infinity();
      least[part] = std::numeric_limits<float>::infinity();
      for (std::size_t code = 0; code < 16; ++code) {
        const float* word = codebooks.data() + (part * 16 + code) * kPartDimensions;
        float sum = 0;
        for (std::size_t i = 0; i < kPartDimensions; ++i) sum += word[i] * padded[part * kPartDimensions + i];
        products[part * 16 + code] = sum;
        least[part] = std::min(least[part], sum), most = std::max(most, sum);
      }
      widest = std::max(widest, most - least[part]);
      base += least[part];
    }
    // Sums stay below 2^16, however many parts there are.
    const float most_entry = std::min(255.0f, std::floor(65535.0f / static_cast<float>(parts)));
    step = widest / most_entry;
    const float inverse = step > 0 ? 1 / step : 0;
    for (std::size_t i = 0; i < products.size(); ++i) {
      bytes[i] =
          static_cast<std::uint8_t>(std::clamp((products[i] - least[i / 16]) * inverse + 0.5f, 0.0f, most_entry));
    }
  }
};

struct Candidate {
  float score;
  std::uint32_t passage;

  bool operator>(const Candidate& other) const {
    return score != other.score ? score > other.score : passage < other.passage;
  }
};

/// The best `count` of what is added, found by halving a buffer of twice as many.
class BestCandidates {
 public:
  explicit BestCandidates(std::size_t count) : count_(count) { all_.reserve(2 * count); }

  float least() const { return least_; }
  void add(const Candidate& candidate) {
    all_.push_back(candidate);
    if (all_.size() >= 2 * count_) cut();
  }
  std::vector<Candidate> take() {
    cut();
    std::ranges::sort(all_, std::greater{});
    return std::move(all_);
  }

 private:
  void cut() {
    if (all_.size() <= count_) return;
    const auto end = all_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::ranges::nth_element(all_, end - 1, std::greater{});
    all_.erase(end, all_.end());
    least_ = all_.back().score;
  }

  std::size_t count_;
  std::vector<Candidate> all_;
  float least_ = -std::numeric_limits<float>::infinity();
};

}  // namespace

IvfPqSegment::IvfPqSegment(const std::filesystem::path& path, std::string_view stamp, const DenseVectors& vectors)
    : DerivedSegment(path, "dense_ivfpq", stamp, vectors),
      dimension_(vectors.dimension()),
      parts_(parts_of(dimension_)),
      greatest_norm_(vectors.greatest_norm()),
      centers_(reader_.array<float>("centers")),
      codebooks_(reader_.array<float>("codebooks")),
      starts_(reader_.array<std::uint64_t>("starts")),
      passages_(reader_.array<std::uint32_t>("passages")),
      codes_(reader_.array<std::uint8_t>("codes")) {
  reader_.check(!starts_.empty() && starts_.front() == 0 && starts_.back() == run_.size &&
                std::ranges::is_sorted(starts_) && passages_.size() == run_.size &&
                centers_.size() == lists() * dimension_ &&
                (lists() == 0 || codebooks_.size() == parts_ * 16 * kPartDimensions) && all_finite(centers_) &&
                all_finite(codebooks_));
  for (std::size_t list = 0; list < lists(); ++list) {
    const auto center = centers_.subspan(list * dimension_, dimension_);
    half_norms_.push_back(inner_product(center, center) / 2);
  }
  std::size_t blocks = 0;
  for (std::size_t list = 0; list < lists(); ++list) {
    first_block_.push_back(blocks);
    blocks += (starts_[list + 1] - starts_[list] + kPqBlockRows - 1) / kPqBlockRows;
  }
  reader_.check(codes_.size() == blocks * parts_ * 16);
  std::vector<bool> seen(run_.size);
  for (const std::uint32_t passage : passages_) {
    reader_.check(passage < run_.size && !seen[passage]);
    seen[passage] = true;
  }
}

std::vector<std::uint32_t> IvfPqSegment::search(std::span<const float> query, std::size_t count, std::size_t nprobe,
                                                std::span<const std::uint8_t> allowed) const {
  if (lists() == 0 || count == 0) return {};
  std::vector<Candidate> centers(lists());
  std::vector<float> dots(kBlockRows);
  // Passages stand in the list of the center nearest to them, so what is nearest to the query is looked for: to the
  // query as long as the vectors are, since only its direction matters.
  const float scale = greatest_norm_ > 0 ? std::sqrt(inner_product(query, query)) / greatest_norm_ : 0;
  for (std::size_t first = 0; first < lists(); first += kBlockRows) {
    const std::size_t rows = std::min(kBlockRows, lists() - first);
    dot_f32(centers_.data() + first * dimension_, dimension_, rows, query.data(), 1, dots.data());
    for (std::size_t row = 0; row < rows; ++row) {
      centers[first + row] = {orderly(dots[row] - scale * half_norms_[first + row]),
                              static_cast<std::uint32_t>(first + row)};
    }
  }
  nprobe = std::min(nprobe, lists());
  std::ranges::partial_sort(centers, centers.begin() + static_cast<std::ptrdiff_t>(nprobe), std::greater{});

  const Tables tables(query, codebooks_, parts_);
  BestCandidates best(std::min(count, run_.size));
  std::uint16_t sums[kPqBlockRows];
  for (const Candidate& center : std::span(centers).first(nprobe)) {
    const auto list = passages_.subspan(starts_[center.passage], starts_[center.passage + 1] - starts_[center.passage]);
    const std::uint8_t* codes = codes_.data() + first_block_[center.passage] * parts_ * 16;
    const float base = center.score + scale * half_norms_[center.passage] + tables.base;
    for (std::size_t first = 0; first < list.size(); first += kPqBlockRows, codes += parts_ * 16) {
      sum_pq4(codes, tables.bytes.data(), parts_, sums);
      // Most blocks hold nothing that is good enough.
      if (base + tables.step * static_cast<float>(greatest_of(sums)) < best.least()) continue;
      const std::size_t rows = std::min(kPqBlockRows, list.size() - first);
      for (std::size_t row = 0; row < rows; ++row) {
        const float score = orderly(base + tables.step * static_cast<float>(sums[row]));
        if (score < best.least()) continue;
        const std::uint32_t passage = list[first + row];
        if (allowed.empty() || allowed[passage] != 0) best.add({score, passage});
      }
    }
  }
  std::vector<std::uint32_t> found;
  for (const Candidate& candidate : best.take()) {
    found.push_back(static_cast<std::uint32_t>(run_.begin) + candidate.passage);
  }
  return found;
}

}  // namespace dragoman
