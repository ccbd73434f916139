#include "lexical/length_norms.h"

#include <algorithm>

#include "lexical/segment_content.h"

namespace dragoman {
namespace {

constexpr std::size_t kKept = 4;

float norm_of(double k1, double b, std::uint32_t length, const DocumentGroup& group) {
  // A group without words has no document that is ever scored.
  if (group.words == 0) return 1;
  const double average = static_cast<double>(group.words) / static_cast<double>(group.documents);
  return static_cast<float>(k1 * (1.0 - b + b * (static_cast<double>(length) / average)));
}

}  // namespace

std::shared_ptr<const LengthNorms> LengthNormCache::find(const Bm25Options& options, std::span<const LexicalPart> parts,
                                                         std::span<const DocumentGroup> groups,
                                                         const DocumentGroup& pool) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.k1 == options.k1 && entry.b == options.b && entry.statistics == options.statistics;
  });
  if (found != entries_.end()) {
    std::rotate(found, found + 1, entries_.end());
    return entries_.back().norms;
  }

  const bool pooled = options.statistics == LexicalStatistics::pooled;
  auto norms = std::make_shared<LengthNorms>();
  for (const LexicalPart& part : parts) {
    const SegmentContent& content = part.segment->content();
    std::vector<float>& of_part = norms->by_part.emplace_back();
    of_part.reserve(content.document_count);
    for (std::size_t i = 0; i < content.document_count; ++i) {
      of_part.push_back(norm_of(options.k1, options.b, content.length_of(i), pooled ? pool : groups[part.groups[i]]));
    }
  }
  for (std::size_t code = 0; code < kLengthCodes; ++code) {
    const std::uint32_t length = length_of_code(static_cast<std::uint8_t>(code));
    float least = norm_of(options.k1, options.b, length, pool);
    if (!pooled) {
      for (const DocumentGroup& group : groups) {
        if (group.words > 0) least = std::min(least, norm_of(options.k1, options.b, length, group));
      }
    }
    norms->least[code] = least;
  }
  if (entries_.size() == kKept) entries_.erase(entries_.begin());
  entries_.push_back({options.k1, options.b, options.statistics, norms});
  return norms;
}

}  // namespace dragoman
