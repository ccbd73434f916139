#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <random>
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

/// Documents [begin, end).
std::vector<Words> slice(const std::vector<Words>& documents, std::size_t begin, std::size_t end);

/// Writes documents first, first + 1, ... into a segment.
void write_segment(const std::filesystem::path& path, DocumentNumber first, const std::vector<Words>& documents,
                   const LexicalBuildOptions& options = {});

/// Writes and opens it.
std::shared_ptr<const LexicalSegment> make_segment(const std::filesystem::path& path, DocumentNumber first,
                                                   const std::vector<Words>& documents,
                                                   const LexicalBuildOptions& options = {});

std::vector<DocumentNumber> numbers(const std::vector<ScoredDocument>& hits);

/// A filter as searches take it, by document: none (empty), every second document by chance, or a narrow range.
std::vector<std::uint8_t> random_filter(std::mt19937& random, std::size_t documents);

/// From 1 to more than there are documents, with those around a block's end.
std::size_t random_depth(std::mt19937& random);

}  // namespace dragoman::test
