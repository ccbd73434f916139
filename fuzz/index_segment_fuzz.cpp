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
#include <string_view>
#include <vector>

#include "changed_segment.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/dense/dense_index.h"
#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/sparse/sparse_index.h"

namespace {

using dragoman::fuzz::read_sound;
using dragoman::fuzz::SoundSegment;
using dragoman::fuzz::write_changed;

constexpr std::array kDense = {"dimension", "vectors", "documents", "ranges"};
constexpr std::array kLexical = {"documents",          "languages",      "lengths",           "document_lengths",
                                 "document_languages", "document_order", "postings",          "blocks",
                                 "term_languages",     "dictionary",     "dictionary_groups", "terms"};
/// The same and what a segment with positions has beside them.
constexpr auto kWithPositions = [] {
  std::array<const char*, kLexical.size() + 1> names{};
  std::copy(kLexical.begin(), kLexical.end(), names.begin());
  names.back() = "positions";
  return names;
}();

constexpr std::array kSparse = {
    "documents",         "languages",      "lengths",        "document_lengths", "document_languages", "document_order",
    "postings",          "blocks",         "term_languages", "dictionary",       "dictionary_groups",  "terms",
    "passage_documents", "passage_ranges", "scale"};

/// A sound lexical segment of 300 documents, some bytes changed.
template <bool kPositions>
void write_changed_lexical(const std::string& path, std::span<const char* const> names,
                           std::span<const std::uint8_t> input) {
  static const SoundSegment kSound = [&] {
    dragoman::LexicalSegmentBuilder builder({.positions = kPositions});
    for (std::uint32_t i = 0; i < 300; ++i) {
      const std::string own = "w" + std::to_string(i);
      const std::vector<std::string_view> words = {"ya", i % 7 == 0 ? "ya" : "na", own};
      builder.add_words(i, dragoman::Language::parse(i < 200 ? "sw" : "de"), words);
    }
    builder.write(path, "s");
    return read_sound(path, "lexical", names);
  }();
  write_changed(path, kSound, input);
}

/// The same of a sound sparse segment of 40 passages.
void write_changed_sparse(const std::string& path, std::span<const std::uint8_t> input) {
  static const SoundSegment kSound = [&] {
    dragoman::SparseSegmentBuilder builder(2);
    for (std::uint32_t i = 0; i < 40; ++i) {
      const std::vector<dragoman::SparseWeight> weights = {{1, 1.5f}, {i % 7 + 2, 0.5f}, {i + 100, 2}};
      builder.add({i / 2, {i % 2, i % 2 + 5}}, weights);
    }
    builder.write(path, "s");
    return read_sound(path, "lexical", kSparse);
  }();
  write_changed(path, kSound, input);
}

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

constexpr std::array kCodes = {"source", "center", "scales", "errors", "norms", "codes"};
constexpr std::array kGraph = {"source", "graph", "lowest", "upper", "links", "scales", "codes"};
constexpr std::array kLists = {"source", "centers", "codebooks", "starts", "passages", "codes"};

/// What is made of vectors: a sound segment of 40 of them, some bytes changed.
void search_derived(const std::string& path, std::size_t kind, std::span<const std::uint8_t> input) {
  using namespace dragoman;
  struct Sound {
    std::shared_ptr<const DenseVectors> vectors;
    std::vector<SoundSegment> made = {};
  };
  static const Sound kSound = [&] {
    DenseSegmentBuilder builder(5);
    for (std::uint32_t i = 0; i < 40; ++i) {
      const auto value = static_cast<float>(i);
      builder.add({i, {0, 1}}, std::vector<float>{1, value, value * value / 40, 40 - value, value - 20});
    }
    builder.write(path + "-vectors", "s");
    Sound sound;
    sound.vectors = std::make_shared<const DenseVectors>(
        std::vector<std::shared_ptr<const DenseSegment>>{std::make_shared<const DenseSegment>(path + "-vectors", "s")});
    std::filesystem::remove(path + "-vectors");  // It stays mapped.
    const PassageRun run = run_of_documents(*sound.vectors, 0, 40);
    for (const DenseStorage storage : {DenseStorage::int8, DenseStorage::bf16}) {
      write_compact_segment(*sound.vectors, run, storage, path, "s");
      sound.made.push_back(read_sound(path, "dense_codes", kCodes));
    }
    write_hnsw_segment(*sound.vectors, run, {.m = 3, .ef_construction = 10}, path, "s");
    sound.made.push_back(read_sound(path, "dense_hnsw", kGraph));
    write_ivf_pq_segment(*sound.vectors, run, {.lists = 3}, path, "s");
    sound.made.push_back(read_sound(path, "dense_ivfpq", kLists));
    return sound;
  }();
  write_changed(path, kSound.made.at(kind), input);

  DenseIndexParts parts{kSound.vectors};
  if (kind < 2) {
    parts.compact = {std::make_shared<const CompactSegment>(path, "s", *parts.vectors,
                                                            kind == 0 ? DenseStorage::int8 : DenseStorage::bf16)};
  }
  if (kind == 2) parts.graphs = {std::make_shared<const HnswSegment>(path, "s", *parts.vectors)};
  if (kind == 3) parts.lists = {std::make_shared<const IvfPqSegment>(path, "s", *parts.vectors)};
  const DenseIndex index(parts);
  const std::vector<float> query = {1, -2, 3, 0.5f, 1};
  const auto matches = index.search(query, 5, 10, {}, {}, 1);
  for (const auto& match : matches.at(0)) {
    if (match.passage.document >= 40) std::abort();
  }
}

void check_positions(const dragoman::LexicalSegment& segment) {
  for (std::size_t i = 0; i < segment.term_count(); ++i) {
    for (const auto& positions : segment.postings(segment.term(i)).positions) {
      if (!std::ranges::is_sorted(positions)) std::abort();
    }
  }
}

/// The first words, and the last ones: those of a sound segment are "na w0", "w99 ya". None without positions.
std::vector<dragoman::Phrase> phrases_of(const dragoman::LexicalSegment& segment) {
  const std::size_t words = segment.term_count();
  if (!segment.has_positions() || words < 2) return {};
  return {{{{{segment.term(0), 0}, {segment.term(1), 1}}, {{segment.term(words - 2), 0}, {segment.term(words - 1), 2}}},
           3}};
}

void check_search(const dragoman::Bm25Index& index, const dragoman::LexicalSegment& segment,
                  const std::vector<dragoman::Phrase>& phrases) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < segment.term_count(); ++i) words.push_back(segment.term(i));
  const std::vector<std::string_view> texts(words.begin(), words.end());
  // Bounds that were not refused must be true: what is passed over by them must not matter.
  dragoman::Bm25Options options;
  const auto hits = index.search(texts, phrases, 10, options, nullptr);
  options.method = dragoman::TopKMethod::exhaustive;
  const auto expected = index.search(texts, phrases, 10, options, nullptr);
  if (hits.size() != expected.size()) std::abort();
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (hits[i].document != expected[i].document || hits[i].score != expected[i].score) std::abort();
    if (hits[i].document < segment.first_document() ||
        hits[i].document - segment.first_document() >= segment.document_count()) {
      std::abort();
    }
  }
}

void search_sparse(const std::string& path) {
  const dragoman::SparseIndex index({std::make_shared<const dragoman::SparseSegment>(path, "s", 0)});
  const std::vector<dragoman::SparseWeight> query = {{1, 1}, {3, 2}, {105, 1}};
  for (const auto method : {dragoman::SparseMethod::exact, dragoman::SparseMethod::approximate}) {
    for (const auto& match : index.search(query, 10, {.method = method, .full_scores = 5})) {
      if (match.passage.range.begin > match.passage.range.end) std::abort();
    }
  }
}

/// As an index without fields, and as two fields that are the same, which answer no phrases.
void search_lexical(const std::string& path) {
  const auto segment = std::make_shared<const dragoman::LexicalSegment>(path, "s");
  check_positions(*segment);
  check_search(dragoman::Bm25Index({segment}), *segment, phrases_of(*segment));
  check_search(dragoman::Bm25Index::of_fields({{"title", {segment}}, {"text", {segment}}}), *segment, {});
}

}  // namespace

// Whatever the sections hold: InvalidData, or an index that is searched without reading outside of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("index_segment_fuzz-" + std::to_string(getpid()))).string();
  const std::span input(data + 1, size - 1);
  try {
    switch (data[0] % 11) {
      case 0:
        write_segment(path, "dense", kDense, input);
        search_dense(path);
        break;
      case 1:
        write_segment(path, "lexical", kLexical, input);
        search_lexical(path);
        break;
      case 2:
        write_changed_lexical<false>(path, kLexical, input);
        search_lexical(path);
        break;
      case 3:
        write_segment(path, "lexical", kSparse, input);
        search_sparse(path);
        break;
      case 4:
        write_changed_sparse(path, input);
        search_sparse(path);
        break;
      case 9:
        write_segment(path, "lexical", kWithPositions, input);
        search_lexical(path);
        break;
      case 10:
        write_changed_lexical<true>(path, kWithPositions, input);
        search_lexical(path);
        break;
      default:
        search_derived(path, data[0] % 11 - 5, input);
    }
  } catch (const dragoman::InvalidData&) {
  }
  std::filesystem::remove(path);
  return 0;
}
