#include "multivector/segment_content.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "multivector/panel.h"

namespace dragoman {
namespace {

/// Offsets of consecutive parts of `size` elements.
bool are_offsets(std::span<const std::uint64_t> offsets, std::size_t size) {
  return !offsets.empty() && offsets.front() == 0 && offsets.back() == size && std::ranges::is_sorted(offsets);
}

bool all_in(std::span<const float> values, float least) {
  return std::ranges::all_of(values, [least](float x) { return x >= least && x <= kLargestValue; });
}

constexpr float kLeastPositive = 1e-37f;

/// The different centroids of each passage, by centroid.
struct Lists {
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> passages;
};

Lists invert(const CompressedPassages& passages, std::size_t centroids) {
  Lists lists{std::vector<std::uint64_t>(centroids + 1), {}};
  std::vector<std::uint32_t> last(centroids);
  // Twice over the same: to count, and to fill.
  const auto for_each = [&](const auto& take) {
    std::ranges::fill(last, 0);
    for (std::uint32_t p = 0; p < passages.documents.size(); ++p) {
      for (std::uint64_t v = passages.offsets[p]; v < passages.offsets[p + 1]; ++v) {
        const std::uint16_t c = passages.centroids[v];
        if (last[c] == p + 1) continue;
        last[c] = p + 1;
        take(c, p);
      }
    }
  };
  for_each([&](std::uint16_t c, std::uint32_t) { ++lists.offsets[c + 1]; });
  std::partial_sum(lists.offsets.begin(), lists.offsets.end(), lists.offsets.begin());
  lists.passages.resize(lists.offsets.back());
  std::vector<std::uint64_t> next(lists.offsets.begin(), lists.offsets.end() - 1);
  for_each([&](std::uint16_t c, std::uint32_t p) { lists.passages[next[c]++] = p; });
  return lists;
}

}  // namespace

MultiVectorContent::MultiVectorContent(const std::filesystem::path& path, std::string_view stamp)
    : reader(path, kMultiVectorKind, stamp),
      documents(reader.array<std::uint32_t>("documents")),
      ranges(reader.array<std::uint64_t>("ranges")),
      passage_offsets(reader.array<std::uint64_t>("passage_offsets")),
      centroids(reader.array<std::uint16_t>("vector_centroids")),
      scales(reader.array<std::uint16_t>("vector_scales")),
      codes(reader.array<std::uint8_t>("codes")),
      list_offsets(reader.array<std::uint64_t>("list_offsets")),
      lists(reader.array<std::uint32_t>("lists")) {
  reader.check(read_codebook() && passages_are_sound() && lists_are_sound());
  codebook_id = codebook.id();
  file_bytes = std::filesystem::file_size(path);
}

bool MultiVectorContent::read_codebook() {
  const auto numbers = reader.array<std::uint64_t>("numbers");
  const auto units = reader.array<float>("units");
  if (numbers.size() != 3 || units.size() != 4) return false;
  const std::uint64_t bits = numbers[1];
  if (numbers[0] == 0 || numbers[0] > kMaxDimension || (bits != 1 && bits != 2 && bits != 4)) return false;
  if (numbers[2] == 0 || numbers[2] > kMaxCentroids) return false;
  codebook.dimension = numbers[0];
  codebook.bits = static_cast<unsigned>(bits);
  codebook.count = numbers[2];
  codebook.centroids = reader.array<std::int8_t>("centroids");
  codebook.centroid_scales = reader.array<float>("centroid_scales");
  codebook.weights = reader.array<float>("weights");
  codebook.levels = reader.array<std::int8_t>("levels");
  codebook.point_unit = units[0];
  codebook.level_unit = units[1];
  codebook.scale_unit = units[2];
  codebook.residual_error = units[3];
  // -128 would be too much for sums of products in 32 bits.
  const auto fits = [](std::span<const std::int8_t> bytes) {
    return std::ranges::none_of(bytes, [](std::int8_t byte) { return byte == -128; });
  };
  return codebook.centroids.size() == codebook.count * codebook.padded() &&
         codebook.centroid_scales.size() == codebook.count && codebook.weights.size() == codebook.dimension &&
         codebook.levels.size() == kCodeBlock && fits(codebook.centroids) && fits(codebook.levels) &&
         all_in(codebook.centroid_scales, 0) && all_in(codebook.weights, kLeastPositive) &&
         all_in(units.first(3), kLeastPositive) && all_in(units.last(1), 0);
}

bool MultiVectorContent::passages_are_sound() const {
  if (ranges.size() % 2 != 0 || ranges.size() / 2 != documents.size()) return false;
  if (passage_offsets.size() != documents.size() + 1 || !are_offsets(passage_offsets, centroids.size())) return false;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (ranges[2 * i] > ranges[2 * i + 1]) return false;
    if (i > 0 && documents[i] < documents[i - 1]) return false;
  }
  return scales.size() == centroids.size() && codes.size() % codebook.code_bytes() == 0 &&
         codes.size() / codebook.code_bytes() == centroids.size() &&
         std::ranges::all_of(centroids, [this](std::uint16_t c) { return c < codebook.count; });
}

bool MultiVectorContent::lists_are_sound() const {
  if (list_offsets.size() != codebook.count + 1 || !are_offsets(list_offsets, lists.size())) return false;
  for (std::size_t c = 0; c < codebook.count; ++c) {
    const auto passages = list(c);
    for (std::size_t i = 0; i < passages.size(); ++i) {
      if (passages[i] >= documents.size() || (i > 0 && passages[i] <= passages[i - 1])) return false;
      if (vectors_of(passages[i]) == 0) return false;
    }
  }
  return true;
}

void CompressedPassages::add(const Passage& passage, std::size_t vectors) {
  documents.push_back(passage.document);
  ranges.push_back(passage.range.begin);
  ranges.push_back(passage.range.end);
  offsets.push_back(offsets.back() + vectors);
}

void begin_multi_vector_segment(SegmentWriter& writer, const CodebookView& codebook) {
  const std::uint64_t numbers[] = {codebook.dimension, codebook.bits, codebook.count};
  const float units[] = {codebook.point_unit, codebook.level_unit, codebook.scale_unit, codebook.residual_error};
  writer.add_array("numbers", std::span<const std::uint64_t>(numbers));
  writer.add_array("units", std::span<const float>(units));
  writer.add_array("centroids", codebook.centroids);
  writer.add_array("centroid_scales", codebook.centroid_scales);
  writer.add_array("weights", codebook.weights);
  writer.add_array("levels", codebook.levels);
  writer.begin("codes");
}

std::uint64_t finish_multi_vector_segment(SegmentWriter& writer, const CodebookView& codebook,
                                          const CompressedPassages& passages) {
  writer.add_array("documents", std::span(passages.documents));
  writer.add_array("ranges", std::span(passages.ranges));
  writer.add_array("passage_offsets", std::span(passages.offsets));
  writer.add_array("vector_centroids", std::span(passages.centroids));
  writer.add_array("vector_scales", std::span(passages.scales));
  const Lists lists = invert(passages, codebook.count);
  writer.add_array("list_offsets", std::span(lists.offsets));
  writer.add_array("lists", std::span(lists.passages));
  return writer.commit();
}

}  // namespace dragoman
