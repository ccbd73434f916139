#include "text/span_path.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "text/icu.h"

namespace dragoman {
namespace {

// Chosen on pairs of sentences of one script, put together; docs/language-identification.md.
constexpr double kChange = 2.0;         ///< What a change of language costs, as a logarithm of odds.
constexpr std::size_t kNeighbours = 1;  ///< Words on each side that a word is looked at with.
constexpr std::size_t kMaxLanguages = 16;
constexpr double kLeastOfWindow = 0.1;  ///< A language that has less of every window is no candidate.
constexpr std::size_t kWindow = 6;      ///< Words of such a window.

/// Does a clause of Chinese or Japanese end behind this?
bool ends_clause(char32_t code_point) {
  switch (code_point) {
    case U'\n':
    case U'!':
    case U'?':
    case 0x3002:  // Ideographic full stop.
    case 0xFF01:  // Full-width exclamation mark.
    case 0xFF1F:  // Full-width question mark.
      return true;
    default:
      return false;
  }
}

void add(const FasttextSum& from, FasttextSum& to) {
  for (std::size_t i = 0; i < from.sum.size(); ++i) to.sum[i] += from.sum[i];
  to.features += from.features;
}

}  // namespace

bool is_spaced(std::string_view script) { return script != "Hani" && script != "Jpan"; }

std::vector<std::size_t> language_unit_ends(std::string_view text, bool spaced) {
  std::vector<std::size_t> ends;
  bool at_end = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t code_point = next_code_point(text, at);
    const bool closes =
        spaced ? code_point == U' ' || (code_point >= U'\t' && code_point <= U'\r') : ends_clause(code_point);
    if (at_end && !closes) ends.push_back(begin);
    at_end = closes;
  }
  ends.push_back(text.size());
  return ends;
}

SpanPath::SpanPath(const LanguageIdentifierState& state, std::string_view text, const ScriptSpan& span)
    : state_(state), span_(span) {
  const std::string_view part = span.range.of(text);
  std::size_t begin = 0;
  for (const std::size_t end : language_unit_ends(part, is_spaced(span.script))) {
    Unit unit{{span.range.begin + begin, span.range.begin + end}, {}, 0, {}};
    const std::string_view words = unit.range.of(text);
    const DominantScript script = dominant_script(words);
    unit.letters = script.letters;
    unit.script = is_spaced(span.script) ? span.script : script.script;
    if (state.classifier) {
      unit.sum = state.classifier->empty_sum();
      state.add_text(words, span.script, unit.sum);
    }
    units_.push_back(std::move(unit));
    begin = end;
  }
}

LanguageEvidence SpanPath::evidence_of(std::size_t first, std::size_t last) const {
  std::size_t letters = 0;
  std::set<std::string> scripts;
  FasttextSum sum;
  if (state_.classifier) sum = state_.classifier->empty_sum();
  for (std::size_t i = first; i <= last; ++i) {
    letters += units_[i].letters;
    if (units_[i].letters != 0) scripts.insert(units_[i].script);
    if (state_.classifier) add(units_[i].sum, sum);
  }
  const std::string script = scripts.size() == 1 ? *scripts.begin() : span_.script;
  if (!state_.classifier) return state_.script_evidence(script);
  return state_.evidence(sum, script, letters);
}

/// Languages that some stretch of words speaks for, most supported first.
std::vector<Language> SpanPath::candidates(const Language& also) const {
  std::map<Language, double> support;
  const auto collect = [&](std::size_t first, std::size_t last) {
    for (const LanguageProbability& item : posterior_of(evidence_of(first, last), span_.script).languages) {
      if (item.language.undetermined() || item.probability < kLeastOfWindow) continue;
      support[item.language] += item.probability;
    }
  };
  const std::size_t window = is_spaced(span_.script) ? kWindow : 1;
  for (std::size_t first = 0; first < units_.size(); first += (window + 1) / 2) {
    collect(first, std::min(first + window, units_.size()) - 1);
  }
  collect(0, units_.size() - 1);
  std::vector<std::pair<double, Language>> order;
  for (const auto& [language, weight] : support) order.emplace_back(-weight, language);
  std::ranges::sort(order);
  std::vector<Language> languages;
  for (const auto& [weight, language] : order) {
    if (languages.size() < kMaxLanguages) languages.push_back(language);
  }
  const ScriptCandidates* known = state_.candidates(span_.script);
  const bool possible = known != nullptr && std::ranges::find(known->languages, also) != known->languages.end();
  if (possible && std::ranges::find(languages, also) == languages.end()) languages.push_back(also);
  return languages;
}

/// Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm", 1967: the
/// languages of all units together that have the most evidence, less the changes. By unit, an index into `languages`.
std::vector<std::size_t> SpanPath::best_path(const std::vector<Language>& languages) const {
  const std::size_t states = languages.size();
  std::vector<double> scores(states, 0), next(states);
  std::vector<std::uint8_t> came_from(units_.size() * states);
  for (std::size_t u = 0; u < units_.size(); ++u) {
    const std::size_t first = is_spaced(span_.script) ? u - std::min(u, kNeighbours) : u;
    const std::size_t last = is_spaced(span_.script) ? std::min(u + kNeighbours, units_.size() - 1) : u;
    std::vector<double> weights(states, 0);
    if (units_[u].letters != 0) {
      const LanguageEvidence evidence = evidence_of(first, last);
      // A language that the unit's script excludes has what other languages have, at most.
      double least = evidence.log_other;
      for (const double weight : evidence.log_weights) least = std::min(least, weight);
      for (std::size_t s = 0; s < states; ++s) {
        const auto found = std::ranges::find(evidence.languages, languages[s]);
        const double weight = found == evidence.languages.end()
                                  ? least - kChange
                                  : evidence.log_weights[static_cast<std::size_t>(found - evidence.languages.begin())];
        weights[s] = weight / static_cast<double>(last - first + 1);
      }
    }
    const auto best = static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
    for (std::size_t s = 0; s < states; ++s) {
      const bool stays = u == 0 || scores[s] >= scores[best] - kChange;
      came_from[u * states + s] = static_cast<std::uint8_t>(stays ? s : best);
      next[s] = weights[s] + (stays ? scores[s] : scores[best] - kChange);
    }
    std::swap(scores, next);
  }
  std::vector<std::size_t> path(units_.size());
  auto state = static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
  for (std::size_t u = units_.size(); u-- > 0;) {
    path[u] = state;
    state = came_from[u * states + state];
  }
  return path;
}

std::vector<SpanPath::Stretch> SpanPath::stretches(const Language& also) const {
  const std::vector<Language> languages = candidates(also);
  std::vector<std::size_t> path(units_.size(), 0);
  if (languages.size() > 1) path = best_path(languages);
  std::vector<Stretch> stretches;
  for (std::size_t first = 0; first < units_.size();) {
    std::size_t last = first;
    while (last + 1 < units_.size() && path[last + 1] == path[first]) ++last;
    stretches.push_back({first, last, languages.empty() ? Language() : languages[path[first]]});
    first = last + 1;
  }
  return stretches;
}

std::vector<LanguageSpan> LanguageIdentifier::segment(std::string_view text) const {
  std::vector<LanguageSpan> spans;
  for (const ScriptSpan& script : script_spans(text)) {
    const SpanPath path(*state_, text, script);
    for (const SpanPath::Stretch& stretch : path.stretches()) {
      const LanguagePosterior posterior = posterior_of(path.evidence_of(stretch.first, stretch.last), script.script);
      LanguageSpan span{path.range_of(stretch.first, stretch.last), stretch.language, script.script, 0};
      if (stretch.language.undetermined()) {
        const LanguageGuess guess = posterior.guess();
        span.language = guess.language;
        span.confidence = guess.confidence;
      }
      for (const LanguageProbability& item : posterior.languages) {
        if (item.language == stretch.language) span.confidence = item.probability;
      }
      spans.push_back(std::move(span));
    }
  }
  return spans;
}

}  // namespace dragoman
