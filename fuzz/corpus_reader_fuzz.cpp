#include "dragoman/collection/corpus_reader.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "memory_file.h"

// Whatever the bytes: InvalidData, or documents with different ids, UTF-8 throughout and flat metadata.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dragoman::fuzz::MemoryFile file({data, size});
  try {
    dragoman::CorpusReader reader(file.path());
    std::set<std::string> ids;
    for (dragoman::Document document; reader.next(document);) {
      if (document.id.empty() || !ids.insert(document.id).second) std::abort();
      for (const auto* text : {&document.id, &document.title, &document.text, &document.metadata}) {
        if (dragoman::find_invalid_utf8(*text) != std::string_view::npos) std::abort();
      }
      for (const auto& value : dragoman::parse_json_object(document.metadata, "metadata")) {
        if (value.is_structured()) std::abort();
      }
    }
    if (ids.empty()) std::abort();
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
