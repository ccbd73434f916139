#include "lexical/union_search.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "lexical/bm25_scorer.h"
#include "lexical/max_score.h"
#include "lexical/segment_order.h"
#include "lexical/union_frequency.h"
#include "lexical/weighted_words.h"

namespace dragoman {
namespace {

/// Counts of unions with fewer postings are quicker made than looked up.
constexpr std::uint64_t kWorthKeeping = 256;
constexpr std::size_t kMostKept = 1 << 16;

void check_weight(std::string_view what, std::string_view name, float weight) {
  if (is_word_weight(weight)) return;
  throw InvalidArgument(
      fmt::format("the {} of '{}' is {}, must be between 1e-6 and 1e6", what, printable(name), weight));
}

/// In the order of words; one that comes twice counts with the sum of its weights.
std::vector<WeightedWord> merged(std::span<const WeightedWord> words) {
  std::vector<WeightedWord> merged;
  for (const WeightedWord& word : in_order(words)) {
    check_weight("weight", word.word, word.weight);
    if (!merged.empty() && merged.back().word == word.word) {
      merged.back().weight += word.weight;
    } else {
      merged.push_back(word);
    }
  }
  return merged;
}

}  // namespace

double UnionSearch::KnownUnion::most_weight() const { return weights.empty() ? 0 : *std::ranges::max_element(weights); }

UnionSearch::UnionSearch(std::vector<LexicalField> fields, std::shared_ptr<const DocumentSet> live)
    : live_(std::move(live)) {
  for (LexicalField& field : fields) {
    if (std::ranges::find(names_, field.name) != names_.end()) {
      throw InvalidArgument(fmt::format("field '{}' is given twice", printable(field.name)));
    }
    names_.push_back(std::move(field.name));
    fields_.push_back({in_document_order(std::move(field.segments)), {}, {}});
  }
  check_alignment();
  count_documents();
}

void UnionSearch::check_alignment() const {
  for (const FieldLengths& field : fields_) {
    const auto& first = fields_[0].segments;
    bool same = field.segments.size() == first.size();
    for (std::size_t p = 0; same && p < first.size(); ++p) {
      const SegmentContent &a = first[p]->content(), &b = field.segments[p]->content();
      same = a.first_document == b.first_document && a.document_count == b.document_count &&
             std::ranges::equal(a.order, b.order);
      if (!same) {
        throw InvalidData(
            fmt::format("{} and {} do not hold the same documents in the same order; make them again with: "
                        "dragoman index --rebuild",
                        first[p]->path().string(), field.segments[p]->path().string()));
      }
    }
    if (!same) {
      const std::size_t number = static_cast<std::size_t>(&field - fields_.data());
      throw InvalidData(
          fmt::format("field '{}' has {} segments, field '{}' has {}; make them again with: "
                      "dragoman index --rebuild",
                      printable(names_[0]), first.size(), printable(names_[number]), field.segments.size()));
    }
  }
}

void UnionSearch::count_documents() {
  GroupNumbers numbers;
  for (const FieldLengths& field : fields_) {
    auto& of_field = group_of_language_.emplace_back();
    for (const auto& segment : field.segments) of_field.push_back(numbers.of(segment->languages()));
  }
  documents_.resize(numbers.size());
  for (FieldLengths& field : fields_) field.groups = numbers.groups();
  if (fields_.empty()) return;
  for (std::size_t p = 0; p < fields_[0].segments.size(); ++p) {
    const SegmentContent& leader = fields_[0].segments[p]->content();
    auto& of_part = groups_.emplace_back();
    of_part.reserve(leader.document_count);
    has_deleted_.push_back(false);
    for (std::size_t i = 0; i < leader.document_count; ++i) {
      of_part.push_back(group_of_language_[0][p][leader.document_languages[i]]);
      bool any = false;
      const bool is_deleted = live_ && !live_->contains(leader.number_of(static_cast<std::uint32_t>(i)));
      if (is_deleted) has_deleted_.back() = true;
      for (std::size_t f = 0; f < fields_.size(); ++f) {
        FieldLengths& field = fields_[f];
        const SegmentContent& content = field.segments[p]->content();
        // Bounds rely on what each field's lists say of their languages.
        if (group_of_language_[f][p][content.document_languages[i]] != of_part[i]) {
          throw InvalidData(
              fmt::format("{} and {} have document {} in two languages; make them again with: "
                          "dragoman index --rebuild",
                          fields_[0].segments[p]->path().string(), field.segments[p]->path().string(),
                          content.number_of(static_cast<std::uint32_t>(i))));
        }
        const std::uint32_t length = content.length_of(i);
        if (length == 0 || is_deleted) continue;
        any = true;
        field.groups[of_part[i]].add_document(length);
        field.pool.add_document(length);
      }
      documents_[of_part[i]] += any;
      all_documents_ += any;
    }
  }
}

bool UnionSearch::is_live(std::size_t part, std::uint32_t document) const {
  return !has_deleted_[part] || live_->contains(fields_[0].segments[part]->content().number_of(document));
}

template <typename OfLanguage, typename OfDocument>
void UnionSearch::count_live(std::size_t part, std::span<const PostingList> lists, OfLanguage of_language,
                             OfDocument of_document) const {
  count_any(lists, has_deleted_[part], of_language, [&](std::uint32_t document) {
    if (is_live(part, document)) of_document(document);
  });
}

std::vector<FieldBm25> UnionSearch::settings_of(const Bm25Options& options) const {
  std::vector<FieldBm25> settings;
  for (const std::string& name : names_) settings.push_back({name, 1, std::nullopt});
  std::vector<bool> given(names_.size());
  for (const FieldBm25& field : options.fields) {
    const auto found = std::ranges::find(names_, field.field);
    if (found == names_.end()) {
      throw InvalidArgument(fmt::format("there is no field '{}'; the fields of this index are: {}",
                                        printable(field.field), fmt::join(names_, ", ")));
    }
    const auto number = static_cast<std::size_t>(found - names_.begin());
    if (given[number]) throw InvalidArgument(fmt::format("field '{}' is given twice", printable(field.field)));
    if (field.weight != 0) check_weight("weight", field.field, field.weight);
    if (field.b && !(*field.b >= 0 && *field.b <= 1)) {
      throw InvalidArgument(
          fmt::format("b of field '{}' is {}, must be between 0 and 1", printable(field.field), *field.b));
    }
    given[number] = true;
    settings[number] = field;
  }
  if (std::ranges::all_of(settings, [](const FieldBm25& field) { return field.weight == 0; })) {
    throw InvalidArgument(
        fmt::format("all fields have a weight of 0; give one of them more: {}", fmt::join(names_, ", ")));
  }
  return settings;
}

std::vector<double> UnionSearch::count_any_by_group(std::span<const WordInField> words) const {
  std::string key;
  std::uint64_t postings = 0;
  for (const WordInField& word : words) {
    key += fmt::format("{} {} {}", word.field, word.word.size(), word.word);
    postings += word.postings;
  }
  const bool keep = (words.size() > 1 || live_) && postings >= kWorthKeeping;
  if (keep) {
    const std::lock_guard lock(mutex_);
    if (const auto found = counted_.find(key); found != counted_.end()) return found->second;
  }
  std::vector<double> counts(documents_.size());
  std::vector<PostingList> lists(words.size());
  for (std::size_t p = 0; p < groups_.size(); ++p) {
    for (std::size_t i = 0; i < words.size(); ++i) lists[i] = words[i].lists[p];
    count_live(
        p, lists,
        [&](std::size_t list, std::uint32_t language, std::uint32_t documents) {
          counts[group_of_language_[words[list].field][p][language]] += documents;
        },
        [&](std::uint32_t document) { counts[groups_[p][document]] += 1; });
  }
  if (keep) {
    const std::lock_guard lock(mutex_);
    if (counted_.size() >= kMostKept) counted_.clear();
    counted_.emplace(std::move(key), counts);
  }
  return counts;
}

std::vector<double> UnionSearch::document_frequencies(std::string_view word,
                                                      std::span<const Language> languages) const {
  std::vector<double> frequencies(languages.size());
  for (std::size_t p = 0; p < groups_.size(); ++p) {
    std::vector<PostingList> lists;
    for (const FieldLengths& field : fields_) lists.push_back(field.segments[p]->content().find(word));
    const SegmentContent& leader = fields_[0].segments[p]->content();
    const auto add = [&](const Language& language, double documents) {
      const auto found = std::ranges::find(languages, language);
      if (found != languages.end()) frequencies[static_cast<std::size_t>(found - languages.begin())] += documents;
    };
    count_live(
        p, lists,
        [&](std::size_t list, std::uint32_t language, std::uint32_t documents) {
          add(fields_[list].segments[p]->languages()[language], documents);
        },
        [&](std::uint32_t document) { add(leader.languages[leader.document_languages[document]], 1); });
  }
  return frequencies;
}

std::vector<double> UnionSearch::frequencies_of(const KnownUnion& known, UnionFrequency frequency) const {
  if (frequency == UnionFrequency::any) return count_any_by_group(known.words);
  std::map<std::string_view, std::vector<WordInField>> by_word;  // A word's documents are those of all its fields.
  for (const WordInField& word : known.words) by_word[word.word].push_back(word);
  std::vector<double> expected(documents_.size());
  for (const auto& [word, lists] : by_word) {
    const std::vector<double> df = count_any_by_group(lists);
    for (std::size_t g = 0; g < df.size(); ++g) expected[g] += static_cast<double>(lists[0].word_weight) * df[g];
  }
  return expected;
}

UnionSearch::KnownUnion UnionSearch::look_up(const WordUnion& of, std::span<const FieldBm25> fields,
                                             LexicalStatistics statistics) const {
  check_weight("number of times", of.words.empty() ? "" : of.words[0].word, of.times);
  KnownUnion known;
  for (const WeightedWord& word : merged(of.words)) {
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (fields[f].weight == 0) continue;
      WordInField in{f, word.word, word.weight, word.weight * fields[f].weight, {}, 0};
      for (const auto& segment : fields_[f].segments) {
        in.lists.push_back(segment->content().find(word.word));
        in.postings += in.lists.back().size;
      }
      if (in.postings > 0 && live_) {
        const std::vector<double> live = count_any_by_group({&in, 1});
        in.postings = static_cast<std::uint64_t>(std::accumulate(live.begin(), live.end(), 0.0));
      }
      if (in.postings > 0) known.words.push_back(std::move(in));
    }
  }
  // Whatever segments there are, the same order.
  std::ranges::sort(known.words, [](const WordInField& a, const WordInField& b) {
    return std::tie(a.postings, a.field, a.word) < std::tie(b.postings, b.field, b.word);
  });
  if (known.words.empty()) return known;
  const std::vector<double> df = frequencies_of(known, of.frequency);
  const auto times = static_cast<double>(of.times);
  if (statistics == LexicalStatistics::pooled) {
    double sum = 0;
    for (const double documents : df) sum += documents;
    known.weights = {times * idf(all_documents_, std::min(sum, all_documents_))};
    return known;
  }
  for (std::size_t g = 0; g < df.size(); ++g) {
    known.weights.push_back(df[g] == 0 ? 0 : times * idf(documents_[g], std::min(df[g], documents_[g])));
  }
  known.one_group = std::ranges::count_if(df, [](double documents) { return documents > 0; }) == 1;
  return known;
}

ScoredUnion UnionSearch::scored(const KnownUnion& known, std::size_t part,
                                std::span<const std::shared_ptr<const InverseNorms>> norms, double steps) const {
  ScoredUnion scored;
  const bool one_weight = known.one_group || known.weights.size() == 1;
  const auto highest = static_cast<float>(known.most_weight() * steps);
  if (one_weight) {
    scored.weights = {highest};
  } else {
    for (const double weight : known.weights) scored.weights.push_back(static_cast<float>(weight * steps));
    scored.groups = groups_[part];
  }
  for (const WordInField& word : known.words) {
    const PostingList& list = word.lists[part];
    if (list.size == 0) continue;
    UnionPart& in = scored.parts.emplace_back();
    in.list = list;
    in.weight = word.weight;
    in.inverses = norms[word.field]->by_part[part];
    in.most_inverses = &norms[word.field]->most;
    in.most_frequency = fields_[word.field].segments[part]->content().most_frequency;
    if (one_weight) {
      in.place_weights.fill(highest);
      continue;
    }
    const std::vector<std::uint16_t>& group_of = group_of_language_[word.field][part];
    most_by_place(list.languages, highest, in.place_weights,
                  [&](std::uint32_t language) { return scored.weights[group_of[language]]; });
  }
  return scored;
}

std::vector<ScoredDocument> UnionSearch::search(std::span<const WordUnion> query, std::size_t depth,
                                                const Bm25Options& options, const DocumentSet* allowed) const {
  if (options.weighting != LexicalWeighting::bm25) {
    throw InvalidArgument("weighting dirichlet is for plain words in an index without fields; choose bm25");
  }
  const std::vector<FieldBm25> fields = settings_of(options);
  std::vector<KnownUnion> known;
  std::vector<double> gains;
  bool all_known = true;
  for (const WordUnion& of : query) {
    known.push_back(look_up(of, fields, options.statistics));
    gains.push_back(known.back().most_weight());
    all_known = all_known && !known.back().words.empty();
  }
  std::ranges::sort(gains);  // Their sum does not depend on the order of the query then.
  const double most = std::accumulate(gains.begin(), gains.end(), 0.0);
  const bool all_words = options.match == LexicalMatch::all;
  if (most == 0 || depth == 0 || (all_words && !all_known)) return {};
  const ScoreSteps steps(most);

  std::vector<std::shared_ptr<const InverseNorms>> norms;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    norms.push_back(fields[f].weight == 0 ? nullptr : norms_.find(f, fields_[f], groups_, options, fields[f].b));
  }
  const auto& segments = fields_[0].segments;
  const bool ascending =
      std::ranges::all_of(segments, [](const auto& segment) { return segment->content().order.empty(); });
  TopDocuments top(depth, ascending);
  for (std::size_t p = 0; p < segments.size(); ++p) {
    std::vector<ScoredUnion> unions;
    for (const KnownUnion& of : known) {
      ScoredUnion in_part = scored(of, p, norms, steps.per_unit());
      if (!in_part.parts.empty()) unions.push_back(std::move(in_part));
    }
    if (unions.empty() || (all_words && unions.size() < known.size())) continue;
    const PartSearch part{.segment = segments[p]->content(),
                          .lists = {},
                          .allowed = allowed == nullptr ? live_.get() : allowed,
                          .all_words = all_words,
                          .unions = unions};
    search_part(options.method, part, top);
  }
  return std::move(top).take(steps.unit());
}

}  // namespace dragoman
