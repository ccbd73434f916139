#include "lexical/merge_segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "lexical/for_each_posting.h"
#include "lexical/posting_writer.h"
#include "lexical/segment_content.h"
#include "lexical/segment_documents.h"

namespace dragoman {
namespace {

using Segments = std::span<const std::shared_ptr<const LexicalSegment>>;

constexpr std::uint32_t kLeftOut = ~std::uint32_t{0};

void check(Segments segments) {
  for (const auto& segment : segments) {
    if (segment->has_positions() || !segment->order().empty()) {
      throw InvalidArgument(
          fmt::format("{}: segments with positions, or in another order than their documents' "
                      "numbers, are made again, not merged",
                      segment->path().string()));
    }
  }
}

/// Documents that are kept, and where each one of each segment goes.
struct Kept {
  SegmentDocuments documents;
  std::vector<std::vector<std::uint32_t>> places;
};

Kept keep_documents(Segments segments, const std::function<bool(std::size_t, std::size_t)>& keep) {
  Kept kept;
  auto& [documents, places] = kept;
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const SegmentContent& content = segments[s]->content();
    places.emplace_back(content.document_count, kLeftOut);
    for (std::size_t i = 0; i < content.document_count; ++i) {
      if (!keep(s, i)) continue;
      places[s][i] = static_cast<std::uint32_t>(documents.lengths.size());
      documents.lengths.push_back(content.length_of(i));
      const Language& language = content.languages[content.document_languages[i]];
      const auto known = std::ranges::find(documents.languages, language);
      documents.language_of.push_back(static_cast<std::uint32_t>(known - documents.languages.begin()));
      if (known == documents.languages.end()) documents.languages.push_back(language);
    }
  }
  return kept;
}

/// The words of all segments in ascending order, each with the segments that have it, which ascend.
void for_each_word(Segments segments, const std::function<void(std::string_view, std::span<const std::size_t>)>& take) {
  using Head = std::pair<std::string, std::size_t>;  // The least word of a segment that was not taken yet.
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  std::vector<std::size_t> next(segments.size());
  const auto push = [&](std::size_t s) {
    if (next[s] < segments[s]->term_count()) heads.emplace(segments[s]->term(next[s]++), s);
  };
  for (std::size_t s = 0; s < segments.size(); ++s) push(s);
  std::vector<std::size_t> having;
  while (!heads.empty()) {
    const std::string word = heads.top().first;
    having.clear();
    while (!heads.empty() && heads.top().first == word) {
      having.push_back(heads.top().second);
      heads.pop();
      push(having.back());
    }
    take(word, having);
  }
}

}  // namespace

std::uint64_t merge_inverted_segments(Segments segments, const std::function<bool(std::size_t s, std::size_t i)>& keep,
                                      const std::filesystem::path& path, std::string_view stamp,
                                      const std::function<void(SegmentWriter&)>& add_more) {
  check(segments);
  const Kept kept = keep_documents(segments, keep);
  const SegmentDocuments& documents = kept.documents;
  SegmentWriter file(path, "lexical", std::string(stamp));
  const std::vector<std::uint8_t> length_codes = documents.write(file);
  PostingWriter writer(file, length_codes, documents.language_of, documents.languages.size(), false);
  TermPostings postings;
  for_each_word(segments, [&](std::string_view word, std::span<const std::size_t> having) {
    postings.clear();
    for (const std::size_t s : having) {
      for_each_posting(segments[s]->content().find(word), [&](std::uint32_t document, std::uint32_t frequency) {
        const std::uint32_t place = kept.places[s][document];
        if (place == kLeftOut) return;
        postings.documents.push_back(place);
        postings.frequencies.push_back(frequency);
      });
    }
    if (!postings.documents.empty()) writer.add(word, postings.spans());
  });
  writer.finish();
  if (add_more) add_more(file);
  return file.commit();
}

}  // namespace dragoman
