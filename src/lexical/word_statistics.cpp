#include "lexical/word_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "lexical/bm25_scorer.h"
#include "lexical/for_each_posting.h"
#include "lexical/segment_content.h"
#include "lexical/segment_order.h"
#include "lexical/weighted_words.h"
#include "text/language_key.h"

namespace dragoman {
namespace {

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

double QueryWord::most_weight() const { return *std::ranges::max_element(weights); }

double QueryWord::most_score() const {
  if (inverses.empty()) return most_weight();
  return most_weight() * std::log1p(most_frequency * *std::ranges::max_element(inverses));
}

std::span<const LanguageCount> QueryWord::languages_in(std::size_t part) const {
  return lists.empty() ? std::span<const LanguageCount>() : lists[part].languages;
}

WordStatistics::WordStatistics(std::vector<std::shared_ptr<const LexicalSegment>> segments,
                               std::shared_ptr<const DocumentSet> live)
    : live_(std::move(live)) {
  GroupNumbers numbers;
  for (auto& segment : in_document_order(std::move(segments))) {
    LexicalPart& part = parts_.emplace_back();
    part.group_of_language = numbers.of(segment->languages());
    part.segment = std::move(segment);
  }
  groups_ = numbers.groups();
  for (LexicalPart& part : parts_) {
    const SegmentContent& content = part.segment->content();
    part.groups.reserve(content.document_count);
    std::vector<std::uint32_t> deleted;
    for (std::uint32_t i = 0; i < content.document_count; ++i) {
      part.groups.push_back(part.group_of_language[content.document_languages[i]]);
      const std::uint32_t length = content.length_of(i);
      if (length == 0) continue;
      if (live_ && !live_->contains(content.number_of(i))) {
        deleted.push_back(i);
        continue;
      }
      groups_[part.groups[i]].add_document(length);
      pool_.add_document(length);
    }
    if (!deleted.empty()) part.deleted = std::make_unique<DeletedPostings>(content, std::move(deleted));
  }
  // Segments that were made again have nothing of what was deleted.
  if (std::ranges::none_of(parts_, [](const LexicalPart& part) { return part.deleted != nullptr; })) {
    live_.reset();
  }
}

std::vector<std::int64_t> WordStatistics::count_by_group(const QueryWord& word) const {
  std::vector<std::int64_t> df(groups_.size(), 0);
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    count_documents(parts_[p], word.lists[p], [&](std::uint32_t language, std::int64_t documents) {
      df[parts_[p].group_of_language[language]] += documents;
    });
  }
  return df;
}

std::vector<double> WordStatistics::document_frequencies(std::string_view word,
                                                         std::span<const Language> languages) const {
  std::vector<double> frequencies(languages.size());
  for (const LexicalPart& part : parts_) {
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

void WordStatistics::weigh_by_idf(double times, std::uint64_t documents, LexicalStatistics statistics,
                                  QueryWord& word) const {
  if (statistics == LexicalStatistics::pooled) {
    word.groups_with = 1;
    word.weights = {times * idf(static_cast<double>(pool_.documents), static_cast<double>(documents))};
    return;
  }
  const std::vector<std::int64_t> df = count_by_group(word);
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    word.groups_with += df[i] > 0;
    word.weights.push_back(
        df[i] == 0 ? 0 : times * idf(static_cast<double>(groups_[i].documents), static_cast<double>(df[i])));
  }
}

void WordStatistics::weigh_by_likelihood(double times, const Bm25Options& options, QueryWord& word) const {
  const bool pooled = options.statistics == LexicalStatistics::pooled;
  std::vector<std::uint64_t> counts(pooled ? 1 : groups_.size(), 0);
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const LexicalPart& part = parts_[p];
    for_each_posting(word.lists[p], [&](std::uint32_t document, std::uint32_t frequency) {
      if (part.deleted && part.deleted->contains(document)) return;
      counts[pooled ? 0 : part.groups[document]] += frequency;
      word.most_frequency = std::max(word.most_frequency, frequency);
    });
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::uint64_t all = pooled ? pool_.words : groups_[i].words;
    const double share = (static_cast<double>(counts[i]) + 1) / (static_cast<double>(all) + 1);
    word.inverses.push_back(counts[i] == 0 ? 0 : 1 / (static_cast<double>(options.mu) * share));
    word.weights.push_back(counts[i] == 0 ? 0 : times);
    word.groups_with += counts[i] > 0;
  }
}

std::vector<QueryWord> WordStatistics::look_up(std::span<const std::string_view> query,
                                               const Bm25Options& options) const {
  return look_up(each_once(query), options);
}

std::vector<QueryWord> WordStatistics::look_up(std::span<const WeightedWord> query, const Bm25Options& options) const {
  const std::vector<WeightedWord> sorted = in_order(query);
  std::vector<QueryWord> words;
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    double times = 0;
    for (; end < sorted.size() && sorted[end].word == sorted[begin].word; ++end) times += double{sorted[end].weight};
    QueryWord word;
    std::uint64_t found = 0;
    for (const LexicalPart& part : parts_) {
      word.lists.push_back(part.segment->content().find(sorted[begin].word));
      found += count_documents(part, word.lists.back());
    }
    if (found == 0) {
      word.lists.assign(parts_.size(), {});  // Only deleted documents may have it.
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

double WordStatistics::full_score(std::span<const Token> query, const Bm25Options& options,
                                  const Language& language) const {
  const Language key = language_key(language);
  const auto own = std::ranges::find(groups_, key, &DocumentGroup::key);
  const bool pooled = options.statistics == LexicalStatistics::pooled || own == groups_.end() || own->documents == 0;
  const DocumentGroup& group = pooled ? pool_ : *own;
  double score = 0;
  for (const Token& token : query) {
    QueryWord word;
    std::uint64_t documents = 0;
    for (const LexicalPart& part : parts_) {
      word.lists.push_back(part.segment->content().find(token.text));
      documents += count_documents(part, word.lists.back());
    }
    if (!pooled) {
      documents = count_by_group(word)[static_cast<std::size_t>(own - groups_.begin())];
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

}  // namespace dragoman
