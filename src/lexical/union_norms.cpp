#include "lexical/union_norms.h"

#include <algorithm>

#include "lexical/segment_content.h"

namespace dragoman {
namespace {

/// With k1 = 0 any frequency saturates: x / (x + 1) is 1 for all that this makes of one.
constexpr double kMostInverse = 1e12;

float inverse_of(const GroupBm25& settings, std::uint32_t length, const DocumentGroup& group) {
  // A group without words has no document that is ever scored.
  if (group.words == 0) return 0;
  const double norm = settings.norm_of(length, group);
  return static_cast<float>(norm * kMostInverse > 1 ? 1 / norm : kMostInverse);
}

InverseNorms make_norms(const FieldLengths& lengths, std::span<const std::vector<std::uint16_t>> groups,
                        const Bm25Options& options, std::optional<float> b) {
  const bool pooled = options.statistics == LexicalStatistics::pooled;
  std::vector<GroupBm25> settings = settings_of(options, lengths.groups);
  if (b) {
    for (GroupBm25& own : settings) own.b = *b;
  }
  const auto inverse = [&](std::size_t group, std::uint32_t length) {
    return inverse_of(settings[group], length, pooled ? lengths.pool : lengths.groups[group]);
  };
  InverseNorms norms;
  for (std::size_t p = 0; p < lengths.segments.size(); ++p) {
    const SegmentContent& content = lengths.segments[p]->content();
    std::vector<float>& of_part = norms.by_part.emplace_back();
    of_part.reserve(content.document_count);
    for (std::size_t i = 0; i < content.document_count; ++i) {
      of_part.push_back(inverse(groups[p][i], content.length_of(i)));
    }
  }
  for (std::size_t code = 0; code < kLengthCodes; ++code) {
    const std::uint32_t length = length_of_code(static_cast<std::uint8_t>(code));
    for (std::size_t g = 0; g < settings.size(); ++g) {
      if (lengths.groups[g].words > 0) norms.most[code] = std::max(norms.most[code], inverse(g, length));
    }
  }
  return norms;
}

}  // namespace

std::shared_ptr<const InverseNorms> InverseNormCache::find(std::size_t field, const FieldLengths& lengths,
                                                           std::span<const std::vector<std::uint16_t>> groups,
                                                           const Bm25Options& options, std::optional<float> b) {
  return norms_.find({field, options.k1, options.b, b, options.statistics, options.by_language},
                     [&] { return make_norms(lengths, groups, options, b); });
}

}  // namespace dragoman
