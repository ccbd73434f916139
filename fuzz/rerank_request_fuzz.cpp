#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dragoman/base/error.h"
#include "dragoman/engine/rerank_texts.h"

// A line of requests, whatever it is: InvalidData, or candidates of falling, finite scores that are written and read
// again as they were.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  try {
    const dragoman::RerankRequest request = dragoman::parse_rerank_request(line, "input");
    dragoman::RerankResult result;
    for (std::size_t i = 0; i < request.candidates.size(); ++i) {
      const float score = request.candidates[i].score;
      if (!std::isfinite(score) || (i > 0 && score > request.candidates[i - 1].score)) std::abort();
      result.order.push_back({i, score});
    }
    const auto again = dragoman::parse_rerank_request(dragoman::rerank_answer_line(request, result), "again");
    if (again.candidates.size() != request.candidates.size()) std::abort();
    for (std::size_t i = 0; i < again.candidates.size(); ++i) {
      if (again.candidates[i].id != request.candidates[i].id ||
          again.candidates[i].text != request.candidates[i].text) {
        std::abort();
      }
    }
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
