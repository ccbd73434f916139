#include "lexical/posting_writer.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "dragoman/base/error.h"
#include "lexical/position_block.h"

namespace dragoman {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

}  // namespace

void sort_languages(std::span<LanguageCount> languages) {
  std::ranges::sort(languages, [](const LanguageCount& a, const LanguageCount& b) {
    return a.documents != b.documents ? a.documents > b.documents : a.language < b.language;
  });
}

PostingWriter::PostingWriter(SegmentWriter& file, std::span<const std::uint8_t> length_codes,
                             std::span<const std::uint32_t> document_languages, std::size_t language_count,
                             bool positions)
    : file_(file),
      length_codes_(length_codes),
      document_languages_(document_languages),
      has_positions_(positions),
      dictionary_(positions),
      counts_(language_count, 0),
      places_(language_count, 0) {
  file_.begin("postings");
}

void PostingWriter::add(std::string_view term, const PostingSpans& postings) {
  const auto documents = postings.documents, frequencies = postings.frequencies;
  DictionaryEntry entry;
  entry.documents = static_cast<std::uint32_t>(documents.size());
  std::uint32_t previous = ~std::uint32_t{0};
  if (documents.size() < kBlockPostings) {
    packed_.clear();
    add_block(documents, frequencies, previous, written_ + postings_.size());
    if (has_positions_) {
      add_positions(postings);
      entry.positions = postings.positions.size();
    }
    const BlockHeader& only = headers_.back();
    entry.document_bits = only.document_bits;
    entry.frequency_bits = only.frequency_bits;
    entry.packed = packed_;
    headers_.pop_back();
  } else {
    entry.postings_offset = written_ + postings_.size();
    entry.first_block = headers_.size();
    count_languages(documents, entry);
    std::size_t first_position = 0;
    for (std::size_t begin = 0; begin < documents.size(); begin += kBlockPostings) {
      const std::size_t size = std::min(kBlockPostings, documents.size() - begin);
      packed_.clear();
      add_block(documents.subspan(begin, size), frequencies.subspan(begin, size), previous, entry.postings_offset);
      if (has_positions_) {
        const auto of_block = frequencies.subspan(begin, size);
        const auto count = std::accumulate(of_block.begin(), of_block.end(), std::size_t{0});
        add_positions({documents.subspan(begin, size), of_block, postings.positions.subspan(first_position, count)});
        first_position += count;
      }
      postings_.insert(postings_.end(), packed_.begin(), packed_.end());
      previous = documents[begin + size - 1];
      if (postings_.size() >= kFlushBytes) flush();
    }
  }
  dictionary_.add(term, entry);
}

void PostingWriter::count_languages(std::span<const std::uint32_t> documents, DictionaryEntry& entry) {
  entry.first_language = term_languages_.size();
  for (const std::uint32_t document : documents) ++counts_[document_languages_[document]];
  for (std::uint32_t language = 0; language < counts_.size(); ++language) {
    if (counts_[language] > 0) term_languages_.push_back({language, counts_[language]});
    counts_[language] = 0;
  }
  const auto languages = std::span(term_languages_).subspan(entry.first_language);
  sort_languages(languages);
  for (std::uint32_t place = 0; place < languages.size(); ++place) places_[languages[place].language] = place;
  entry.language_count = languages.size();
}

void PostingWriter::add_block(std::span<const std::uint32_t> documents, std::span<const std::uint32_t> frequencies,
                              std::uint32_t previous, std::uint64_t postings_offset) {
  BlockHeader header;
  header.last_document = documents.back();
  const std::uint64_t offset = written_ + postings_.size() - postings_offset;
  if (offset > std::numeric_limits<std::uint32_t>::max()) {
    throw InvalidArgument("the postings of one word take more than 4 GiB; write a segment before");
  }
  header.offset = static_cast<std::uint32_t>(offset);
  gaps_.resize(documents.size());
  less_one_.resize(documents.size());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    gaps_[i] = documents[i] - previous - 1;
    previous = documents[i];
    less_one_[i] = frequencies[i] - 1;
  }
  const unsigned document_bits = bits_for(gaps_), frequency_bits = bits_for(less_one_);
  header.document_bits = static_cast<std::uint8_t>(document_bits);
  header.frequency_bits = static_cast<std::uint8_t>(frequency_bits);
  if (documents.size() == kBlockPostings) {
    pack_block(std::span<const std::uint32_t, kBlockPostings>(gaps_), document_bits, packed_);
    pack_block(std::span<const std::uint32_t, kBlockPostings>(less_one_), frequency_bits, packed_);
  } else {
    pack_stream(gaps_, document_bits, packed_);
    pack_stream(less_one_, frequency_bits, packed_);
  }
  summarize(documents, frequencies, length_codes_, header);
  for (const std::uint32_t document : documents)
    header.languages |= language_bit(places_[document_languages_[document]]);
  headers_.push_back(header);
}

void PostingWriter::add_positions(const PostingSpans& block) {
  position_gaps(block.frequencies, block.positions, gaps_);
  pack_positions(gaps_, packed_);
  position_count_ += gaps_.size();
}

void PostingWriter::flush() {
  file_.append(std::as_bytes(std::span(postings_)));
  written_ += postings_.size();
  postings_.clear();
}

void PostingWriter::finish() {
  postings_.resize(postings_.size() + kStreamPadding, 0);
  flush();
  file_.add_array<BlockHeader>("blocks", headers_);
  file_.add_array<LanguageCount>("term_languages", term_languages_);
  std::vector<std::uint8_t> dictionary = dictionary_.bytes();
  dictionary.resize(dictionary.size() + kStreamPadding, 0);
  file_.add_array<std::uint8_t>("dictionary", dictionary);
  file_.add_array<std::uint32_t>("dictionary_groups", dictionary_.groups());
  const std::vector<std::uint64_t> terms = {dictionary_.term_count()};
  file_.add_array<std::uint64_t>("terms", terms);
  if (!has_positions_) return;
  const std::vector<std::uint64_t> positions = {position_count_};
  file_.add_array<std::uint64_t>("positions", positions);
}

}  // namespace dragoman
