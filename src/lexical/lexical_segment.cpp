#include "dragoman/lexical/lexical_segment.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

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
  std::array<std::uint32_t, kBlockPostings> documents, frequencies;
  for (std::size_t block = 0; block < list.block_count(); ++block) {
    list.documents_of(block, documents.data());
    list.frequencies_of(block, frequencies.data());
    const std::size_t size = list.block_size(block);
    const auto total =
        std::accumulate(frequencies.begin(), frequencies.begin() + static_cast<std::ptrdiff_t>(size), std::uint64_t{0});
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < size; ++i) {
      std::vector<std::uint32_t> positions(list.has_positions ? frequencies[i] : 0);
      if (list.has_positions) list.positions_of(block, before, frequencies[i], total, positions.data());
      before += frequencies[i];
      found.emplace_back(content_->number_of(documents[i]), frequencies[i], std::move(positions));
    }
  }
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
