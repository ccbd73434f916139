#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dragoman/lexical/phrase.h"

// Any query: quotes are replaced by spaces, and what stands in them is a part of the query.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  const dragoman::QuotedQuery parsed = dragoman::parse_quotes(query);
  if (parsed.text.size() > query.size()) std::abort();
  for (const dragoman::QuotedText& phrase : parsed.phrases) {
    if (phrase.text.empty() || query.find(phrase.text) == std::string_view::npos || phrase.slop > 1000) std::abort();
    if (parsed.text.find(phrase.text) == std::string_view::npos) std::abort();
  }
  return 0;
}
