#include "lexical/posting_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "lexical/position_block.h"
#include "lexical/posting_writer.h"

namespace dragoman {

PostingCheck::PostingCheck(const SegmentContent& content)
    : content_(content),
      sums_(content.document_count, 0),
      counts_(content.languages.size(), 0),
      places_(content.languages.size(), 0) {
  length_codes_.reserve(content.document_count);
  for (std::size_t i = 0; i < content.document_count; ++i) length_codes_.push_back(floor_length(content.length_of(i)));
}

void PostingCheck::refuse(const char* what) const { content_.refuse(fmt::format("term {}: {}", term_, what)); }

void PostingCheck::take(const DictionaryEntry& entry) {
  if (entry.documents > content_.document_count) refuse("more postings than documents");
  if (entry.documents >= kBlockPostings) check_place(entry);
  const PostingList list = content_.list_of(entry);
  if (!list.headers.empty()) check_languages(list);
  short_positions_ = list.headers.empty() ? entry.positions : 0;
  check_blocks(list);
  if (!list.headers.empty()) {
    postings_ += word_bytes_;
    blocks_ += list.headers.size();
    languages_ += list.languages.size();
  }
  ++term_;
}

/// Sections hold the words one behind the other: so nothing lies outside, twice, or unseen.
void PostingCheck::check_place(const DictionaryEntry& entry) {
  if (entry.postings_offset != postings_) refuse("postings out of place");
  if (entry.first_block != blocks_) refuse("blocks out of place");
  const std::uint64_t count = (entry.documents + kBlockPostings - 1) / kBlockPostings;
  if (count > content_.headers.size() - blocks_) refuse("blocks cut short");
  if (entry.first_language != languages_) refuse("languages out of place");
  if (entry.language_count > content_.term_languages.size() - languages_) refuse("languages cut short");

  const std::uint64_t room = content_.postings.size() - kStreamPadding - postings_;
  word_bytes_ = 0;
  for (std::uint64_t block = 0; block < count; ++block) {
    const BlockHeader& header = content_.headers[blocks_ + block];
    const std::uint64_t size = std::min<std::uint64_t>(kBlockPostings, entry.documents - block * kBlockPostings);
    if (header.document_bits > 32 || header.frequency_bits > 32) refuse("numbers of more than 32 bits");
    if (header.offset != word_bytes_) refuse("a block out of place");
    word_bytes_ += stream_bytes(size, header.document_bits) + stream_bytes(size, header.frequency_bits);
    if (word_bytes_ > room) refuse("postings cut short");
    if (!content_.has_positions) continue;
    // How many positions follow is known only from the frequencies, which lie inside.
    const PostingList list = content_.list_of(entry);
    std::array<std::uint32_t, kBlockPostings> frequencies;
    list.frequencies_of(block, frequencies.data());
    const auto total =
        std::accumulate(frequencies.begin(), frequencies.begin() + static_cast<std::ptrdiff_t>(size), std::uint64_t{0});
    const auto bytes = packed_positions_size(list.positions_begin(block), total, room - word_bytes_);
    if (!bytes) refuse("positions cut short");
    word_bytes_ += *bytes;
  }
}

void PostingCheck::check_languages(const PostingList& list) {
  std::uint64_t sum = 0;
  std::fill(counts_.begin(), counts_.end(), 0);
  for (std::uint32_t place = 0; place < list.languages.size(); ++place) {
    const LanguageCount& language = list.languages[place];
    if (language.language >= counts_.size() || counts_[language.language] > 0 || language.documents == 0) {
      refuse("unknown or repeated languages");
    }
    counts_[language.language] = language.documents;
    places_[language.language] = place;
    sum += language.documents;
  }
  if (sum != list.size) refuse("counts by language are wrong");
  std::vector<LanguageCount> sorted(list.languages.begin(), list.languages.end());
  sort_languages(sorted);
  if (!std::ranges::equal(sorted, list.languages)) refuse("languages out of order");
}

void PostingCheck::check_blocks(const PostingList& list) {
  const bool has_headers = !list.headers.empty();
  std::array<std::uint32_t, kBlockPostings> documents, frequencies;
  std::uint64_t next = 0;
  for (std::size_t block = 0; block < list.block_count(); ++block) {
    const std::size_t size = list.block_size(block);
    list.documents_of(block, documents.data());
    list.frequencies_of(block, frequencies.data());
    for (std::size_t i = 0; i < size; ++i) {
      // Gaps that go beyond 32 bits begin from 0 again, and do not ascend then.
      if (documents[i] < next) refuse("documents out of order");
      if (documents[i] >= content_.document_count) refuse("a document that is not there");
      if (frequencies[i] == 0) refuse("a frequency of 0");
      next = std::uint64_t{documents[i]} + 1;
      sums_[documents[i]] += frequencies[i];
      most_frequency_ = std::max(most_frequency_, frequencies[i]);
    }
    if (list.has_positions) check_positions(list, block, std::span<const std::uint32_t>(frequencies).first(size));
    if (!has_headers) continue;
    BlockHeader expected = list.headers[block];
    expected.last_document = documents[size - 1];
    expected.languages = 0;
    const auto found = std::span<const std::uint32_t>(documents).first(size);
    summarize(found, std::span<const std::uint32_t>(frequencies).first(size), length_codes_, expected);
    for (const std::uint32_t document : found) {
      const std::uint32_t language = content_.document_languages[document];
      if (counts_[language] == 0) refuse("a language that its word does not have");
      --counts_[language];
      expected.languages |= language_bit(places_[language]);
    }
    if (expected != list.headers[block]) refuse("a header that its block denies");
  }
}

void PostingCheck::check_positions(const PostingList& list, std::size_t block,
                                   std::span<const std::uint32_t> frequencies) {
  const auto total = std::accumulate(frequencies.begin(), frequencies.end(), std::uint64_t{0});
  if (list.headers.empty() && total != short_positions_) refuse("positions are not as many as its frequencies say");
  std::uint32_t left = 0;  // Of the posting at hand.
  std::uint64_t position = 0;
  auto frequency = frequencies.begin();
  for_each_position_chunk(list.positions_begin(block), total, [&](std::span<const std::uint32_t> gaps) {
    for (const std::uint32_t gap : gaps) {
      if (left == 0) {
        left = *frequency++;
        position = 0;
      }
      position += gap;
      if (position > std::numeric_limits<std::uint32_t>::max()) refuse("a position beyond 32 bits");
      --left;
    }
  });
  positions_ += total;
}

void PostingCheck::finish() const {
  if (content_.has_positions) {
    const auto positions = content_.reader.array<std::uint64_t>("positions");
    if (positions.size() != 1) content_.refuse("section positions is not one number");
    if (positions[0] != positions_) content_.refuse("section positions is not the number of its words' positions");
  }
  if (postings_ + kStreamPadding != content_.postings.size())
    content_.refuse("section postings is longer than its words");
  if (blocks_ != content_.headers.size()) content_.refuse("section blocks is longer than its words");
  if (languages_ != content_.term_languages.size()) content_.refuse("section term_languages is longer than its words");
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    if (sums_[i] != content_.length_of(i)) content_.refuse("lengths are not the sums of frequencies");
  }
}

}  // namespace dragoman
