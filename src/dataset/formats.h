#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/readers.h"

namespace dragoman {

/// A row of the table of formats. A new one needs a row, and a function unless one of those that are there reads it.
struct Format {
  DatasetFormat about;
  std::string_view other_names;  ///< Between spaces; in front of a set's language and split as well.
  void (*read)(const Conversion&, DatasetWriter&) = nullptr;
  FormatSettings settings;
};

std::span<const Format> formats();

/// What a name like "miracl/sw/dev" asks for.
struct NamedSet {
  const Format* format = nullptr;
  std::vector<Language> languages;  ///< Files that name languages must name all of these.
  std::string split;                ///< Files that name a split must name this one; empty: any.
  std::string folder;               ///< To be looked for in the inputs: "scifact", "xquad-r".
};

/// @throws InvalidArgument for a name that no format has, or a part of it that is no language, split or version.
NamedSet resolve_set(std::string_view name);

}  // namespace dragoman
