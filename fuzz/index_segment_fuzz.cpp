#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/dense/flat_index.h"
#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/lexical_segment.h"

namespace {

constexpr std::array kDense = {"dimension", "vectors", "documents", "ranges"};
constexpr std::array kLexical = {"first_document",  "document_lengths",  "document_languages",
                                 "languages",       "term_offsets",      "term_bytes",
                                 "posting_offsets", "posting_documents", "posting_frequencies"};

/// A segment with right checksums whose sections are slices of the input: two bytes say how long each is.
void write_segment(const std::string& path, const char* kind, std::span<const char* const> names,
                   std::span<const std::uint8_t> input) {
  dragoman::SegmentWriter writer(path, kind, "s");
  for (const char* name : names) {
    std::size_t size = input.size() < 2 ? 0 : input[0] | input[1] << 8;
    input = input.subspan(std::min<std::size_t>(2, input.size()));
    size = std::min(size, input.size());
    writer.add(name, std::as_bytes(input.first(size)));
    input = input.subspan(size);
  }
  writer.commit();
}

void search_dense(const std::string& path) {
  const auto segment = std::make_shared<const dragoman::DenseSegment>(path, "s");
  if (segment->dimension() > 1000) return;
  const dragoman::FlatIndex index({segment});
  const std::vector<float> query(segment->dimension(), 1);
  const auto matches = index.search(query, query.size(), 10, {}, 1);
  for (const auto& match : matches.at(0)) {
    if (match.passage.range.begin > match.passage.range.end) std::abort();
  }
}

void search_lexical(const std::string& path) {
  const auto segment = std::make_shared<const dragoman::LexicalSegment>(path, "s");
  const dragoman::Bm25Index index({segment});
  std::vector<dragoman::Token> words;
  for (std::size_t i = 0; i < segment->term_count(); ++i) words.push_back({segment->term(i), 0, 0});
  for (const auto& found : index.search(words, 10)) {
    if (found.document < segment->first_document() ||
        found.document - segment->first_document() >= segment->document_count()) {
      std::abort();
    }
  }
}

}  // namespace

// Whatever the sections hold: InvalidData, or an index that is searched without reading outside of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("index_segment_fuzz-" + std::to_string(getpid()))).string();
  const bool dense = data[0] % 2 == 0;
  const std::span input(data + 1, size - 1);
  try {
    write_segment(path, dense ? "dense" : "lexical", dense ? std::span<const char* const>(kDense) : kLexical, input);
    dense ? search_dense(path) : search_lexical(path);
  } catch (const dragoman::InvalidData&) {
  }
  std::filesystem::remove(path);
  return 0;
}
