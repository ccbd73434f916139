#pragma once

#include <unicode/brkiter.h>
#include <unicode/utypes.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

enum class Boundary { word, sentence, grapheme };

/// ICU's iterator over `text`, by the rules of the root locale; its positions are bytes. Break iterators are not
/// thread-safe and costly to make, so each thread keeps one of each kind: the reference holds until the thread's next
/// call for the same kind, and `text` must live as long.
/// @throws InvalidArgument if the text is longer than ICU's 32-bit positions; Unavailable if ICU has no data.
icu::BreakIterator& break_iterator(Boundary boundary, std::string_view text);

/// Ends of all units of `text`, ascending; the last is text.size(). For callers that run foreign code meanwhile, which
/// might want the thread's iterator itself.
std::vector<std::size_t> unit_ends(Boundary boundary, std::string_view text);

/// @throws InvalidArgument if the text is longer than ICU's 32-bit positions.
void check_can_be_split(std::string_view text);

char32_t next_code_point_beyond_ascii(std::string_view text, std::size_t& at);

/// Reads the code point at `at` and moves behind it; an ill-formed byte is U+FFFD. `at` must be inside the text.
inline char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead >= 0x80) return next_code_point_beyond_ascii(text, at);
  ++at;
  return lead;
}

/// Writes it as UTF-8. @param code_point no surrogate.
void append_code_point(char32_t code_point, std::string& out);

}  // namespace dragoman
