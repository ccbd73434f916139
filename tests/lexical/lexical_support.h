#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/lexical/lexical_segment.h"

namespace dragoman {

// For gtest: values compared and printed.
inline bool operator==(const ScoredDocument& a, const ScoredDocument& b) {
  return a.document == b.document && a.score == b.score;
}
inline void PrintTo(const ScoredDocument& hit, std::ostream* out) { *out << hit.document << ":" << hit.score; }

}  // namespace dragoman

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
