#include "translate/marian/shortlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/byte_reader.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kMagic = 0xF11A48D5013417F5;
constexpr std::size_t kMultiple = 8;

/// The file promises no alignment.
template <typename T>
T at(std::span<const std::byte> array, std::size_t index) {
  T value;
  std::memcpy(&value, array.data() + index * sizeof(T), sizeof(T));
  return value;
}

}  // namespace

Shortlist::Shortlist(std::span<const std::byte> bytes, std::size_t target_vocabulary, std::string_view place)
    : vocabulary_(target_vocabulary) {
  ByteReader in(bytes, place);
  if (in.read<std::uint64_t>("the magic number") != kMagic) in.fail("is no binary shortlist of Marian");
  in.read<std::uint64_t>("the checksum");  // Of Marian's own hash function; the model store has one of the whole file.
  first_ = std::min<std::uint64_t>(in.read<std::uint64_t>("the number of first tokens"), vocabulary_);
  in.read<std::uint64_t>("the number of best tokens");
  const auto offsets = in.read<std::uint64_t>("the number of offsets");
  const auto targets = in.read<std::uint64_t>("the number of targets");
  if (offsets == 0) in.fail("has no offsets");
  offsets_ = in.take_array(offsets, sizeof(std::uint64_t), "the offsets");
  targets_ = in.take_array(targets, sizeof(std::uint32_t), "the targets");
  words_ = offsets - 1;
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < offsets; ++i) {
    const auto offset = at<std::uint64_t>(offsets_, i);
    if (offset < last || offset > targets) in.fail(fmt::format("offset {} is {}, out of order", i, offset));
    last = offset;
  }
  for (std::size_t i = 0; i < targets; ++i) {
    if (const auto target = at<std::uint32_t>(targets_, i); target >= vocabulary_) {
      in.fail(fmt::format("names target {}, but the vocabulary has {} tokens", target, vocabulary_));
    }
  }
}

std::vector<std::uint32_t> Shortlist::candidates(std::span<const std::int32_t> source, std::vector<char>& seen) const {
  std::vector<std::uint32_t> found;
  const auto take = [&](std::uint32_t target) {
    if (seen[target]) return;
    seen[target] = 1;
    found.push_back(target);
  };
  for (std::uint32_t target = 0; target < first_; ++target) take(target);
  for (const std::int32_t token : source) {
    if (token < 0 || static_cast<std::size_t>(token) >= words_) continue;
    const auto begin = at<std::uint64_t>(offsets_, static_cast<std::size_t>(token));
    const auto end = at<std::uint64_t>(offsets_, static_cast<std::size_t>(token) + 1);
    for (auto i = begin; i < end; ++i) take(at<std::uint32_t>(targets_, i));
  }
  for (std::size_t i = first_; i < vocabulary_ && found.size() % kMultiple != 0; ++i) {
    take(static_cast<std::uint32_t>(i));
  }
  for (const std::uint32_t target : found) seen[target] = 0;
  std::ranges::sort(found);
  return found;
}

}  // namespace dragoman
