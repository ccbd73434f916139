#include "dragoman/lexical/bm25.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "lexical/bm25_scorer.h"
#include "lexical/dirichlet_scorer.h"
#include "lexical/length_norms.h"
#include "lexical/max_score.h"
#include "lexical/phrase_search.h"
#include "lexical/proximity.h"
#include "lexical/query_phrase.h"
#include "lexical/union_search.h"
#include "lexical/weighted_words.h"
#include "lexical/word_statistics.h"

namespace dragoman {
namespace {

void check(float k1, float b) {
  if (!std::isfinite(k1) || k1 < 0) {
    throw InvalidArgument(fmt::format("k1 is {}, must be finite and at least 0", k1));
  }
  if (!(b >= 0 && b <= 1)) throw InvalidArgument(fmt::format("b is {}, must be between 0 and 1", b));
}

void check(const Bm25Options& options, bool has_fields) {
  check(options.k1, options.b);
  for (const LanguageBm25& own : options.by_language) check(own.k1, own.b);
  if (!std::isfinite(options.mu) || options.mu <= 0) {
    throw InvalidArgument(fmt::format("mu is {}, must be finite and above 0", options.mu));
  }
  if (!has_fields && !options.fields.empty()) {
    throw InvalidArgument(
        fmt::format("there is no field '{}': this index has title and text together; make one with "
                    "fields by: dragoman index --fields title,text --rebuild",
                    printable(options.fields[0].field)));
  }
}

void check_proximity(const Bm25Options& options) {
  if (!std::isfinite(options.proximity) || options.proximity < 0) {
    throw InvalidArgument(fmt::format("proximity is {}, must be finite and at least 0", options.proximity));
  }
  if (options.proximity == 0) return;
  if (options.proximity_depth == 0) throw InvalidArgument("proximity_depth is 0, must be at least 1");
  if (options.weighting != LexicalWeighting::bm25) {
    throw InvalidArgument("proximity is above 0, which goes with the weighting bm25 alone");
  }
}

void check_positions(std::span<const LexicalPart> parts) {
  for (const LexicalPart& part : parts) {
    if (part.segment->has_positions()) continue;
    throw NotFound(
        fmt::format("{} does not say where words stand, which phrases in quotes and proximity need; make the index "
                    "anew with: dragoman index --positions --rebuild",
                    part.segment->path().string()));
  }
}

std::unique_ptr<Scorer> dirichlet_scorer(const QueryWord& word, std::span<const LexicalPart> parts, std::size_t part,
                                         const LengthNorms& length_norms, double steps) {
  DirichletScorer::Settings settings;
  settings.weight = static_cast<float>(word.most_weight() * steps);
  settings.inverses = word.inverses;
  settings.groups = parts[part].groups;
  if (word.inverses.size() > 1) {
    most_by_place(word.languages_in(part), *std::max_element(word.inverses.begin(), word.inverses.end()),
                  settings.place_inverses,
                  [&](std::uint32_t language) { return word.inverses[parts[part].group_of_language[language]]; });
  }
  settings.most_frequency = word.most_frequency;
  settings.norms = length_norms.by_part[part];
  settings.least_norms = &length_norms.least;
  return std::make_unique<DirichletScorer>(std::move(settings));
}

std::unique_ptr<Scorer> bm25_scorer(const QueryWord& word, std::span<const LexicalPart> parts, std::size_t part,
                                    const LengthNorms& length_norms, double steps) {
  const auto& of_documents = length_norms.by_part[part];
  if (word.groups_with == 1) {
    const auto weight = static_cast<float>(word.most_weight() * steps);
    return std::make_unique<Bm25Scorer>(weight, of_documents, length_norms.least);
  }
  std::vector<float> weights;
  for (const double weight : word.weights) weights.push_back(static_cast<float>(weight * steps));
  std::array<float, 8> place_weights = {};
  most_by_place(word.languages_in(part), *std::max_element(weights.begin(), weights.end()), place_weights,
                [&](std::uint32_t language) { return weights[parts[part].group_of_language[language]]; });
  return std::make_unique<GroupedBm25Scorer>(std::move(weights), parts[part].groups, place_weights, of_documents,
                                             length_norms.least);
}

/// What a word's postings in a part are worth.
std::unique_ptr<Scorer> scorer_of(const QueryWord& word, std::span<const LexicalPart> parts, std::size_t part,
                                  const LengthNorms& length_norms, double steps) {
  const auto make = word.inverses.empty() ? bm25_scorer : dirichlet_scorer;
  return make(word, parts, part, length_norms, steps);
}

}  // namespace

struct Bm25Index::State {
  explicit State(WordStatistics of) : statistics(std::move(of)) {}

  WordStatistics statistics;
  LengthNormCache norms;
  Proximity proximity{statistics};
  bool has_fields = false;
  std::once_flag unions_made;
  std::unique_ptr<const UnionSearch> unions;  // Of fields, or when first asked for.

  const UnionSearch& union_search();
};

Bm25Index::Bm25Index(std::vector<std::shared_ptr<const LexicalSegment>> segments,
                     std::shared_ptr<const DocumentSet> live)
    : state_(std::make_unique<State>(WordStatistics(std::move(segments), std::move(live)))) {}

Bm25Index Bm25Index::of_fields(std::vector<LexicalField> fields, std::shared_ptr<const DocumentSet> live) {
  if (fields.empty()) throw InvalidArgument("no field given; an index of fields has at least one");
  Bm25Index index({});
  index.state_->has_fields = true;
  index.state_->unions = std::make_unique<UnionSearch>(std::move(fields), std::move(live));
  return index;
}

const UnionSearch& Bm25Index::State::union_search() {
  if (has_fields) return *unions;
  std::call_once(unions_made, [&] {
    std::vector<LexicalField> all(1);
    for (const LexicalPart& part : statistics.parts()) all[0].segments.push_back(part.segment);
    unions = std::make_unique<UnionSearch>(std::move(all), statistics.live());
  });
  return *unions;
}

std::span<const std::string> Bm25Index::fields() const {
  return state_->has_fields ? state_->unions->fields() : std::span<const std::string>();
}

Bm25Index::~Bm25Index() = default;
Bm25Index::Bm25Index(Bm25Index&&) noexcept = default;
Bm25Index& Bm25Index::operator=(Bm25Index&&) noexcept = default;

std::vector<ScoredDocument> Bm25Index::search(std::span<const Token> query, std::size_t depth,
                                              const Bm25Options& options, std::span<const std::uint8_t> allowed) const {
  if (allowed.empty()) return search(query, depth, options, static_cast<const DocumentSet*>(nullptr));
  const DocumentSet set = DocumentSet::of_bytes(allowed);
  return search(query, depth, options, &set);
}

std::vector<ScoredDocument> Bm25Index::search(std::span<const Token> query, std::size_t depth,
                                              const Bm25Options& options, const DocumentSet* allowed) const {
  std::vector<std::string_view> words;
  for (const Token& token : query) words.push_back(token.text);
  return search(words, depth, options, allowed);
}

std::vector<ScoredDocument> Bm25Index::search(std::span<const WordUnion> query, std::size_t depth,
                                              const Bm25Options& options, const DocumentSet* allowed) const {
  check(options, state_->has_fields);
  return state_->union_search().search(query, depth, options, allowed);
}

double Bm25Index::full_score(std::span<const Token> query, const Bm25Options& options, const Language& language) const {
  return state_->has_fields ? 0 : state_->statistics.full_score(query, options, language);
}

std::vector<double> Bm25Index::document_frequencies(std::string_view word, std::span<const Language> languages) const {
  if (state_->has_fields) return state_->unions->document_frequencies(word, languages);
  return state_->statistics.document_frequencies(word, languages);
}

bool Bm25Index::has_positions() const {
  return !state_->has_fields && std::ranges::all_of(state_->statistics.parts(), [](const LexicalPart& part) {
    return part.segment->has_positions();
  });
}

std::vector<ScoredDocument> Bm25Index::search(std::span<const std::string_view> words, std::size_t depth,
                                              const Bm25Options& options, const DocumentSet* allowed) const {
  return search(words, std::span<const Phrase>(), depth, options, allowed);
}

std::vector<ScoredDocument> Bm25Index::search(std::span<const std::string_view> words, std::span<const Phrase> phrases,
                                              std::size_t depth, const Bm25Options& options,
                                              const DocumentSet* allowed) const {
  return search_weighted(each_once(words), phrases, depth, options, allowed);
}

std::vector<ScoredDocument> Bm25Index::search_weighted(std::span<const WeightedWord> words,
                                                       std::span<const Phrase> phrases, std::size_t depth,
                                                       const Bm25Options& options, const DocumentSet* allowed) const {
  check(options, state_->has_fields);
  check_proximity(options);
  for (const WeightedWord& word : words) {
    if (is_word_weight(word.weight)) continue;
    throw InvalidArgument(
        fmt::format("the word '{}' has the weight {}, must be from 1e-6 to 1e6", printable(word.word), word.weight));
  }
  if (state_->has_fields) {
    if (!phrases.empty() || options.proximity > 0) {
      throw NotFound(
          "an index of fields does not say where words stand, which phrases in quotes and proximity need; make the "
          "index anew with: dragoman index --fields none --positions --rebuild");
    }
    return state_->unions->search(unions_of(words), depth, options, allowed);
  }
  const WordStatistics& statistics = state_->statistics;
  const std::span<const LexicalPart> parts = statistics.parts();
  if (allowed == nullptr) allowed = statistics.live().get();
  if (options.proximity > 0) check_positions(parts);
  const std::vector<QueryWord> known = statistics.look_up(words, options);
  std::vector<QueryPhrase> known_phrases;
  known_phrases.reserve(phrases.size());
  for (const Phrase& phrase : phrases) {
    known_phrases.emplace_back(phrase, statistics, options);
    if (known_phrases.back().has_several_words()) check_positions(parts);
  }
  double most = 0;
  for (const QueryWord& word : known) most += word.most_score();
  for (const QueryPhrase& phrase : known_phrases) {
    if (!phrase.is_known()) return {};
    if (phrase.has_several_words()) most += phrase.weight().most_score();
  }
  const bool has_unknown = std::ranges::any_of(known, &QueryWord::is_unknown);
  if (most == 0 || depth == 0 || (has_unknown && options.match == LexicalMatch::all)) return {};
  const ScoreSteps steps(most);

  const auto length_norms = state_->norms.find(options, parts, statistics.groups(), statistics.pool());
  const bool ascending =
      std::ranges::all_of(parts, [](const LexicalPart& part) { return part.segment->content().order.empty(); });
  TopDocuments top(options.proximity > 0 ? std::max(depth, options.proximity_depth) : depth, ascending);
  std::vector<ScoredList> lists;
  std::vector<std::unique_ptr<Scorer>> scorers;
  std::vector<PartPhrase> part_phrases;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    lists.clear();
    scorers.clear();
    part_phrases.clear();
    const auto add_scorer = [&](const QueryWord& word) {
      scorers.push_back(scorer_of(word, parts, p, *length_norms, steps.per_unit()));
      return scorers.back().get();
    };
    for (const QueryWord& word : known) {
      if (word.lists[p].size != 0) lists.push_back({word.lists[p], add_scorer(word)});
    }
    for (const QueryPhrase& phrase : known_phrases) {
      part_phrases.push_back(phrase.in_part(p));
      if (phrase.has_several_words()) part_phrases.back().scorer = add_scorer(phrase.weight());
    }
    if (std::ranges::any_of(part_phrases, [](const PartPhrase& phrase) { return phrase.forms.empty(); })) continue;
    const bool all_words = options.match == LexicalMatch::all;
    if ((lists.empty() && part_phrases.empty()) || (all_words && lists.size() < known.size())) continue;
    const PartSearch part{parts[p].segment->content(), lists, allowed, all_words, {}, part_phrases};
    search_part(options.method, part, top);
  }
  std::vector<ScoredDocument> found = std::move(top).take(steps.unit());
  if (options.proximity > 0) {
    state_->proximity.add_to(found, words, options, *length_norms);
    found.resize(std::min(found.size(), depth));
  }
  return found;
}

}  // namespace dragoman
