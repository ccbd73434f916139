#include "lexical/length_norms.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lexical/segment_content.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

float norm_of(const GroupBm25& settings, std::uint32_t length, const DocumentGroup& group) {
  // A group without words has no document that is ever scored.
  return group.words == 0 ? 1 : static_cast<float>(settings.norm_of(length, group));
}

float log_norm_of(double mu, std::uint32_t length) {
  return static_cast<float>(std::log(mu / (mu + static_cast<double>(length))));
}

LengthNorms make_norms(const Bm25Options& options, std::span<const LexicalPart> parts,
                       std::span<const DocumentGroup> groups, const DocumentGroup& pool) {
  const bool pooled = options.statistics == LexicalStatistics::pooled;
  const bool dirichlet = options.weighting == LexicalWeighting::dirichlet;
  const std::vector<GroupBm25> settings = settings_of(options, groups);
  LengthNorms norms;
  for (const LexicalPart& part : parts) {
    const SegmentContent& content = part.segment->content();
    std::vector<float>& of_part = norms.by_part.emplace_back();
    of_part.reserve(content.document_count);
    for (std::size_t i = 0; i < content.document_count; ++i) {
      const std::uint16_t group = part.groups[i];
      const std::uint32_t length = content.length_of(i);
      of_part.push_back(dirichlet ? log_norm_of(options.mu, length)
                                  : norm_of(settings[group], length, pooled ? pool : groups[group]));
    }
  }
  for (std::size_t code = 0; code < kLengthCodes; ++code) {
    const std::uint32_t length = length_of_code(static_cast<std::uint8_t>(code));
    float least = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].words > 0) least = std::min(least, norm_of(settings[i], length, pooled ? pool : groups[i]));
    }
    norms.least[code] = dirichlet ? log_norm_of(options.mu, length) : least;
  }
  return norms;
}

}  // namespace

std::vector<std::uint16_t> GroupNumbers::of(std::span<const Language> languages) {
  std::vector<std::uint16_t> of_languages;
  for (const Language& language : languages) {
    const auto next = static_cast<std::uint16_t>(numbers_.size());
    of_languages.push_back(numbers_.try_emplace(language_key(language), next).first->second);
  }
  return of_languages;
}

std::vector<DocumentGroup> GroupNumbers::groups() const {
  std::vector<DocumentGroup> groups(numbers_.size());
  for (const auto& [key, number] : numbers_) groups[number].key = key;
  return groups;
}

double GroupBm25::norm_of(std::uint32_t length, const DocumentGroup& group) const {
  const double average = static_cast<double>(group.words) / static_cast<double>(group.documents);
  return k1 * (1.0 - b + b * (static_cast<double>(length) / average));
}

std::vector<GroupBm25> settings_of(const Bm25Options& options, std::span<const DocumentGroup> groups) {
  std::vector<GroupBm25> settings;
  for (const DocumentGroup& group : groups) {
    const auto own = std::ranges::find_if(
        options.by_language, [&](const LanguageBm25& of) { return language_key(of.language) == group.key; });
    settings.push_back(own == options.by_language.end() ? GroupBm25{options.k1, options.b}
                                                        : GroupBm25{own->k1, own->b});
  }
  return settings;
}

std::shared_ptr<const LengthNorms> LengthNormCache::find(const Bm25Options& options, std::span<const LexicalPart> parts,
                                                         std::span<const DocumentGroup> groups,
                                                         const DocumentGroup& pool) {
  return norms_.find({options.k1, options.b, options.statistics, options.by_language, options.weighting, options.mu},
                     [&] { return make_norms(options, parts, groups, pool); });
}

}  // namespace dragoman
