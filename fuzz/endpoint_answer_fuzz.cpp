#include "rerank/endpoint_answer.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dragoman/base/error.h"
#include "rerank/permutation_text.h"

// Whatever an endpoint answers: InvalidData, or something that reranking can use. The first byte says how many passages
// there were.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman::reranking;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t count = data[0] % 32;

  // A text, as it stands: every passage once.
  const auto permutation = read_permutation(body, count);
  std::vector<bool> seen(count);
  for (const std::size_t i : permutation.order) {
    if (i >= count || seen[i]) std::abort();
    seen[i] = true;
  }
  if (permutation.order.size() != count) std::abort();

  const std::vector<std::string> labels = {"Yes", "No", "是"};
  try {
    const auto scores = label_scores(read_chat_answer(body, "input"), labels);
    if (scores && scores->size() != labels.size()) std::abort();
    for (std::size_t i = 0; scores && i < scores->size(); ++i) {
      if (std::isnan((*scores)[i])) std::abort();
    }
  } catch (const dragoman::InvalidData&) {
  }
  try {
    const auto answer = read_rerank_answer(body, count, "input");
    if (answer.scores.size() != count) std::abort();
    for (const double score : answer.scores) {
      if (!std::isfinite(score)) std::abort();
    }
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
