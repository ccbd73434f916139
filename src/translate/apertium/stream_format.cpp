#include "translate/apertium/stream_format.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

#include "dragoman/translate/sentences.h"

namespace dragoman::apertium {
namespace {

// https://wiki.apertium.org/wiki/Apertium_stream_format: "Reserved characters".
constexpr std::string_view kReserved = "[]{}^$/\\<>";
// Marks that the pipeline writes, escaped or not, and the post-generator's wake-up mark.
constexpr std::string_view kMarks = "*#@~";

bool is_one_of(char c, std::string_view set) { return set.find(c) != set.npos; }

/// The code point at a byte, and how many bytes it takes; what is not UTF-8 is a character of one byte that is no
/// letter.
struct Character {
  UChar32 code = 0;
  std::size_t bytes = 1;
};

Character character_at(std::string_view text, std::size_t at) {
  std::int32_t next = 0;
  UChar32 code = 0;
  const auto rest = text.substr(at, U8_MAX_LENGTH);
  U8_NEXT(rest.data(), next, static_cast<std::int32_t>(rest.size()), code);
  return {code, static_cast<std::size_t>(next)};
}

bool is_part_of_word(UChar32 code) {
  return code >= 0 && (u_isalnum(code) || (U_GET_GC_MASK(code) & U_GC_M_MASK) != 0);
}

/// Numbers are Apertium's business: it knows how the other language writes them.
bool is_number(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80 || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return false;
  }
  return text.find_first_of("<&`") == text.npos;
}

void append_superblank(std::string_view text, std::string& stream) {
  stream += '[';
  for (const char c : text) {
    if (c == '\0') continue;  // It would flush the pipeline.
    if (is_one_of(c, "[]\\")) stream += '\\';
    stream += c;
  }
  stream += ']';
}

void append_text(std::string_view text, std::string& stream) {
  for (const char c : text) {
    if (c == '\0') continue;
    if (is_one_of(c, kMarks)) {
      append_superblank(std::string_view(&c, 1), stream);
      continue;
    }
    if (is_one_of(c, kReserved)) stream += '\\';
    stream += c;
  }
}

}  // namespace

std::string to_stream(std::string_view sentence) {
  std::string stream;
  std::size_t done = 0;
  for (const TextRange& range : protected_ranges(sentence)) {
    const std::string_view kept = range.of(sentence);
    if (is_number(kept)) continue;
    append_text(sentence.substr(done, range.begin - done), stream);
    append_superblank(kept, stream);
    done = range.end;
  }
  append_text(sentence.substr(done), stream);
  return stream;
}

FromStream from_stream(std::string_view written) {
  FromStream result;
  bool in_blank = false, in_word = false, marked = false;
  for (std::size_t i = 0; i < written.size();) {
    const bool escaped = written[i] == '\\' && i + 1 < written.size();
    if (escaped) ++i;
    const char c = written[i];
    if (!escaped && c == (in_blank ? ']' : '[')) {
      in_blank = !in_blank;
      in_word = marked = false;
      ++i;
      continue;
    }
    // In a word "#" stands before what else its dictionary entry has ("take# out").
    if (!in_blank && (in_word ? c == '#' : is_one_of(c, "*@#"))) {
      marked |= c == '*';
      ++i;
      continue;
    }
    const Character character = character_at(written, i);
    result.text += written.substr(i, character.bytes);
    i += character.bytes;
    if (in_blank) continue;
    const bool letter = is_part_of_word(character.code);
    if (letter && !in_word) {
      ++result.words;
      result.unknown += marked;
    }
    in_word = letter;
    if (!letter) marked = false;
  }
  return result;
}

}  // namespace dragoman::apertium
