#include "text/language_switches.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "text/identifier_state.h"
#include "text/span_path.h"

namespace dragoman {
namespace {

// Chosen on XQuAD's passages, as they are and with every second sentence from a translation; docs/code-switching.md.

/// What is believed of a part in another language, at least.
constexpr double kSure = 0.75;
/// Words that are looked at together before each is; in Chinese and Japanese a clause.
constexpr std::size_t kChunkWords = 8;
/// A chunk of which the model gives the text's own language less is looked at closely.
constexpr float kDoubt = 0.5f;
/// What the model gives less than that does not matter for doubts.
constexpr float kLikely = 0.01f;

double belief_in(const LanguageEvidence& evidence, const LanguageSwitches::Kind& kind, std::size_t wanted) {
  double most = evidence.log_other;
  for (const double weight : evidence.log_weights) most = std::max(most, weight);
  double total = std::exp(evidence.log_other - most), of_kind = 0;
  for (std::size_t i = 0; i < evidence.languages.size(); ++i) {
    const double weight = std::exp(evidence.log_weights[i] - most);
    total += weight;
    if (kind(evidence.languages[i]) == wanted) of_kind += weight;
  }
  return of_kind / total;
}

}  // namespace

LanguageSwitches::LanguageSwitches(std::shared_ptr<const LanguageIdentifier> identifier, Kind kind)
    : identifier_(std::move(identifier)), kind_(std::move(kind)) {
  for (const auto& [script, candidates] : identifier_->state_->by_script) {
    KnownScript known;
    for (const Language& language : candidates.languages) known.kinds.push_back(kind_(language));
    known.of_one_kind =
        std::ranges::all_of(known.kinds, [&](std::size_t number) { return number == known.kinds.front(); });
    scripts_.emplace(script, std::move(known));
  }
}

std::vector<LanguageSpan> LanguageSwitches::find(std::string_view text, const Language& language) const {
  std::vector<LanguageSpan> found;
  for (const ScriptSpan& span : script_spans(text)) find_in(text, span, language, found);
  return found;
}

void LanguageSwitches::find_in(std::string_view text, const ScriptSpan& span, const Language& own,
                               std::vector<LanguageSpan>& found) const {
  const std::size_t own_kind = kind_(own);
  const Language written = written_in(own, span.script);
  if (written.undetermined()) {
    split(text, span, own, own_kind, found);
    return;
  }
  // What is written in its own dominated script is not doubted: Chinese is not taken for Wu or Japanese.
  if (language_of_script(span.script).primary() == own.primary()) return;
  const auto known = scripts_.find(span.script);
  if (known == scripts_.end() || known->second.of_one_kind) return;
  const ScriptCandidates& candidates = *identifier_->state_->candidates(span.script);
  if (std::ranges::none_of(candidates.languages,
                           [&](const Language& other) { return other.primary() == written.primary(); })) {
    return;
  }
  for (const TextRange& part : doubtful_parts(text, span, known->second, own_kind)) {
    split(text, {part, span.script, span.letters}, written, own_kind, found);
  }
}

std::vector<TextRange> LanguageSwitches::doubtful_parts(std::string_view text, const ScriptSpan& span,
                                                        const KnownScript& known, std::size_t own_kind) const {
  const LanguageIdentifierState& state = *identifier_->state_;
  const std::vector<std::int32_t>& of_label = state.candidates(span.script)->of_label;
  const bool spaced = is_spaced(span.script);
  const std::vector<std::size_t> ends = language_unit_ends(span.range.of(text), spaced);
  const std::size_t chunk = spaced ? kChunkWords : 1;
  const auto end_of = [&](std::size_t unit) { return span.range.begin + ends[unit]; };
  FasttextSum sum = state.classifier->empty_sum();
  const auto is_doubtful = [&](TextRange range) {
    std::ranges::fill(sum.sum, 0.0f);
    sum.features = 0;
    state.add_text(range.of(text), span.script, sum);
    float own = 0, all = 0;
    for (const auto& [label, probability] : state.classifier->likely(sum, kLikely)) {
      if (of_label[label] < 0) continue;
      all += probability;
      if (known.kinds[static_cast<std::size_t>(of_label[label])] == own_kind) own += probability;
    }
    return own < kDoubt * all;
  };
  std::vector<TextRange> parts;
  TextRange before{span.range.begin, span.range.begin};
  bool was_doubtful = false;
  for (std::size_t first = 0; first < ends.size(); first += chunk) {
    const std::size_t last = std::min(first + chunk, ends.size()) - 1;
    const TextRange range{before.end, end_of(last)};
    const bool doubtful = is_doubtful(range);
    // The chunks on both sides go with it, for a change may be anywhere in them.
    if (doubtful && !was_doubtful && (parts.empty() || parts.back().end < before.begin)) parts.push_back(before);
    if (doubtful || was_doubtful) parts.back().end = range.end;
    was_doubtful = doubtful;
    before = range;
  }
  return parts;
}

void LanguageSwitches::split(std::string_view text, const ScriptSpan& span, const Language& own, std::size_t own_kind,
                             std::vector<LanguageSpan>& found) const {
  const SpanPath path(*identifier_->state_, text, span);
  const auto stretches = path.stretches(own);
  for (std::size_t begin = 0, end = 0; begin < stretches.size(); begin = end) {
    const std::size_t number = kind_(stretches[begin].language);
    while (end < stretches.size() && kind_(stretches[end].language) == number) ++end;
    if (number == own_kind || stretches[begin].language.undetermined()) continue;
    const std::size_t first = stretches[begin].first, last = stretches[end - 1].last;
    const LanguageEvidence evidence = path.evidence_of(first, last);
    if (evidence.languages.empty()) continue;
    const double belief = belief_in(evidence, kind_, number);
    if (belief <= kSure) continue;
    found.push_back({path.range_of(first, last), stretches[begin].language, span.script, belief});
  }
}

}  // namespace dragoman
