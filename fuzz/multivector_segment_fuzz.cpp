#include <unistd.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "changed_segment.h"
#include "dragoman/base/error.h"
#include "dragoman/multivector/multi_vector_index.h"

namespace {

constexpr std::array kSections = {
    "numbers",   "units",  "centroids",       "centroid_scales",  "weights",       "levels",       "codes",
    "documents", "ranges", "passage_offsets", "vector_centroids", "vector_scales", "list_offsets", "lists"};

/// A segment of 40 passages of two or three vectors.
dragoman::fuzz::SoundSegment make_sound(const std::string& path) {
  dragoman::MultiVectorSegmentBuilder builder(20, {.bits = 2, .centroids = 16, .threads = 1});
  std::uint32_t state = 1;
  for (std::uint32_t i = 0; i < 40; ++i) {
    std::vector<float> vectors(20 * (2 + i % 2));
    for (float& value : vectors) {
      state = state * 1664525 + 1013904223;
      value = static_cast<float>(state >> 8) / (1 << 24) - 0.5f;
    }
    builder.add({i / 2, {i % 2 * 10, i % 2 * 10 + 9}}, vectors);
  }
  builder.write(path, "s");
  return dragoman::fuzz::read_sound(path, "multivector", kSections);
}

void search(const std::string& path) {
  const auto segment = std::make_shared<const dragoman::MultiVectorSegment>(path, "s");
  const dragoman::MultiVectorIndex index({segment});
  if (segment->passage_count() == 0) return;
  std::vector<float> values(3 * segment->dimension());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7) - 3;
  const dragoman::MatrixView query{values, 3, segment->dimension()};
  for (const auto method : {dragoman::MultiVectorMethod::pruned, dragoman::MultiVectorMethod::exhaustive}) {
    const auto matches = index.search({&query, 1}, 5, {.method = method, .probes = 1, .full_scores = 5}, {}, 1).at(0);
    for (std::size_t i = 0; i < matches.size(); ++i) {
      if (matches[i].passage.range.begin > matches[i].passage.range.end) std::abort();
      if (std::isnan(matches[i].score) || (i > 0 && matches[i].score > matches[i - 1].score)) std::abort();
    }
  }
  segment->vectors(segment->passage_count() - 1);
}

}  // namespace

// Whatever the sections hold: InvalidData, or an index that is searched without reading outside of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("multivector_segment_fuzz-" + std::to_string(getpid()))).string();
  static const dragoman::fuzz::SoundSegment kSound = make_sound(path);
  try {
    dragoman::fuzz::write_changed(path, kSound, {data, size});
    search(path);
  } catch (const dragoman::InvalidData&) {
  }
  std::filesystem::remove(path);
  return 0;
}
