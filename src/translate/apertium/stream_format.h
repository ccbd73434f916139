#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dragoman::apertium {

/// A sentence as Apertium's stream format has it, without an end: what has a meaning there is escaped, and what must
/// not be touched (addresses, markup, code, and marks that the pipeline itself writes) stands in superblanks, "[...]".
std::string to_stream(std::string_view sentence);

struct FromStream {
  std::string text;
  std::size_t words = 0;    ///< Runs of letters and digits outside of superblanks.
  std::size_t unknown = 0;  ///< Of them, those that the pipeline marks as not known ("*").
};
/// What a pipeline wrote, as text: escapes and superblanks are resolved, and marks of words that it does not know
/// ("*"), cannot translate ("@") or inflect ("#") are dropped. Takes any bytes.
FromStream from_stream(std::string_view written);

}  // namespace dragoman::apertium
