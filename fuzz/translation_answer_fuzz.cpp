#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "translate/apertium/flushed_pipe.h"
#include "translate/apertium/stream_format.h"
#include "translate/remote_answer.h"

// Whatever a translating server or program answers: InvalidData, or a translation for every text; a pipeline's output
// becomes some text; and what nobody translates comes back as it was, whatever marks it has.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t texts = data[0] % 8;
  try {
    if (read_libretranslate_answer(body, texts, "input").size() != texts) std::abort();
  } catch (const InvalidData&) {
  }
  try {
    read_chat_text(body, "input");
  } catch (const InvalidData&) {
  }
  const auto read = apertium::from_stream(body);
  if (read.unknown > read.words || read.text.size() > body.size()) std::abort();
  apertium::pipeline_of(body);
  apertium::files_of(body);
  // The sentences that translators are given are UTF-8 without NUL.
  if (find_invalid_utf8(body) != body.npos || body.find('\0') != body.npos) return 0;
  if (apertium::from_stream(apertium::to_stream(body)).text != body) std::abort();
  return 0;
}
