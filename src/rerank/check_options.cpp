#include "rerank/check_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "rerank/passages_to_documents.h"
#include "rerank/prompt.h"
#include "rerank/sets.h"

namespace dragoman::reranking {
namespace {

void check_cascade(const std::vector<CascadeStage>& stages) {
  if (stages.size() < 2) {
    throw InvalidArgument("rerank: a cascade needs two or more stages, as late_interaction:100,pointwise:20");
  }
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].method == RerankMethod::cascade) throw InvalidArgument("rerank: a cascade cannot be its own stage");
    if (stages[i].depth == 0) throw InvalidArgument("rerank: depth of a cascade's stage is 0, it must be at least 1");
    if (i > 0 && stages[i].depth > stages[i - 1].depth) {
      throw InvalidArgument(
          fmt::format("rerank: a cascade's depths must not rise, {} follows {}", stages[i].depth, stages[i - 1].depth));
    }
  }
}

void check_language(const std::string& language) {
  if (language == "query" || std::ranges::find(kPromptLanguages, language) != std::end(kPromptLanguages)) return;
  throw InvalidArgument(fmt::format("rerank: prompt language is '{}', must be one of: {}, query", printable(language),
                                    fmt::join(kPromptLanguages, ", ")));
}

void check_limits(const EndpointLimits& limits) {
  const std::pair<std::string_view, double> numbers[] = {{"requests per minute", limits.requests_per_minute},
                                                         {"tokens per minute", limits.tokens_per_minute},
                                                         {"cost", limits.cost},
                                                         {"price of the prompt", limits.prompt_price},
                                                         {"price of the answer", limits.answer_price}};
  for (const auto& [name, number] : numbers) {
    if (std::isfinite(number) && number >= 0) continue;
    throw InvalidArgument(fmt::format("rerank: {} is {}, it must be finite and not negative", name, number));
  }
  if (limits.cost > 0 && limits.prompt_price == 0 && limits.answer_price == 0) {
    throw InvalidArgument("rerank: a limit of cost needs the price of a million tokens, as 0.15:0.60");
  }
}

}  // namespace

void check_options(const RerankOptions& options) {
  if (options.depth == 0) throw InvalidArgument("rerank: depth is 0, it must be at least 1");
  if (options.window < 2)
    throw InvalidArgument(fmt::format("rerank: window is {}, it must be at least 2", options.window));
  if (options.stride < 1 || options.stride > options.window) {
    throw InvalidArgument(fmt::format("rerank: stride is {}, it must be at least 1 and at most the window, {}",
                                      options.stride, options.window));
  }
  if (options.set_size < 2 || options.set_size > kMostLetters) {
    throw InvalidArgument(fmt::format("rerank: set size is {}, it must be in [2, {}]", options.set_size, kMostLetters));
  }
  if (options.passes == 0) throw InvalidArgument("rerank: passes is 0, it must be at least 1");
  if (options.mix && !(*options.mix >= 0 && *options.mix <= 1)) {
    throw InvalidArgument(fmt::format("rerank: mix is {}, it must be in [0, 1]", *options.mix));
  }
  if (options.sort == RerankSort::all_pairs && options.method == RerankMethod::setwise) {
    throw InvalidArgument("rerank: setwise sorts by heap or sliding; all_pairs is for pairwise");
  }
  if (reads_pieces(options.documents) && options.method != RerankMethod::pointwise) {
    throw InvalidArgument(
        "rerank: only pointwise scores every passage of a document; other methods read documents by 'passage' or "
        "'first'");
  }
  if (options.method == RerankMethod::cascade) check_cascade(options.cascade);
  if (needs_cross_encoder(options) && needs_language_model(options)) {
    throw InvalidArgument(
        "rerank: a cascade asks one model; one with the score cross_encoder has no stages that ask a language model");
  }
  if (options.calibrate && needs_cross_encoder(options)) {
    throw InvalidArgument("rerank: calibrate is for the answers of a language model, not for a cross-encoder's scores");
  }
  if (!options.adapters.empty() && !needs_language_model(options)) {
    throw InvalidArgument("rerank: adapters are of language models, and this method asks none");
  }
  for (const LanguageModelAdapter& adapter : options.adapters) {
    if (adapter.file.empty() || !std::isfinite(adapter.weight)) {
      throw InvalidArgument(fmt::format("rerank: adapter '{}' has the weight {}, must be a file with a finite weight",
                                        printable(adapter.file), adapter.weight));
    }
  }
  check_limits(options.limits);
  check_language(options.prompt_language);
}

}  // namespace dragoman::reranking
