// What sharing prefixes, batching and widened matrices save, in one process without a server in between.
//
//   rerank_bench WORKLOAD MODEL [--methods pointwise,pairwise,listwise] [--ways whole,shared,widened]
//                [--passage-tokens 64] [--queries 0]
//
// WORKLOAD is a folder that bench/rerank/make-workload wrote. Three ways for each method, with the same prompts, one
// thread and no cache; CPU seconds are the process's, without loading the model:
//
//   whole    every prompt whole, one after another, with the matrices as they lie in the file
//   shared   prefixes shared and prompts batched, with the matrices as they lie in the file
//   widened  the same, with matrices in bf16
//
// "times" and "same" (how many of the queries got the same order) compare with the first of the ways.
#include <fmt/format.h>

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

/// Every prompt goes through the model whole.
class WholePrompts final : public LanguageModel {
 public:
  explicit WholePrompts(std::unique_ptr<LanguageModel> model) : model_(std::move(model)) {}

  std::vector<TokenId> tokenize(std::string_view text) const override { return model_->tokenize(text); }
  std::string detokenize(std::span<const TokenId> tokens) const override { return model_->detokenize(tokens); }
  std::vector<TokenId> chat(std::span<const Message> messages) const override { return model_->chat(messages); }
  std::vector<float> next_token_logits(std::span<const TokenId> prompt, std::size_t) override {
    return model_->next_token_logits(prompt, 0);
  }
  double log_likelihood(std::span<const TokenId> prompt, std::size_t, std::span<const TokenId> text) override {
    return model_->log_likelihood(prompt, 0, text);
  }
  std::vector<TokenId> generate(std::span<const TokenId> prompt, std::size_t, Grammar& grammar) override {
    return model_->generate(prompt, 0, grammar);
  }
  std::size_t context_tokens() const override { return model_->context_tokens(); }
  LanguageModelUsage usage() const override { return model_->usage(); }
  const std::string& stamp() const override { return model_->stamp(); }

 private:
  std::unique_ptr<LanguageModel> model_;
};

struct Way {
  const char* name;
  LanguageModelWeights weights;
  bool whole;
};

constexpr Way kWays[] = {{"whole", LanguageModelWeights::stored, true},
                         {"shared", LanguageModelWeights::stored, false},
                         {"widened", LanguageModelWeights::bf16, false}};

void measure(const std::vector<Task>& tasks, const Model& file, const RerankOptions& options, std::string_view method,
             const std::string& ways) {
  std::vector<std::vector<std::size_t>> expected;
  double first = 0;
  for (const Way& way : kWays) {
    if (("," + ways + ",").find(fmt::format(",{},", way.name)) == std::string::npos) continue;
    std::shared_ptr<LanguageModel> model = open_language_model(file, {.weights = way.weights});
    // What is mapped is read, and what is made on the first evaluation is there.
    model->next_token_logits(model->tokenize("one two three"), 0);
    if (way.whole) model = std::make_shared<WholePrompts>(open_language_model(file, {.weights = way.weights}));
    const auto reranker = make_reranker(options, model);
    RerankReport report;
    std::size_t same = 0;
    const auto began = Clock::now();
    const double cpu = cpu_seconds();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      Query query;
      query.text = tasks[i].query;
      const auto result = reranker->rerank(query, tasks[i].candidates);
      report += result.report;
      std::vector<std::size_t> order;
      for (const Reranked& item : result.order) order.push_back(item.candidate);
      if (expected.size() == i) expected.push_back(order);
      same += order == expected[i];
    }
    const double spent = cpu_seconds() - cpu;
    if (first == 0) first = spent;
    fmt::print("{:10} {:8} {:6} {:10} {:8} {:8.1f} {:8.1f} {:6.2f} {:5}\n", method, way.name, report.calls,
               report.tokens_evaluated, report.tokens_reused, seconds_since(began), spent, first / spent, same);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace dragoman::bench

int main(int count, char** words) {
  using namespace dragoman;
  if (count < 3) {
    fmt::print(
        stderr,
        "usage: rerank_bench WORKLOAD MODEL [--methods LIST] [--ways LIST] [--passage-tokens N] [--queries N]\n");
    return 2;
  }
  std::map<std::string, std::string> flags = {{"--methods", "pointwise,pairwise,listwise"},
                                              {"--ways", "whole,shared,widened"},
                                              {"--passage-tokens", "64"},
                                              {"--queries", "0"}};
  for (int i = 3; i + 1 < count; i += 2) flags[words[i]] = words[i + 1];
  auto tasks = bench::read_tasks(words[1]);
  const Model model = ModelStore().find(words[2]);
  if (const std::size_t most = std::stoul(flags["--queries"]); most > 0 && most < tasks.size()) tasks.resize(most);
  fmt::print("{:10} {:8} {:>6} {:>10} {:>8} {:>8} {:>8} {:>6} {:>5}\n", "method", "way", "calls", "evaluated", "reused",
             "wall s", "CPU s", "times", "same");
  const std::map<std::string, RerankMethod> methods_by_name = {{"pointwise", RerankMethod::pointwise},
                                                               {"pairwise", RerankMethod::pairwise},
                                                               {"setwise", RerankMethod::setwise},
                                                               {"listwise", RerankMethod::listwise},
                                                               {"tournament", RerankMethod::tournament}};
  std::istringstream methods(flags["--methods"]);
  for (std::string name; std::getline(methods, name, ',');) {
    RerankOptions options;
    const auto method = methods_by_name.find(name);
    if (method == methods_by_name.end()) {
      fmt::print(stderr, "--methods: there is no {}\n", name);
      return 2;
    }
    options.method = method->second;
    options.depth = 1000;
    options.mix = 0;
    options.passage_tokens = std::stoul(flags["--passage-tokens"]);
    bench::measure(tasks, model, options, name, flags["--ways"]);
  }
}
