// By how much is a budget exceeded?
//
//   budget_excess WORKLOAD MODEL [--methods pointwise,pairwise,setwise,listwise,tournament] [--ms 500] [--calls 40]
//                 [--passage-tokens 64] [--queries 0]
//
// WORKLOAD is a folder that bench/rerank/make-workload wrote. Every method within each of the budgets, one thread, no
// cache. "over" is the greatest excess over all queries: in milliseconds, and in prompts, which are what the last call
// of the query took, divided by the prompts in it. Ends with 1 where it is more than one prompt, or a call too many.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "clock.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/rerank/reranker.h"
#include "rerank/tasks.h"

namespace dragoman::bench {
namespace {

/// Remembers how long the last call took.
class Timed final : public LanguageModel {
 private:
  template <typename Call>
  auto timed(std::size_t prompts, Call call) {
    const auto began = Clock::now();
    auto answer = call();
    a_prompt = seconds_since(began) / static_cast<double>(prompts);
    return answer;
  }

 public:
  explicit Timed(std::unique_ptr<LanguageModel> model) : model_(std::move(model)) {}

  std::vector<TokenId> tokenize(std::string_view text) const override { return model_->tokenize(text); }
  std::string detokenize(std::span<const TokenId> tokens) const override { return model_->detokenize(tokens); }
  std::vector<TokenId> chat(std::span<const Message> messages) const override { return model_->chat(messages); }
  std::vector<float> next_token_logits(std::span<const TokenId> prompt, std::size_t shared) override {
    return timed(1, [&] { return model_->next_token_logits(prompt, shared); });
  }
  double log_likelihood(std::span<const TokenId> prompt, std::size_t shared, std::span<const TokenId> text) override {
    return timed(1, [&] { return model_->log_likelihood(prompt, shared, text); });
  }
  std::vector<std::vector<float>> choice_logits(const SharedPrompts& group, std::span<const TokenId> wanted) override {
    return timed(group.suffixes.size(), [&] { return model_->choice_logits(group, wanted); });
  }
  std::vector<double> log_likelihoods(const SharedPrompts& group, std::span<const TokenId> text) override {
    return timed(group.suffixes.size(), [&] { return model_->log_likelihoods(group, text); });
  }
  std::vector<TokenId> generate(std::span<const TokenId> prompt, std::size_t shared, Grammar& grammar) override {
    return timed(1, [&] { return model_->generate(prompt, shared, grammar); });
  }
  std::size_t context_tokens() const override { return model_->context_tokens(); }
  LanguageModelUsage usage() const override { return model_->usage(); }
  const std::string& stamp() const override { return model_->stamp(); }

  double a_prompt = 0;  ///< Seconds of the last call, divided by its prompts.

 private:
  std::unique_ptr<LanguageModel> model_;
};

/// False where the budget does not hold.
bool measure(const std::vector<Task>& tasks, const std::shared_ptr<Timed>& model, const RerankOptions& options,
             std::string_view method) {
  const auto reranker = make_reranker(options, model);
  double over = 0, over_prompts = 0, spent = 0;
  std::uint64_t calls = 0, most_calls = 0, skipped = 0;
  for (const Task& task : tasks) {
    Query query;
    query.text = task.query;
    const auto began = Clock::now();
    const RerankReport report = reranker->rerank(query, task.candidates).report;
    const double took = seconds_since(began);
    spent += took;
    calls += report.calls;
    most_calls = std::max(most_calls, report.calls);
    skipped += report.skipped;
    if (options.budget_ms == 0) continue;
    const double late = std::max(0.0, took - static_cast<double>(options.budget_ms) / 1000);
    over = std::max(over, late);
    over_prompts = std::max(over_prompts, late / model->a_prompt);
  }
  const auto queries = static_cast<double>(tasks.size());
  const std::string budget =
      options.budget_ms > 0 ? fmt::format("{}ms", options.budget_ms) : fmt::format("{}calls", options.budget_calls);
  fmt::print("{:10} {:8} {:8.1f} {:8} {:8.1f} {:8.2f} {:8.0f} {:8.2f}\n", method, budget,
             static_cast<double>(calls) / queries, most_calls, static_cast<double>(skipped) / queries, spent / queries,
             1000 * over, over_prompts);
  std::fflush(stdout);
  // What follows the last call takes a moment, too.
  return options.budget_ms > 0 ? over_prompts <= 1.05 : most_calls <= options.budget_calls;
}

}  // namespace
}  // namespace dragoman::bench

int main(int count, char** words) {
  using namespace dragoman;
  if (count < 3) {
    fmt::print(stderr,
               "usage: budget_excess WORKLOAD MODEL [--methods LIST] [--ms N] [--calls N] [--passage-tokens N] "
               "[--queries N]\n");
    return 2;
  }
  std::map<std::string, std::string> flags = {{"--methods", "pointwise,pairwise,setwise,listwise,tournament"},
                                              {"--ms", "500"},
                                              {"--calls", "40"},
                                              {"--passage-tokens", "64"},
                                              {"--queries", "0"}};
  for (int i = 3; i + 1 < count; i += 2) flags[words[i]] = words[i + 1];
  auto tasks = bench::read_tasks(words[1]);
  if (const std::size_t most = std::stoul(flags["--queries"]); most > 0 && most < tasks.size()) tasks.resize(most);
  const auto model = std::make_shared<bench::Timed>(open_language_model(ModelStore().find(words[2]), {.threads = 1}));
  model->next_token_logits(model->tokenize("one two three"), 0);  // What is made on the first evaluation is there.
  fmt::print("{:10} {:8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "method", "budget", "calls", "most", "skipped",
             "wall s", "over ms", "prompts");
  const std::map<std::string, RerankMethod> methods_by_name = {{"pointwise", RerankMethod::pointwise},
                                                               {"pairwise", RerankMethod::pairwise},
                                                               {"setwise", RerankMethod::setwise},
                                                               {"listwise", RerankMethod::listwise},
                                                               {"tournament", RerankMethod::tournament}};
  bool held = true;
  std::istringstream methods(flags["--methods"]);
  for (std::string name; std::getline(methods, name, ',');) {
    const auto method = methods_by_name.find(name);
    if (method == methods_by_name.end()) {
      fmt::print(stderr, "--methods: there is no {}\n", name);
      return 2;
    }
    RerankOptions options;
    options.method = method->second;
    options.depth = 1000;
    options.passage_tokens = std::stoul(flags["--passage-tokens"]);
    options.window = options.method == RerankMethod::listwise ? 4 : options.window;
    options.stride = options.method == RerankMethod::listwise ? 2 : options.stride;
    for (const auto& [ms, calls] : {std::pair{std::stoul(flags["--ms"]), 0ul}, {0ul, std::stoul(flags["--calls"])}}) {
      options.budget_ms = ms;
      options.budget_calls = calls;
      if (ms + calls > 0) held = bench::measure(tasks, model, options, name) && held;
    }
  }
  return held ? 0 : 1;
}
