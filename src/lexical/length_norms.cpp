#include "lexical/length_norms.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lexical/segment_content.h"

namespace dragoman {
namespace {

constexpr std::size_t kKept = 4;

struct Settings {
  double k1, b;
};

float norm_of(const Settings& settings, std::uint32_t length, const DocumentGroup& group) {
  // A group without words has no document that is ever scored.
  if (group.words == 0) return 1;
  const double average = static_cast<double>(group.words) / static_cast<double>(group.documents);
  return static_cast<float>(settings.k1 * (1.0 - settings.b + settings.b * (static_cast<double>(length) / average)));
}

float log_norm_of(double mu, std::uint32_t length) {
  return static_cast<float>(std::log(mu / (mu + static_cast<double>(length))));
}

std::vector<Settings> settings_of(const Bm25Options& options, std::span<const DocumentGroup> groups) {
  std::vector<Settings> settings;
  for (const DocumentGroup& group : groups) {
    const auto own = std::ranges::find_if(options.by_language,
                                          [&](const LanguageBm25& of) { return group_key(of.language) == group.key; });
    settings.push_back(own == options.by_language.end() ? Settings{options.k1, options.b} : Settings{own->k1, own->b});
  }
  return settings;
}

}  // namespace

std::string group_key(const Language& language) { return std::string(language.primary()) + "-" + language.script(); }

std::shared_ptr<const LengthNorms> LengthNormCache::find(const Bm25Options& options, std::span<const LexicalPart> parts,
                                                         std::span<const DocumentGroup> groups,
                                                         const DocumentGroup& pool) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.k1 == options.k1 && entry.b == options.b && entry.statistics == options.statistics &&
           entry.by_language == options.by_language && entry.weighting == options.weighting && entry.mu == options.mu;
  });
  if (found != entries_.end()) {
    std::rotate(found, found + 1, entries_.end());
    return entries_.back().norms;
  }

  const bool pooled = options.statistics == LexicalStatistics::pooled;
  const bool dirichlet = options.weighting == LexicalWeighting::dirichlet;
  const std::vector<Settings> settings = settings_of(options, groups);
  auto norms = std::make_shared<LengthNorms>();
  for (const LexicalPart& part : parts) {
    const SegmentContent& content = part.segment->content();
    std::vector<float>& of_part = norms->by_part.emplace_back();
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
    norms->least[code] = dirichlet ? log_norm_of(options.mu, length) : least;
  }
  if (entries_.size() == kKept) entries_.erase(entries_.begin());
  entries_.push_back(
      {options.k1, options.b, options.statistics, options.by_language, options.weighting, options.mu, norms});
  return norms;
}

}  // namespace dragoman
