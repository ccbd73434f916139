#include "text/analysis/whitespace.h"

#include <unicode/uchar.h>

#include "dragoman/base/utf8.h"
#include "text/icu.h"

namespace dragoman {

void split_at_white_space(std::string_view text, std::vector<Token>& tokens) {
  std::string word;
  std::size_t begin = 0;
  const auto flush = [&](std::size_t end) {
    for (std::string_view rest = word; !rest.empty();) {
      const std::string_view piece = utf8_prefix(rest, Analyzer::kMaxTokenBytes);
      tokens.push_back({std::string(piece), begin, end});
      rest.remove_prefix(piece.size());
    }
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    const char32_t code_point = next_code_point(text, at);
    if (u_isUWhiteSpace(static_cast<UChar32>(code_point))) {
      flush(here);
    } else {
      if (word.empty()) begin = here;
      // U+FFFD also stands for bytes that could not be read.
      if (code_point != 0xFFFD) word.append(text, here, at - here);
    }
  }
  flush(text.size());
}

}  // namespace dragoman
