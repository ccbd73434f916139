#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dragoman/base/error.h"
#include "encode/tokenize/tokenizer.h"

// Whatever the file says: a refusal, or a tokenizer whose ids are below its size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  try {
    const auto tokenizer = read_tokenizer_json({reinterpret_cast<const char*>(data), size}, "input");
    for (const std::string_view text :
         {"Wapi kuna maji? ab 12", "水\xCC\x81 \xFF don't\n", "  \xE2\x96\x81 a\xF0\x9F\x91\x8D"}) {
      for (const TokenId id : tokenizer->tokenize(text)) {
        if (id < 0 || static_cast<std::size_t>(id) >= tokenizer->vocabulary_size()) std::abort();
      }
    }
  } catch (const InvalidData&) {
  } catch (const InvalidArgument&) {
  }
  return 0;
}
