#include "dragoman/lexical/lexical_segment.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "lexical/for_each_posting.h"
#include "lexical/segment_content.h"

namespace dragoman {

LexicalSegment::LexicalSegment(const std::filesystem::path& path, std::string_view stamp,
                               std::optional<DocumentNumber> first) {
  auto content = std::make_unique<SegmentContent>(path, stamp);
  if (first) content->renumber(*first);
  content_ = std::move(content);
}
LexicalSegment::~LexicalSegment() = default;

const std::filesystem::path& LexicalSegment::path() const { return content_->reader.path(); }
DocumentNumber LexicalSegment::first_document() const { return content_->first_document; }
std::span<const std::uint32_t> LexicalSegment::order() const { return content_->order; }
std::size_t LexicalSegment::document_count() const { return content_->document_count; }
const std::vector<Language>& LexicalSegment::languages() const { return content_->languages; }
bool LexicalSegment::has_positions() const { return content_->has_positions; }
std::size_t LexicalSegment::term_count() const { return content_->dictionary.term_count(); }
std::string LexicalSegment::term(std::size_t index) const { return content_->dictionary.term(index); }

std::vector<std::uint32_t> LexicalSegment::lengths() const {
  std::vector<std::uint32_t> lengths(document_count());
  for (std::uint32_t i = 0; i < lengths.size(); ++i) {
    lengths[content_->number_of(i) - first_document()] = content_->length_of(i);
  }
  return lengths;
}

std::vector<std::uint32_t> LexicalSegment::document_languages() const {
  std::vector<std::uint32_t> languages(document_count());
  for (std::uint32_t i = 0; i < languages.size(); ++i) {
    languages[content_->number_of(i) - first_document()] = content_->document_languages[i];
  }
  return languages;
}

Postings LexicalSegment::postings(std::string_view term) const {
  const PostingList list = content_->find(term);
  std::vector<std::tuple<DocumentNumber, std::uint32_t, std::vector<std::uint32_t>>> found;
  for_each_posting_with_positions(
      list, [&](std::uint32_t document, std::uint32_t frequency, std::span<const std::uint32_t> positions) {
        found.emplace_back(content_->number_of(document), frequency,
                           std::vector<std::uint32_t>(positions.begin(), positions.end()));
      });
  std::sort(found.begin(), found.end());
  Postings postings;
  for (auto& [document, frequency, positions] : found) {
    postings.documents.push_back(document);
    postings.frequencies.push_back(frequency);
    if (list.has_positions) postings.positions.push_back(std::move(positions));
  }
  return postings;
}

}  // namespace dragoman
