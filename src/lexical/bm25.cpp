#include "dragoman/lexical/bm25.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

/// Documents scored at a time: their scores stay in the first-level cache, and memory does not grow with the index.
constexpr std::size_t kWindow = 2048;

void check(const Bm25Options& options) {
  if (!std::isfinite(options.k1) || options.k1 < 0) {
    throw InvalidArgument(fmt::format("k1 is {}, must be finite and at least 0", options.k1));
  }
  if (!(options.b >= 0 && options.b <= 1)) {
    throw InvalidArgument(fmt::format("b is {}, must be between 0 and 1", options.b));
  }
}

double idf(std::uint64_t documents, std::uint64_t df) {
  const auto n = static_cast<double>(documents), d = static_cast<double>(df);
  return std::log(1.0 + (n - d + 0.5) / (d + 0.5));
}

bool is_better(const ScoredDocument& a, const ScoredDocument& b) {
  return a.score != b.score ? a.score > b.score : a.document < b.document;
}

/// The best `depth` documents seen; the worst of them is on top of the heap.
class Best {
 public:
  explicit Best(std::size_t depth) : depth_(depth) {}

  void offer(ScoredDocument candidate) {
    if (heap_.size() < depth_) {
      heap_.push_back(candidate);
      std::push_heap(heap_.begin(), heap_.end(), is_better);
    } else if (depth_ > 0 && is_better(candidate, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), is_better);
      heap_.back() = candidate;
      std::push_heap(heap_.begin(), heap_.end(), is_better);
    }
  }

  std::vector<ScoredDocument> take() && {
    std::sort_heap(heap_.begin(), heap_.end(), is_better);
    return std::move(heap_);
  }

 private:
  std::size_t depth_;
  std::vector<ScoredDocument> heap_;
};

}  // namespace

/// A word of the query, with what the index has of it.
struct Bm25Index::QueryWord {
  std::vector<Postings> postings;  ///< By part.
  std::vector<double> weights;     ///< By group: times in the query, times idf. One element where pooled.
};

Bm25Index::Bm25Index(std::vector<std::shared_ptr<const LexicalSegment>> segments) {
  std::sort(segments.begin(), segments.end(),
            [](const auto& a, const auto& b) { return a->first_document() < b->first_document(); });
  std::map<std::string, std::uint32_t, std::less<>> group_numbers;
  const LexicalSegment* previous = nullptr;
  for (auto& segment : segments) {
    if (segment->document_count() == 0) continue;
    if (previous != nullptr &&
        previous->first_document() + std::uint64_t{previous->document_count()} > segment->first_document()) {
      throw InvalidData(fmt::format("{} and {} both hold document {}; make them again with: dragoman index --rebuild",
                                    previous->path().string(), segment->path().string(), segment->first_document()));
    }
    previous = segment.get();

    Part part;
    for (const Language& language : segment->languages()) {
      const std::string key = std::string(language.primary()) + "-" + language.script();
      part.groups.push_back(
          group_numbers.try_emplace(key, static_cast<std::uint32_t>(group_numbers.size())).first->second);
    }
    groups_.resize(group_numbers.size());
    const auto lengths = segment->lengths();
    const auto languages = segment->document_languages();
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      if (lengths[i] == 0) continue;
      for (Group* group : {&groups_[part.groups[languages[i]]], &pool_}) {
        group->documents += 1;
        group->words += lengths[i];
      }
    }
    part.segment = std::move(segment);
    parts_.push_back(std::move(part));
  }
}

std::vector<Bm25Index::QueryWord> Bm25Index::look_up(std::span<const Token> query, LexicalStatistics statistics) const {
  // Sorted, so that every document adds up its words in the same order, whatever the order of the query.
  std::map<std::string_view, std::size_t> times;
  for (const Token& token : query) ++times[token.text];

  std::vector<QueryWord> words;
  for (const auto& [text, count] : times) {
    QueryWord word;
    const bool pooled = statistics == LexicalStatistics::pooled;
    std::vector<std::uint64_t> df(pooled ? 1 : groups_.size(), 0);
    bool found = false;
    for (const Part& part : parts_) {
      const Postings postings = part.segment->postings(text);
      word.postings.push_back(postings);
      found = found || !postings.documents.empty();
      if (pooled) {
        df[0] += postings.documents.size();
        continue;
      }
      const auto languages = part.segment->document_languages();
      const DocumentNumber first = part.segment->first_document();
      for (const DocumentNumber document : postings.documents) ++df[part.groups[languages[document - first]]];
    }
    if (!found) continue;
    for (std::size_t i = 0; i < df.size(); ++i) {
      const std::uint64_t documents = pooled ? pool_.documents : groups_[i].documents;
      word.weights.push_back(static_cast<double>(count) * idf(documents, df[i]));
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<ScoredDocument> Bm25Index::search(std::span<const Token> query, std::size_t depth,
                                              const Bm25Options& options, std::span<const std::uint8_t> allowed) const {
  check(options);
  const std::vector<QueryWord> words = look_up(query, options.statistics);
  const bool pooled = options.statistics == LexicalStatistics::pooled;

  const double k1 = options.k1, b = options.b;
  std::vector<double> average_lengths;
  for (const Group& group : pooled ? std::vector<Group>{pool_} : groups_) {
    average_lengths.push_back(static_cast<double>(group.words) / static_cast<double>(group.documents));
  }

  Best best(depth);
  std::vector<double> scores(kWindow, 0.0);  // In double, so that float rounds once, at the end.
  std::vector<std::size_t> next(words.size());
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    const auto lengths = part.segment->lengths();
    const auto languages = part.segment->document_languages();
    const DocumentNumber first = part.segment->first_document();
    std::fill(next.begin(), next.end(), 0);
    while (true) {
      // The window begins at the first document not yet scored, so that sparse words skip over what they lack.
      std::uint64_t begin = std::uint64_t{1} << 32;
      for (std::size_t w = 0; w < words.size(); ++w) {
        const auto documents = words[w].postings[p].documents;
        if (next[w] < documents.size()) begin = std::min<std::uint64_t>(begin, documents[next[w]]);
      }
      if (begin == std::uint64_t{1} << 32) break;

      for (std::size_t w = 0; w < words.size(); ++w) {
        const auto [documents, frequencies] = words[w].postings[p];
        std::size_t& at = next[w];
        for (; at < documents.size() && documents[at] < begin + kWindow; ++at) {
          const std::size_t local = documents[at] - first;
          const std::size_t group = pooled ? 0 : part.groups[languages[local]];
          // The group has this document, hence its average is a number above 0.
          const double relative_length = static_cast<double>(lengths[local]) / average_lengths[group];
          const auto tf = static_cast<double>(frequencies[at]);
          scores[documents[at] - begin] += words[w].weights[group] * tf / (tf + k1 * (1.0 - b + b * relative_length));
        }
      }
      for (std::size_t i = 0; i < kWindow; ++i) {
        const auto score = static_cast<float>(std::exchange(scores[i], 0.0));
        if (score <= 0) continue;
        const auto document = static_cast<DocumentNumber>(begin + i);
        if (allowed.empty() || (document < allowed.size() && allowed[document] != 0)) best.offer({document, score});
      }
    }
  }
  return std::move(best).take();
}

std::vector<double> Bm25Index::document_frequencies(std::string_view word, std::span<const Language> languages) const {
  std::vector<double> frequencies(languages.size());
  for (const Part& part : parts_) {
    const Postings postings = part.segment->postings(word);
    if (postings.documents.empty()) continue;
    std::vector<double> by_ordinal(part.segment->languages().size());
    const auto ordinals = part.segment->document_languages();
    for (const DocumentNumber document : postings.documents) {
      by_ordinal[ordinals[document - part.segment->first_document()]] += 1;
    }
    for (std::size_t i = 0; i < languages.size(); ++i) {
      const auto found = std::ranges::find(part.segment->languages(), languages[i]);
      if (found == part.segment->languages().end()) continue;
      frequencies[i] += by_ordinal[static_cast<std::size_t>(found - part.segment->languages().begin())];
    }
  }
  return frequencies;
}

}  // namespace dragoman
