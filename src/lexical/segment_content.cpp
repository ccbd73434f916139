#include "lexical/segment_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>

#include "dragoman/base/error.h"
#include "lexical/posting_check.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kNumbers = std::uint64_t{1} << 32;

static_assert(std::endian::native == std::endian::little, "segments hold little-endian arrays as they are in memory");

}  // namespace

std::uint32_t DocumentCodes::operator[](std::size_t document) const {
  switch (width_) {
    case 0:
      return 0;
    case 1:
      return bytes_[document];
    case 2: {
      std::uint16_t code;
      std::memcpy(&code, bytes_ + 2 * document, sizeof code);
      return code;
    }
    default: {
      std::uint32_t code;
      std::memcpy(&code, bytes_ + 4 * document, sizeof code);
      return code;
    }
  }
}

std::vector<std::uint8_t> DocumentCodes::pack(std::span<const std::uint32_t> codes, std::size_t width) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(codes.size() * width);
  for (const std::uint32_t code : codes) {
    for (std::size_t i = 0; i < width; ++i) bytes.push_back(static_cast<std::uint8_t>(code >> 8 * i));
  }
  return bytes;
}

SegmentContent::SegmentContent(const std::filesystem::path& path, std::string_view stamp)
    : reader(path, "lexical", stamp) {
  open_documents();
  open_order();
  open_postings();
}

void SegmentContent::refuse(std::string_view why) const {
  throw InvalidData(fmt::format("{}: {}; make it again with: dragoman index --rebuild", reader.path().string(), why));
}

void SegmentContent::renumber(DocumentNumber first) {
  if (document_count > kNumbers - first) refuse("document numbers go beyond 32 bits");
  first_document = first;
}

void SegmentContent::open_documents() {
  const auto range = reader.array<std::uint64_t>("documents");
  if (range.size() != 2) refuse("section documents is not two numbers");
  if (range[0] >= kNumbers || range[1] > kNumbers) refuse("document numbers go beyond 32 bits");
  document_count = range[1];
  renumber(static_cast<DocumentNumber>(range[0]));

  const auto text = reader.section("languages");
  std::string_view tags(reinterpret_cast<const char*>(text.data()), text.size());
  while (!tags.empty()) {
    const std::size_t end = tags.find('\n');
    if (end == std::string_view::npos) refuse("section languages does not end in a line break");
    try {
      languages.push_back(Language::parse(tags.substr(0, end)));
    } catch (const InvalidArgument& error) {
      refuse(error.what());
    }
    tags.remove_prefix(end + 1);
  }
  length_table = reader.array<std::uint32_t>("lengths");
  if (std::ranges::adjacent_find(length_table, std::greater_equal<>()) != length_table.end()) {
    refuse("section lengths does not ascend");
  }

  const auto open_codes = [&](const char* name, std::size_t choices) {
    const std::size_t width = DocumentCodes::width_for(choices);
    const auto bytes = reader.section(name);
    if (bytes.size() != width * document_count) {
      refuse(fmt::format("section {} is not {} bytes for each of {} documents", name, width, document_count));
    }
    const DocumentCodes codes(bytes, width);
    for (std::size_t i = 0; i < document_count; ++i) {
      if (codes[i] >= choices) refuse(fmt::format("a document has number {} of {} in {}", codes[i], choices, name));
    }
    return codes;
  };
  lengths = open_codes("document_lengths", length_table.size());
  document_languages = open_codes("document_languages", languages.size());
}

void SegmentContent::open_order() {
  order = reader.array<std::uint32_t>("document_order");
  if (order.empty()) return;
  if (order.size() != document_count) refuse("section document_order is not one number for each document");
  std::vector<bool> seen(document_count, false);
  for (const std::uint32_t place : order) {
    if (place >= document_count || seen[place])
      refuse(fmt::format("section document_order has {} twice, or is short of others", place));
    seen[place] = true;
  }
}

void SegmentContent::open_postings() {
  postings = reader.array<std::uint8_t>("postings");
  if (postings.size() < kStreamPadding) refuse("section postings is cut short");
  headers = reader.array<BlockHeader>("blocks");
  term_languages = reader.array<LanguageCount>("term_languages");
  const auto terms = reader.array<std::uint64_t>("terms");
  if (terms.size() != 1) refuse("section terms is not one number");
  has_positions = reader.has("positions");
  // A word takes at least 4 bytes.
  const auto bytes = reader.array<std::uint8_t>("dictionary");
  if (terms[0] > bytes.size()) refuse("there are more words than the dictionary has bytes");

  PostingCheck check(*this);
  const std::string wrong =
      dictionary.open(bytes, reader.array<std::uint32_t>("dictionary_groups"), terms[0], has_positions,
                      [&](std::string_view, const DictionaryEntry& entry) { check.take(entry); });
  if (!wrong.empty()) refuse(wrong);
  check.finish();
  most_frequency = check.most_frequency();
}

PostingList SegmentContent::list_of(const DictionaryEntry& entry) const {
  PostingList list;
  list.size = entry.documents;
  list.has_positions = has_positions;
  if (entry.documents < kBlockPostings) {
    list.bytes = entry.packed.data();
    list.only.document_bits = entry.document_bits;
    list.only.frequency_bits = entry.frequency_bits;
    return list;
  }
  list.bytes = postings.data() + entry.postings_offset;
  list.headers = headers.subspan(entry.first_block, (entry.documents + kBlockPostings - 1) / kBlockPostings);
  list.languages = term_languages.subspan(entry.first_language, entry.language_count);
  return list;
}

PostingList SegmentContent::find(std::string_view term) const {
  DictionaryEntry entry;
  return dictionary.find(term, entry) ? list_of(entry) : PostingList();
}

}  // namespace dragoman
