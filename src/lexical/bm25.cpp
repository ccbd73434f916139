#include "dragoman/lexical/bm25.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
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
#include "lexical/segment_order.h"
#include "lexical/union_search.h"
#include "lexical/weighted_words.h"

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

/// Counts the live documents of a list, by language. A long one says of each language how many of its documents have
/// the word, of which the deleted ones are taken away; a short one is read.
/// @param add called with a language of the segment and a number of documents, which may be below 0.
template <typename Add>
void count_documents(const LexicalPart& part, const PostingList& list, Add add) {
  if (list.size == 0) return;
  if (!list.headers.empty()) {
    for (const LanguageCount& language : list.languages) add(language.language, std::int64_t{language.documents});
    if (!part.deleted) return;
    for (const LanguageCount& gone : part.deleted->count(list)) add(gone.language, -std::int64_t{gone.documents});
    return;
  }
  std::array<std::uint32_t, kBlockPostings> documents;
  list.documents_of(0, documents.data());
  for (std::size_t i = 0; i < list.size; ++i) {
    if (part.deleted && part.deleted->contains(documents[i])) continue;
    add(part.segment->content().document_languages[documents[i]], std::int64_t{1});
  }
}

std::uint64_t count_documents(const LexicalPart& part, const PostingList& list) {
  if (!part.deleted) return list.size;
  std::int64_t count = 0;
  count_documents(part, list, [&](std::uint32_t, std::int64_t documents) { count += documents; });
  return static_cast<std::uint64_t>(count);
}

}  // namespace

struct Bm25Index::State {
  std::vector<LexicalPart> parts;     // In the order of their documents.
  std::vector<DocumentGroup> groups;  // One for each language and script.
  DocumentGroup pool;
  std::shared_ptr<const DocumentSet> live;  // Null for all.
  LengthNormCache norms;
  bool has_fields = false;
  std::once_flag unions_made;
  std::unique_ptr<const UnionSearch> unions;  // Of fields, or when first asked for.

  const UnionSearch& union_search();
  mutable std::mutex places_mutex;
  mutable std::vector<std::vector<std::uint32_t>> places;  // By part and number, where asked for: in its own order.

  std::vector<QueryWord> look_up(std::span<const std::string_view> query, const Bm25Options& options) const;
  std::vector<QueryWord> look_up(std::span<const WeightedWord> query, const Bm25Options& options) const;
  std::vector<std::int64_t> count_by_group(const QueryWord& word) const;
  /// Weights for BM25, of a word that `documents` have and the query has so many times.
  void weigh_by_idf(double times, std::uint64_t documents, LexicalStatistics statistics, QueryWord& word) const;
  /// Weights for query likelihood: times in the query in each group that has the word; fills in its inverses.
  void weigh_by_likelihood(double times, const Bm25Options& options, QueryWord& word) const;
  void check_positions() const;
  /// Place of a document in its segment's own order. The first time O(documents), and 4 bytes for each are kept.
  std::uint32_t place_of(std::size_t part, std::uint32_t number) const;
  std::vector<QueryPhrase> look_up(std::span<const Phrase> phrases, const Bm25Options& options) const;
  /// Adds what nearness of words is worth to the best documents, and orders all anew.
  void add_proximity(std::span<const WeightedWord> query, const Bm25Options& options, const LengthNorms& length_norms,
                     std::vector<ScoredDocument>& documents) const;
  std::unique_ptr<Scorer> dirichlet_scorer(const QueryWord& word, std::size_t part, const LengthNorms& length_norms,
                                           double steps) const;
  std::unique_ptr<Scorer> scorer(const QueryWord& word, std::size_t part, const LengthNorms& length_norms,
                                 double steps) const;
};

Bm25Index::Bm25Index(std::vector<std::shared_ptr<const LexicalSegment>> segments,
                     std::shared_ptr<const DocumentSet> live)
    : state_(std::make_unique<State>()) {
  state_->live = std::move(live);
  std::map<std::string, std::uint16_t, std::less<>> group_numbers;
  for (auto& segment : in_document_order(std::move(segments))) {
    LexicalPart part;
    for (const Language& language : segment->languages()) {
      const std::string key = group_key(language);
      part.group_of_language.push_back(
          group_numbers.try_emplace(key, static_cast<std::uint16_t>(group_numbers.size())).first->second);
    }
    state_->groups.resize(group_numbers.size());
    for (const auto& [key, number] : group_numbers) state_->groups[number].key = key;
    const SegmentContent& content = segment->content();
    part.groups.reserve(content.document_count);
    std::vector<std::uint32_t> deleted;
    for (std::uint32_t i = 0; i < content.document_count; ++i) {
      part.groups.push_back(part.group_of_language[content.document_languages[i]]);
      const std::uint32_t length = content.length_of(i);
      if (length == 0) continue;
      if (state_->live && !state_->live->contains(content.number_of(i))) {
        deleted.push_back(i);
        continue;
      }
      for (DocumentGroup* group : {&state_->groups[part.groups[i]], &state_->pool}) {
        group->documents += 1;
        group->words += length;
      }
    }
    if (!deleted.empty()) part.deleted = std::make_unique<DeletedPostings>(content, std::move(deleted));
    part.segment = std::move(segment);
    state_->parts.push_back(std::move(part));
  }
  // Segments that were made again have nothing of what was deleted.
  if (std::ranges::none_of(state_->parts, [](const LexicalPart& part) { return part.deleted != nullptr; })) {
    state_->live.reset();
  }
}

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
    for (const LexicalPart& part : parts) all[0].segments.push_back(part.segment);
    unions = std::make_unique<UnionSearch>(std::move(all), live);
  });
  return *unions;
}

std::span<const std::string> Bm25Index::fields() const {
  return state_->has_fields ? state_->unions->fields() : std::span<const std::string>();
}

Bm25Index::~Bm25Index() = default;
Bm25Index::Bm25Index(Bm25Index&&) noexcept = default;
Bm25Index& Bm25Index::operator=(Bm25Index&&) noexcept = default;

std::vector<std::int64_t> Bm25Index::State::count_by_group(const QueryWord& word) const {
  std::vector<std::int64_t> df(groups.size(), 0);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    count_documents(parts[p], word.lists[p], [&](std::uint32_t language, std::int64_t documents) {
      df[parts[p].group_of_language[language]] += documents;
    });
  }
  return df;
}

std::vector<double> Bm25Index::document_frequencies(std::string_view word, std::span<const Language> languages) const {
  if (state_->has_fields) return state_->unions->document_frequencies(word, languages);
  std::vector<double> frequencies(languages.size());
  for (const LexicalPart& part : state_->parts) {
    std::vector<double> by_language(part.segment->languages().size());
    count_documents(part, part.segment->content().find(word), [&](std::uint32_t language, std::int64_t documents) {
      by_language[language] += static_cast<double>(documents);
    });
    for (std::size_t i = 0; i < languages.size(); ++i) {
      const auto found = std::ranges::find(part.segment->languages(), languages[i]);
      if (found == part.segment->languages().end()) continue;
      frequencies[i] += by_language[static_cast<std::size_t>(found - part.segment->languages().begin())];
    }
  }
  return frequencies;
}

void Bm25Index::State::weigh_by_idf(double times, std::uint64_t documents, LexicalStatistics statistics,
                                    QueryWord& word) const {
  if (statistics == LexicalStatistics::pooled) {
    word.groups_with = 1;
    word.weights = {times * idf(static_cast<double>(pool.documents), static_cast<double>(documents))};
    return;
  }
  const std::vector<std::int64_t> df = count_by_group(word);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    word.groups_with += df[i] > 0;
    word.weights.push_back(
        df[i] == 0 ? 0 : times * idf(static_cast<double>(groups[i].documents), static_cast<double>(df[i])));
  }
}

void Bm25Index::State::weigh_by_likelihood(double times, const Bm25Options& options, QueryWord& word) const {
  const bool pooled = options.statistics == LexicalStatistics::pooled;
  std::vector<std::uint64_t> counts(pooled ? 1 : groups.size(), 0);
  std::array<std::uint32_t, kBlockPostings> documents, frequencies;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const PostingList& list = word.lists[p];
    for (std::size_t block = 0; block < list.block_count(); ++block) {
      list.documents_of(block, documents.data());
      list.frequencies_of(block, frequencies.data());
      for (std::size_t i = 0; i < list.block_size(block); ++i) {
        if (parts[p].deleted && parts[p].deleted->contains(documents[i])) continue;
        counts[pooled ? 0 : parts[p].groups[documents[i]]] += frequencies[i];
        word.most_frequency = std::max(word.most_frequency, frequencies[i]);
      }
    }
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::uint64_t all = pooled ? pool.words : groups[i].words;
    const double share = (static_cast<double>(counts[i]) + 1) / (static_cast<double>(all) + 1);
    word.inverses.push_back(counts[i] == 0 ? 0 : 1 / (static_cast<double>(options.mu) * share));
    word.weights.push_back(counts[i] == 0 ? 0 : times);
    word.groups_with += counts[i] > 0;
  }
}

std::vector<QueryWord> Bm25Index::State::look_up(std::span<const std::string_view> query,
                                                 const Bm25Options& options) const {
  return look_up(each_once(query), options);
}

std::vector<QueryWord> Bm25Index::State::look_up(std::span<const WeightedWord> query,
                                                 const Bm25Options& options) const {
  const std::vector<WeightedWord> sorted = in_order(query);
  std::vector<QueryWord> words;
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    double times = 0;
    for (; end < sorted.size() && sorted[end].word == sorted[begin].word; ++end) times += double{sorted[end].weight};
    QueryWord word;
    std::uint64_t found = 0;
    for (const LexicalPart& part : parts) {
      word.lists.push_back(part.segment->content().find(sorted[begin].word));
      found += count_documents(part, word.lists.back());
    }
    if (found == 0) {
      word.lists.assign(parts.size(), {});  // Only deleted documents may have it.
      word.groups_with = 1;
      word.weights = {0};
    } else if (options.weighting == LexicalWeighting::dirichlet) {
      weigh_by_likelihood(times, options, word);
    } else {
      weigh_by_idf(times, found, options.statistics, word);
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::unique_ptr<Scorer> Bm25Index::State::dirichlet_scorer(const QueryWord& word, std::size_t part,
                                                           const LengthNorms& length_norms, double steps) const {
  DirichletScorer::Settings settings;
  settings.weight = static_cast<float>(*std::max_element(word.weights.begin(), word.weights.end()) * steps);
  settings.inverses = word.inverses;
  settings.groups = parts[part].groups;
  if (word.inverses.size() > 1) {
    most_by_place(word.lists.empty() ? std::span<const LanguageCount>() : word.lists[part].languages,
                  *std::max_element(word.inverses.begin(), word.inverses.end()), settings.place_inverses,
                  [&](std::uint32_t language) { return word.inverses[parts[part].group_of_language[language]]; });
  }
  settings.most_frequency = word.most_frequency;
  settings.norms = length_norms.by_part[part];
  settings.least_norms = &length_norms.least;
  return std::make_unique<DirichletScorer>(std::move(settings));
}

std::unique_ptr<Scorer> Bm25Index::State::scorer(const QueryWord& word, std::size_t part,
                                                 const LengthNorms& length_norms, double steps) const {
  const auto& of_documents = length_norms.by_part[part];
  if (word.groups_with == 1) {
    const double weight = *std::max_element(word.weights.begin(), word.weights.end());
    return std::make_unique<Bm25Scorer>(static_cast<float>(weight * steps), of_documents, length_norms.least);
  }
  std::vector<float> weights;
  for (const double weight : word.weights) weights.push_back(static_cast<float>(weight * steps));
  std::array<float, 8> place_weights = {};
  most_by_place(word.lists.empty() ? std::span<const LanguageCount>() : word.lists[part].languages,
                *std::max_element(weights.begin(), weights.end()), place_weights,
                [&](std::uint32_t language) { return weights[parts[part].group_of_language[language]]; });
  return std::make_unique<GroupedBm25Scorer>(std::move(weights), parts[part].groups, place_weights, of_documents,
                                             length_norms.least);
}

double Bm25Index::full_score(std::span<const Token> query, const Bm25Options& options, const Language& language) const {
  if (state_->has_fields) return 0;
  const std::string key = group_key(language);
  const auto own = std::ranges::find(state_->groups, key, &DocumentGroup::key);
  const bool pooled =
      options.statistics == LexicalStatistics::pooled || own == state_->groups.end() || own->documents == 0;
  const DocumentGroup& group = pooled ? state_->pool : *own;
  double score = 0;
  for (const Token& token : query) {
    QueryWord word;
    std::uint64_t documents = 0;
    for (const LexicalPart& part : state_->parts) {
      word.lists.push_back(part.segment->content().find(token.text));
      documents += word.lists.back().size;
    }
    if (!pooled) {
      documents = state_->count_by_group(word)[static_cast<std::size_t>(own - state_->groups.begin())];
    }
    if (options.weighting == LexicalWeighting::dirichlet) {
      const double share = (static_cast<double>(documents) + 1) / (static_cast<double>(group.words) + 1);
      score += std::log1p(1 / (static_cast<double>(options.mu) * share));
    } else {
      score += idf(static_cast<double>(group.documents), static_cast<double>(documents)) /
               (1 + static_cast<double>(options.k1));
    }
  }
  return score;
}

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

std::vector<QueryPhrase> Bm25Index::State::look_up(std::span<const Phrase> phrases, const Bm25Options& options) const {
  std::vector<QueryPhrase> known;
  known.reserve(phrases.size());
  for (const Phrase& phrase : phrases) {
    known.emplace_back(phrase, [&](std::span<const std::string_view> words) { return look_up(words, options); });
    if (known.back().has_several_words()) check_positions();
  }
  return known;
}

void Bm25Index::State::check_positions() const {
  for (const LexicalPart& part : parts) {
    if (part.segment->has_positions()) continue;
    throw NotFound(
        fmt::format("{} does not say where words stand, which phrases in quotes and proximity need; make the index "
                    "anew with: dragoman index --positions --rebuild",
                    part.segment->path().string()));
  }
}

void Bm25Index::State::add_proximity(std::span<const WeightedWord> query, const Bm25Options& options,
                                     const LengthNorms& length_norms, std::vector<ScoredDocument>& documents) const {
  std::vector<std::string_view> different;
  for (const WeightedWord& word : query) different.push_back(word.word);
  std::ranges::sort(different);
  different.erase(std::unique(different.begin(), different.end()), different.end());
  const std::vector<QueryWord> words = look_up(different, options);

  const std::size_t count = std::min(documents.size(), options.proximity_depth);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    std::vector<ProximityWord> near;
    std::vector<const QueryWord*> of;
    for (const QueryWord& word : words) {
      if (word.lists[p].size == 0) continue;
      near.push_back({PositionCursor(word.lists[p]), 0});
      of.push_back(&word);
    }
    const LexicalPart& part = parts[p];
    const std::uint64_t first = part.segment->first_document();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t number = documents[i].document;
      if (number < first || number - first >= part.segment->document_count()) continue;
      const std::uint32_t document = place_of(p, static_cast<std::uint32_t>(number - first));
      for (std::size_t w = 0; w < near.size(); ++w) {
        near[w].idf = of[w]->weights.size() == 1 ? of[w]->weights[0] : of[w]->weights[part.groups[document]];
      }
      const double added = proximity_score(near, document, length_norms.by_part[p][document]);
      documents[i].score += static_cast<float>(static_cast<double>(options.proximity) * added);
    }
  }
  std::ranges::sort(documents, [](const ScoredDocument& a, const ScoredDocument& b) {
    return a.score != b.score ? a.score > b.score : a.document < b.document;
  });
}

std::uint32_t Bm25Index::State::place_of(std::size_t part, std::uint32_t number) const {
  const auto order = parts[part].segment->content().order;
  if (order.empty()) return number;
  const std::lock_guard lock(places_mutex);
  if (places.empty()) places.resize(parts.size());
  std::vector<std::uint32_t>& of_part = places[part];
  if (of_part.empty()) {
    of_part.resize(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) of_part[order[i]] = i;
  }
  return of_part[number];
}

bool Bm25Index::has_positions() const {
  return !state_->has_fields &&
         std::ranges::all_of(state_->parts, [](const LexicalPart& part) { return part.segment->has_positions(); });
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
          "index "
          "anew with: dragoman index --fields none --positions --rebuild");
    }
    return state_->unions->search(unions_of(words), depth, options, allowed);
  }
  if (allowed == nullptr) allowed = state_->live.get();
  if (options.proximity > 0) state_->check_positions();
  const std::vector<QueryWord> known = state_->look_up(words, options);
  const std::vector<QueryPhrase> known_phrases = state_->look_up(phrases, options);
  double most = 0;
  const auto add_gain = [&](const QueryWord& word) {
    double gain = *std::max_element(word.weights.begin(), word.weights.end());
    if (!word.inverses.empty()) {
      gain *= std::log1p(word.most_frequency * *std::max_element(word.inverses.begin(), word.inverses.end()));
    }
    most += gain;
  };
  for (const QueryWord& word : known) add_gain(word);
  for (const QueryPhrase& phrase : known_phrases) {
    if (!phrase.is_known()) return {};
    if (phrase.has_several_words()) add_gain(phrase.weight());
  }
  const bool has_unknown = std::ranges::any_of(
      known, [](const QueryWord& word) { return word.weights[0] == 0 && word.weights.size() == 1; });
  if (most == 0 || depth == 0 || (has_unknown && options.match == LexicalMatch::all)) return {};
  const ScoreSteps steps(most);

  const auto length_norms = state_->norms.find(options, state_->parts, state_->groups, state_->pool);
  const bool ascending =
      std::ranges::all_of(state_->parts, [](const LexicalPart& part) { return part.segment->content().order.empty(); });
  TopDocuments top(options.proximity > 0 ? std::max(depth, options.proximity_depth) : depth, ascending);
  std::vector<ScoredList> lists;
  std::vector<std::unique_ptr<Scorer>> scorers;
  std::vector<PartPhrase> part_phrases;
  for (std::size_t p = 0; p < state_->parts.size(); ++p) {
    lists.clear();
    scorers.clear();
    part_phrases.clear();
    const auto add_scorer = [&](const QueryWord& word) {
      scorers.push_back(word.inverses.empty() ? state_->scorer(word, p, *length_norms, steps.per_unit())
                                              : state_->dirichlet_scorer(word, p, *length_norms, steps.per_unit()));
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
    const PartSearch part{state_->parts[p].segment->content(), lists, allowed, all_words, {}, part_phrases};
    search_part(options.method, part, top);
  }
  std::vector<ScoredDocument> found = std::move(top).take(steps.unit());
  if (options.proximity > 0) {
    state_->add_proximity(words, options, *length_norms, found);
    found.resize(std::min(found.size(), depth));
  }
  return found;
}

}  // namespace dragoman
