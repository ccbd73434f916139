#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/text/language.h"
#include "text/language_key.h"

namespace dragoman {

/// The section "languages" of what is kept about languages: a tag and a line feed for each, ascending.
inline void write_languages(SegmentWriter& writer, std::span<const Language> languages) {
  std::string tags;
  for (const Language& language : languages) tags += language.tag() + "\n";
  writer.add("languages", std::as_bytes(std::span(tags)));
}

/// @throws InvalidData if the section is none.
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

/// Where a language stands among those that are kept, by its language_key(); none if it does not.
inline std::optional<std::size_t> place_of(std::span<const Language> languages, const Language& language) {
  const Language key = language_key(language);
  const auto found = std::ranges::lower_bound(languages, key);
  if (found == languages.end() || *found != key) return std::nullopt;
  return static_cast<std::size_t>(found - languages.begin());
}

}  // namespace dragoman
