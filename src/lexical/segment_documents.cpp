#include "lexical/segment_documents.h"

#include <algorithm>
#include <span>
#include <string>

#include "lexical/block.h"
#include "lexical/segment_content.h"

namespace dragoman {

std::vector<std::uint8_t> SegmentDocuments::write(SegmentWriter& file) const {
  std::vector<std::uint32_t> length_table = lengths;
  std::sort(length_table.begin(), length_table.end());
  length_table.erase(std::unique(length_table.begin(), length_table.end()), length_table.end());
  std::vector<std::uint32_t> length_numbers;
  std::vector<std::uint8_t> length_codes;
  for (const std::uint32_t length : lengths) {
    const auto found = std::lower_bound(length_table.begin(), length_table.end(), length);
    length_numbers.push_back(static_cast<std::uint32_t>(found - length_table.begin()));
    length_codes.push_back(floor_length(length));
  }
  std::string tags;
  for (const Language& language : languages) tags += language.tag() + '\n';
  const std::vector<std::uint64_t> range = {first, lengths.size()};
  file.add_array<std::uint64_t>("documents", range);
  file.add("languages", std::as_bytes(std::span(tags)));
  file.add_array<std::uint32_t>("lengths", length_table);
  file.add_array<std::uint8_t>("document_lengths",
                               DocumentCodes::pack(length_numbers, DocumentCodes::width_for(length_table.size())));
  file.add_array<std::uint8_t>("document_languages",
                               DocumentCodes::pack(language_of, DocumentCodes::width_for(languages.size())));
  file.add_array<std::uint32_t>("document_order", order);
  return length_codes;
}

}  // namespace dragoman
