#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/lexical/lexical_segment.h"

namespace dragoman::test {

inline constexpr std::string_view kStamp = "icu-1/test";

/// A document as tests write it: its language and its words, with spaces between them.
struct Words {
  std::string language;
  std::string text;
};

/// Cuts at spaces, as if the analyser had.
std::vector<Token> tokens(std::string_view text);

/// Writes documents first, first + 1, ... into a segment.
void write_segment(const std::filesystem::path& path, DocumentNumber first, const std::vector<Words>& documents);

/// Writes and opens it.
std::shared_ptr<const LexicalSegment> make_segment(const std::filesystem::path& path, DocumentNumber first,
                                                   const std::vector<Words>& documents);

}  // namespace dragoman::test
