#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/collection/segment_file.h"

namespace dragoman::test {

/// The sections of a segment, to be broken and written again with checksums that are right.
struct SegmentSections {
  std::string kind, stamp;
  std::vector<std::pair<std::string, std::vector<std::byte>>> all = {};

  /// Those of `names` that the segment has.
  static SegmentSections of(const std::filesystem::path& path, std::string_view kind, std::string_view stamp,
                            std::initializer_list<const char*> names) {
    const SegmentReader reader(path, kind, stamp);
    SegmentSections sections{std::string(kind), std::string(stamp)};
    for (const char* name : names) {
      if (!reader.has(name)) continue;
      const auto bytes = reader.section(name);
      sections.all.emplace_back(name, std::vector<std::byte>(bytes.begin(), bytes.end()));
    }
    return sections;
  }

  /// One of those that are there.
  std::vector<std::byte>& operator[](std::string_view name) {
    return std::ranges::find(all, name, [](const auto& section) { return section.first; })->second;
  }

  template <class T>
  void set(std::string_view name, std::size_t index, T value) {
    std::memcpy((*this)[name].data() + index * sizeof(T), &value, sizeof value);
  }

  void write(const std::filesystem::path& path) const {
    SegmentWriter writer(path, kind, stamp);
    for (const auto& [name, bytes] : all) writer.add(name, bytes);
    writer.commit();
  }
};

}  // namespace dragoman::test
