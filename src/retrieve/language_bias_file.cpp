#include <algorithm>

#include "dense/all_finite.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/retrieve/language_bias.h"
#include "retrieve/language_section.h"

namespace dragoman {
namespace {

constexpr std::string_view kKind = "bias";

template <class T>
std::vector<T> copy(std::span<const T> values) {
  return {values.begin(), values.end()};
}

}  // namespace

std::uint64_t LanguageBias::write(const std::filesystem::path& path, std::string_view stamp) const {
  const std::uint64_t dimension = dimension_;
  SegmentWriter writer(path, std::string(kKind), std::string(stamp));
  writer.add_array("dimension", std::span(&dimension, 1));
  writer.add_array("parallelness", std::span(&parallelness_, 1));
  write_languages(writer, languages_);
  writer.add_array("center", std::span(center_));
  writer.add_array("directions", std::span(directions_));
  writer.add_array("squares", std::span(squares_));
  writer.add_array("along", std::span(along_));
  writer.add_array("passages", std::span(passage_languages_));
  return writer.commit();
}

LanguageBias LanguageBias::read(const std::filesystem::path& path, std::string_view stamp) {
  const SegmentReader reader(path, kKind, stamp);
  LanguageBias bias;
  const auto dimension = reader.array<std::uint64_t>("dimension");
  const auto parallelness = reader.array<double>("parallelness");
  reader.check(dimension.size() == 1 && parallelness.size() == 1 && parallelness[0] >= 0 && parallelness[0] <= 1);
  bias.dimension_ = dimension[0];
  bias.parallelness_ = parallelness[0];
  bias.languages_ = read_languages(reader);
  bias.center_ = copy(reader.array<float>("center"));
  bias.directions_ = copy(reader.array<float>("directions"));
  bias.squares_ = copy(reader.array<float>("squares"));
  bias.along_ = copy(reader.array<float>("along"));
  bias.passage_languages_ = copy(reader.array<std::uint16_t>("passages"));
  const std::size_t passages = bias.passage_languages_.size();
  reader.check(
      bias.dimension_ > 0 && bias.center_.size() == bias.dimension_ && bias.directions_.size() % bias.dimension_ == 0 &&
      bias.directions_.size() / bias.dimension_ == bias.languages_.size() && bias.squares_.size() == passages &&
      bias.along_.size() == passages &&
      std::ranges::all_of(bias.passage_languages_, [&](std::uint16_t l) { return l < bias.languages_.size(); }) &&
      all_finite(bias.center_) && all_finite(bias.directions_) && all_finite(bias.squares_) && all_finite(bias.along_));
  return bias;
}

}  // namespace dragoman
