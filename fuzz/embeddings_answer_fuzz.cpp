#include "encode/embeddings_answer.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dragoman/base/error.h"

// Whatever a server answers: InvalidData, or a vector for every text, of one dimension and finite. A refusal may say
// anything. The first byte is the number of texts that were asked for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t texts = data[0] % 8 + 1;
  try {
    const auto answer = dragoman::read_embeddings_answer(body, texts, "input");
    if (answer.vectors.size() != texts) std::abort();
    for (const auto& vector : answer.vectors) {
      if (vector.empty() || vector.size() != answer.vectors[0].size()) std::abort();
      for (const float number : vector) {
        if (!std::isfinite(number)) std::abort();
      }
    }
  } catch (const dragoman::InvalidData&) {
  }
  dragoman::refusal_message(body);
  return 0;
}
