// A cascade asks a cheap method about many candidates and dear ones about the best of what is left: Wang, Lin and
// Metzler, "A Cascade Ranking Model for Efficient Ranked Retrieval", SIGIR 2011. Each stage is a reranker like any
// other, to which the stage before is the first stage: it mixes with that one's scores, and what lies below its depth
// stays where it was.

#include <chrono>

#include "rerank/methods.h"

namespace dragoman::reranking {
namespace {

class Cascade final : public Reranker {
 public:
  Cascade(const RerankOptions& options, const RerankModels& models) : options_(options), models_(models) {
    for (const CascadeStage& stage : options.cascade) stages_.push_back(make_reranker(options_of(stage), models));
  }

  RerankResult rerank(const Query& query, std::span<const Candidate> candidates) override {
    const auto began = std::chrono::steady_clock::now();
    RerankResult result;
    for (std::size_t i = 0; i < candidates.size(); ++i) result.order.push_back({i, candidates[i].score});
    for (std::size_t s = 0; s < stages_.size(); ++s) {
      std::vector<Candidate> left;
      for (const Reranked& item : result.order) {
        left.push_back(candidates[item.candidate]);
        left.back().score = item.score;
      }
      const auto within = within_budget(s, result.report, began);
      if (!within && !unlimited()) break;
      const RerankResult of_stage = (within ? *within : *stages_[s]).rerank(query, left);
      std::vector<Reranked> order;
      for (const Reranked& item : of_stage.order) order.push_back({result.order[item.candidate].candidate, item.score});
      result.order = std::move(order);
      result.report += of_stage.report;
      result.mix = of_stage.mix;
    }
    return result;
  }

 private:
  RerankOptions options_of(const CascadeStage& stage) const {
    RerankOptions options = options_;
    options.method = stage.method;
    options.depth = stage.depth;
    // Where documents are read whole, only pointwise reads all of them.
    if (stage.method != RerankMethod::pointwise && options.documents != DocumentReading::passage) {
      options.documents = DocumentReading::first;
    }
    return options;
  }

  bool unlimited() const { return options_.budget_calls == 0 && options_.budget_ms == 0; }

  /// The stage, with what the ones before left of the budget; nothing if there is no budget, or none is left.
  std::unique_ptr<Reranker> within_budget(std::size_t s, const RerankReport& spent,
                                          std::chrono::steady_clock::time_point began) const {
    if (unlimited()) return nullptr;
    RerankOptions options = options_of(options_.cascade[s]);
    if (options.budget_calls > 0) {
      const std::uint64_t asked = spent.calls + spent.cache_hits;
      if (asked >= options.budget_calls) return nullptr;
      options.budget_calls -= asked;
    }
    if (options.budget_ms > 0) {
      const auto passed = static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count());
      if (passed >= options.budget_ms) return nullptr;
      options.budget_ms -= passed;
    }
    return make_reranker(options, models_);
  }

  RerankOptions options_;
  RerankModels models_;
  std::vector<std::unique_ptr<Reranker>> stages_;
};

}  // namespace

std::unique_ptr<Reranker> make_cascade(const RerankOptions& options, const RerankModels& models) {
  return std::make_unique<Cascade>(options, models);
}

}  // namespace dragoman::reranking
