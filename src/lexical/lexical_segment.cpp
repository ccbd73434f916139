#include "dragoman/lexical/lexical_segment.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "lexical/segment_content.h"

namespace dragoman {

LexicalSegment::LexicalSegment(const std::filesystem::path& path, std::string_view stamp)
    : content_(std::make_unique<const SegmentContent>(path, stamp)) {}
LexicalSegment::~LexicalSegment() = default;

const std::filesystem::path& LexicalSegment::path() const { return content_->reader.path(); }
DocumentNumber LexicalSegment::first_document() const { return content_->first_document; }
std::span<const std::uint32_t> LexicalSegment::order() const { return content_->order; }
std::size_t LexicalSegment::document_count() const { return content_->document_count; }
const std::vector<Language>& LexicalSegment::languages() const { return content_->languages; }
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
  std::vector<std::pair<DocumentNumber, std::uint32_t>> found;
  std::array<std::uint32_t, kBlockPostings> documents, frequencies;
  for (std::size_t block = 0; block < list.block_count(); ++block) {
    list.documents_of(block, documents.data());
    list.frequencies_of(block, frequencies.data());
    for (std::size_t i = 0; i < list.block_size(block); ++i) {
      found.emplace_back(content_->number_of(documents[i]), frequencies[i]);
    }
  }
  std::sort(found.begin(), found.end());
  Postings postings;
  for (const auto& [document, frequency] : found) {
    postings.documents.push_back(document);
    postings.frequencies.push_back(frequency);
  }
  return postings;
}

}  // namespace dragoman
