#include "translate/apertium/stream_format.h"

#include "dragoman/translate/sentences.h"

namespace dragoman::apertium {
namespace {

// https://wiki.apertium.org/wiki/Apertium_stream_format: "Reserved characters".
constexpr std::string_view kReserved = "[]{}^$/\\@<>";
// Marks of the pipeline that it does not know escaped, and the post-generator's wake-up mark.
constexpr std::string_view kMarks = "*#~";

bool is_one_of(char c, std::string_view set) { return set.find(c) != set.npos; }

bool is_letter_or_digit(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
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
  for (std::size_t i = 0; i < written.size(); ++i) {
    char c = written[i];
    const bool escaped = c == '\\' && i + 1 < written.size();
    if (escaped) c = written[++i];
    if (!escaped && !in_blank && c == '[') {
      in_blank = true;
      in_word = marked = false;
      continue;
    }
    if (!escaped && in_blank && c == ']') {
      in_blank = false;
      continue;
    }
    if (in_blank) {
      result.text += c;
      continue;
    }
    if (!escaped && !in_word && is_one_of(c, "*@#")) {
      marked |= c == '*';
      continue;
    }
    // "#" also stands between a word and what else its dictionary entry has ("take# out").
    if (!escaped && c == '#') continue;
    result.text += c;
    if (!is_letter_or_digit(c)) {
      in_word = marked = false;
      continue;
    }
    if (!in_word) {
      ++result.words;
      result.unknown += marked;
    }
    in_word = true;
  }
  return result;
}

}  // namespace dragoman::apertium
