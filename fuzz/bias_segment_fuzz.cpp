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
#include "dragoman/multivector/multi_vector_segment.h"
#include "dragoman/retrieve/language_bias.h"
#include "dragoman/retrieve/multi_vector_language_bias.h"
#include "dragoman/retrieve/sparse_language_bias.h"
#include "dragoman/sparse/sparse_index.h"

namespace {

using namespace dragoman;

constexpr std::array kDense = {"dimension",  "parallelness", "languages", "center",
                               "directions", "squares",      "along",     "passages"};
constexpr std::array kSparse = {"dimensions", "told"};
constexpr std::array kMultiVector = {"languages", "heights", "unrelated"};
constexpr std::size_t kDimension = 5, kPassages = 40;
const std::vector<std::string> kTags = {"am", "ja", "ur-Latn", "zh-Hant"};

Collection::DocumentLanguages languages() {
  Collection::DocumentLanguages languages;
  for (const std::string& tag : kTags) languages.languages.push_back(Language::parse(tag));
  for (std::size_t i = 0; i < kPassages; ++i) languages.of.push_back(static_cast<std::uint16_t>(i % kTags.size()));
  return languages;
}

std::vector<float> vector_of(std::size_t passage) {
  const auto value = static_cast<float>(passage);
  return {1, value, value * value / 40, 40 - value, value - 20};
}

/// The three kinds, of 40 passages in four languages.
std::vector<fuzz::SoundSegment> make_sound(const std::string& path) {
  std::vector<fuzz::SoundSegment> sound;
  const VectorSource vectors = [](const auto& visit) {
    for (std::uint32_t i = 0; i < kPassages; ++i) visit(i, vector_of(i));
  };
  LanguageBias::fit(vectors, languages(), kDimension, 1).write(path, "s");
  sound.push_back(fuzz::read_sound(path, "bias", kDense));

  SparseSegmentBuilder sparse(3);
  MultiVectorSegmentBuilder tokens(kDimension, {.bits = 2, .centroids = 4, .threads = 1});
  for (std::uint32_t i = 0; i < kPassages; ++i) {
    const std::vector<SparseWeight> weights = {{1, 1.5f}, {i % 4 + 2, 0.5f}, {i + 100, 2}};
    sparse.add({i, {0, 1}}, weights);
    std::vector<float> both = vector_of(i), second = vector_of(kPassages - i);
    both.insert(both.end(), second.begin(), second.end());
    tokens.add({i, {0, 1}}, both);
  }
  const std::string of = path + "-of";
  sparse.write(of, "s");
  const std::vector sparse_segments = {std::make_shared<const SparseSegment>(of, "s", 0)};
  std::filesystem::remove(of);  // It stays mapped.
  SparseLanguageBias::fit(sparse_segments, languages()).write(path, "s");
  sound.push_back(fuzz::read_sound(path, "sparse-bias", kSparse));

  tokens.write(of, "s");
  const std::vector token_segments = {std::make_shared<const MultiVectorSegment>(of, "s")};
  std::filesystem::remove(of);
  MultiVectorLanguageBias::fit(token_segments, languages(), 1).write(path, "s");
  sound.push_back(fuzz::read_sound(path, "multivector-bias", kMultiVector));
  return sound;
}

void use_dense(const std::string& path) {
  const LanguageBias bias = LanguageBias::read(path, "s");
  if (!(bias.parallelness() >= 0 && bias.parallelness() <= 1)) std::abort();
  for (const Debias debias : {Debias::center, Debias::automatic}) {
    if (bias.scales(debias).size() != bias.passages()) std::abort();
    for (const std::string& tag : kTags) {
      const auto query = bias.transform(std::vector<float>(bias.dimension(), 0.5f), Language::parse(tag), debias);
      if (query.vector.size() != bias.dimension() || query.offsets.size() != bias.languages().size()) std::abort();
    }
  }
  for (const std::uint16_t language : bias.passage_languages()) {
    if (language >= bias.languages().size()) std::abort();
  }
}

void use_sparse(const std::string& path) {
  const SparseLanguageBias bias = SparseLanguageBias::read(path, "s");
  for (std::uint32_t dimension = 0; dimension < 150; ++dimension) {
    const float factor = bias.factor(dimension, 1);
    if (!(factor >= 0 && factor <= 1)) std::abort();
  }
}

void use_multi_vector(const std::string& path) {
  const MultiVectorLanguageBias bias = MultiVectorLanguageBias::read(path, "s");
  for (const char* query : {"am", "ja", "sw"}) {
    if (!(std::abs(bias.unrelated(Language::parse(query))) <= 1)) std::abort();
    for (const std::string& document : kTags) {
      if (std::isnan(bias.height(Language::parse(query), Language::parse(document)))) std::abort();
    }
  }
}

}  // namespace

// The first byte says which kind. Whatever the sections hold: InvalidData, or a bias that is asked without reading
// outside of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("bias_segment_fuzz-" + std::to_string(getpid()))).string();
  static const std::vector<fuzz::SoundSegment> kSound = make_sound(path);
  constexpr std::array kUses = {use_dense, use_sparse, use_multi_vector};
  const std::size_t kind = data[0] % kUses.size();
  try {
    fuzz::write_changed(path, kSound[kind], {data + 1, size - 1});
    kUses[kind](path);
  } catch (const InvalidData&) {
  }
  std::filesystem::remove(path);
  return 0;
}
