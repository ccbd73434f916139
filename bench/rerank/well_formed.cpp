// Is every permutation that a model writes well-formed, whatever it is asked?
//
//   well_formed WORKLOAD MODEL [--passage-tokens 64]
//
// WORKLOAD is a folder that bench/rerank/make-workload wrote (--least 2 for windows of any width); each query is a
// window. What is checked is the text that the model wrote, by a parser that knows nothing of the grammar it was held
// to: "[4] > [1] > [3", identifiers of the window, each once, as far as it goes, with at most one left to guess; and
// that the reranker's order says the same. Ends with 1 where one is not so.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "clock.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/rerank/reranker.h"
#include "rerank/tasks.h"

namespace dragoman::bench {
namespace {

/// Remembers what was generated, as text.
class Recorded final : public LanguageModel {
 public:
  explicit Recorded(std::unique_ptr<LanguageModel> model) : model_(std::move(model)) {}

  std::vector<TokenId> tokenize(std::string_view text) const override { return model_->tokenize(text); }
  std::string detokenize(std::span<const TokenId> tokens) const override { return model_->detokenize(tokens); }
  std::vector<TokenId> chat(std::span<const Message> messages) const override { return model_->chat(messages); }
  std::vector<float> next_token_logits(std::span<const TokenId> prompt, std::size_t shared) override {
    return model_->next_token_logits(prompt, shared);
  }
  double log_likelihood(std::span<const TokenId> prompt, std::size_t shared, std::span<const TokenId> text) override {
    return model_->log_likelihood(prompt, shared, text);
  }
  std::vector<TokenId> generate(std::span<const TokenId> prompt, std::size_t shared, Grammar& grammar) override {
    auto output = model_->generate(prompt, shared, grammar);
    written.push_back(model_->detokenize(output));
    return output;
  }
  std::size_t context_tokens() const override { return model_->context_tokens(); }
  LanguageModelUsage usage() const override { return model_->usage(); }
  const std::string& stamp() const override { return model_->stamp(); }

  std::vector<std::string> written;

 private:
  std::unique_ptr<LanguageModel> model_;
};

/// True if the text is a permutation of the identifiers as far as it goes, and the order is what it says. Generation
/// ends with the last choice, and that may be made before its identifier is written out: "[1" where [7] and [12] are
/// left.
bool well_formed(const std::string& text, const std::vector<std::size_t>& order) {
  static const std::regex whole(R"(\s*\[\d+\](\s*>\s*\[\d+\])*(\s*>\s*\[\d+)?\s*|\s*\[\d+)"), number(R"((\d+)(\]?))");
  if (!std::regex_match(text, whole)) return false;
  std::vector<std::size_t> closed;
  std::string open;
  for (auto found = std::sregex_iterator(text.begin(), text.end(), number); found != std::sregex_iterator(); ++found) {
    if ((*found)[2].length() == 0) {
      open = (*found)[1];
    } else {
      closed.push_back(std::stoul((*found)[1]) - 1);
    }
  }
  if (closed.size() > order.size() || !std::equal(closed.begin(), closed.end(), order.begin())) return false;
  if (open.empty()) return closed.size() + 1 >= order.size();
  return closed.size() + 2 >= order.size() && std::to_string(order[closed.size()] + 1).starts_with(open);
}

int check(const std::string& folder, const std::string& name, std::size_t passage_tokens) {
  const auto model = std::make_shared<Recorded>(open_language_model(ModelStore().find(name)));
  RerankOptions options;
  options.method = RerankMethod::listwise;
  options.depth = options.window = 20;
  options.mix = 0;
  options.passage_tokens = passage_tokens;
  const auto reranker = make_reranker(options, model);
  const double began = cpu_seconds();
  std::size_t windows = 0, passages = 0, good = 0;
  for (const Task& task : read_tasks(folder)) {
    Query query;
    query.text = task.query;
    std::vector<std::size_t> order;
    for (const Reranked& item : reranker->rerank(query, task.candidates).order) order.push_back(item.candidate);
    std::vector<std::size_t> sorted = order;
    std::ranges::sort(sorted);
    const bool once = std::ranges::adjacent_find(sorted) == sorted.end() && sorted.size() == task.candidates.size();
    const bool fine = once && model->written.size() == ++windows && well_formed(model->written.back(), order);
    if (!fine) fmt::print(stderr, "{}: {} passages: {}\n", task.id, order.size(), model->written.back());
    good += fine;
    passages += order.size();
  }
  fmt::print("{}: {} windows, {} passages, {} well-formed, {:.0f} CPU seconds\n", name, windows, passages, good,
             cpu_seconds() - began);
  return windows == 0 || good != windows;
}

}  // namespace
}  // namespace dragoman::bench

int main(int count, char** words) {
  if (count != 3 && !(count == 5 && std::string_view(words[3]) == "--passage-tokens")) {
    fmt::print(stderr, "usage: well_formed WORKLOAD MODEL [--passage-tokens N]\n");
    return 2;
  }
  return dragoman::bench::check(words[1], words[2], count == 5 ? std::stoul(words[4]) : 64);
}
