#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/text/language.h"

namespace dragoman {

/// The section "languages" of what is kept about languages: a tag and a line feed for each, ascending.
/// @throws InvalidData if it is none.
inline std::vector<Language> read_languages(const SegmentReader& reader) {
  std::vector<Language> languages;
  std::string tag;
  for (const std::byte byte : reader.section("languages")) {
    if (static_cast<char>(byte) != '\n') {
      tag += static_cast<char>(byte);
      continue;
    }
    try {
      languages.push_back(Language::parse(tag));
    } catch (const InvalidArgument&) {
      reader.check(false);
    }
    tag.clear();
  }
  reader.check(tag.empty() && std::ranges::is_sorted(languages));
  return languages;
}

}  // namespace dragoman
