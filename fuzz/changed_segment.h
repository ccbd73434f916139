#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dragoman/collection/segment_file.h"

namespace dragoman::fuzz {

/// A sound segment, of which inputs change bytes: sections that are all made of an input hardly ever get past the first
/// checks.
struct SoundSegment {
  const char* kind;
  const char* stamp;
  std::span<const char* const> names;
  std::vector<std::vector<std::byte>> sections = {};
};

inline SoundSegment read_sound(const std::string& path, const char* kind, std::span<const char* const> names,
                               const char* stamp = "s") {
  const SegmentReader reader(path, kind, stamp);
  SoundSegment sound{kind, stamp, names};
  for (const char* name : names) {
    const auto bytes = reader.section(name);
    sound.sections.emplace_back(bytes.begin(), bytes.end());
  }
  return sound;
}

/// Writes a segment with right checksums. Four bytes of the input say in which section a byte changes, where (two), and
/// to what; behind its end they say how long it becomes.
inline void write_changed(const std::string& path, const SoundSegment& sound, std::span<const std::uint8_t> input) {
  auto sections = sound.sections;
  for (; input.size() >= 4; input = input.subspan(4)) {
    auto& bytes = sections[input[0] % sections.size()];
    const std::size_t at = input[1] | input[2] << 8;
    if (at >= bytes.size()) {
      bytes.resize(std::min<std::size_t>(at, 8192));
    } else {
      bytes[at] = static_cast<std::byte>(input[3]);
    }
  }
  SegmentWriter writer(path, sound.kind, sound.stamp);
  for (std::size_t i = 0; i < sections.size(); ++i) writer.add(sound.names[i], sections[i]);
  writer.commit();
}

}  // namespace dragoman::fuzz
