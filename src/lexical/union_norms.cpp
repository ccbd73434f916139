#include "lexical/union_norms.h"

#include <algorithm>

#include "lexical/segment_content.h"

namespace dragoman {
namespace {

/// By field, one for a search's settings and a few others.
constexpr std::size_t kKept = 32;

/// With k1 = 0 any frequency saturates: x / (x + 1) is 1 for all that this makes of one.
constexpr double kMostInverse = 1e12;

float inverse_of(double k1, double b, std::uint32_t length, const DocumentGroup& group) {
  // A group without words has no document that is ever scored.
  if (group.words == 0) return 0;
  const double average = static_cast<double>(group.words) / static_cast<double>(group.documents);
  const double norm = k1 * (1.0 - b + b * (static_cast<double>(length) / average));
  return static_cast<float>(norm * kMostInverse > 1 ? 1 / norm : kMostInverse);
}

}  // namespace

std::shared_ptr<const InverseNorms> InverseNormCache::find(std::size_t field, const FieldLengths& lengths,
                                                           std::span<const std::vector<std::uint16_t>> groups,
                                                           const Bm25Options& options, std::optional<float> b) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.field == field && entry.k1 == options.k1 && entry.b == options.b && entry.own_b == b &&
           entry.statistics == options.statistics && entry.by_language == options.by_language;
  });
  if (found != entries_.end()) {
    std::rotate(found, found + 1, entries_.end());
    return entries_.back().norms;
  }

  const bool pooled = options.statistics == LexicalStatistics::pooled;
  std::vector<LanguageBm25> settings;  // By group.
  for (const DocumentGroup& group : lengths.groups) {
    const auto own = std::ranges::find_if(options.by_language,
                                          [&](const LanguageBm25& of) { return group_key(of.language) == group.key; });
    LanguageBm25& setting = settings.emplace_back();
    setting.k1 = own == options.by_language.end() ? options.k1 : own->k1;
    setting.b = b.value_or(own == options.by_language.end() ? options.b : own->b);
  }
  const auto inverse = [&](std::size_t group, std::uint32_t length) {
    return inverse_of(settings[group].k1, settings[group].b, length, pooled ? lengths.pool : lengths.groups[group]);
  };
  auto norms = std::make_shared<InverseNorms>();
  for (std::size_t p = 0; p < lengths.segments.size(); ++p) {
    const SegmentContent& content = lengths.segments[p]->content();
    std::vector<float>& of_part = norms->by_part.emplace_back();
    of_part.reserve(content.document_count);
    for (std::size_t i = 0; i < content.document_count; ++i) {
      of_part.push_back(inverse(groups[p][i], content.length_of(i)));
    }
  }
  for (std::size_t code = 0; code < kLengthCodes; ++code) {
    const std::uint32_t length = length_of_code(static_cast<std::uint8_t>(code));
    for (std::size_t g = 0; g < settings.size(); ++g) {
      if (lengths.groups[g].words > 0) norms->most[code] = std::max(norms->most[code], inverse(g, length));
    }
  }
  if (entries_.size() == kKept) entries_.erase(entries_.begin());
  entries_.push_back({field, options.k1, options.b, b, options.statistics, options.by_language, norms});
  return norms;
}

}  // namespace dragoman
