// A cascade asks a cheap method about many candidates and dear ones about the best of what is left: Wang, Lin and
// Metzler, "A Cascade Ranking Model for Efficient Ranked Retrieval", SIGIR 2011. Each stage is a reranker like any
// other, to which the stage before is the first stage: it mixes with that one's scores, and what lies below its depth
// stays where it was.

#include "rerank/methods.h"

namespace dragoman::reranking {
namespace {

class Cascade final : public Reranker {
 public:
  Cascade(const RerankOptions& options, const RerankModels& models) {
    for (const CascadeStage& stage : options.cascade) {
      RerankOptions of_stage = options;
      of_stage.method = stage.method;
      of_stage.depth = stage.depth;
      // Where documents are read whole, only pointwise reads all of them.
      if (stage.method != RerankMethod::pointwise && options.documents != DocumentReading::passage) {
        of_stage.documents = DocumentReading::first;
      }
      stages_.push_back(make_reranker(of_stage, models));
    }
  }

  RerankResult rerank(const Query& query, std::span<const Candidate> candidates) override {
    RerankResult result;
    for (std::size_t i = 0; i < candidates.size(); ++i) result.order.push_back({i, candidates[i].score});
    for (const auto& stage : stages_) {
      std::vector<Candidate> left;
      for (const Reranked& item : result.order) {
        left.push_back(candidates[item.candidate]);
        left.back().score = item.score;
      }
      const RerankResult of_stage = stage->rerank(query, left);
      std::vector<Reranked> order;
      for (const Reranked& item : of_stage.order) order.push_back({result.order[item.candidate].candidate, item.score});
      result.order = std::move(order);
      result.report += of_stage.report;
      result.mix = of_stage.mix;
    }
    return result;
  }

 private:
  std::vector<std::unique_ptr<Reranker>> stages_;
};

}  // namespace

std::unique_ptr<Reranker> make_cascade(const RerankOptions& options, const RerankModels& models) {
  return std::make_unique<Cascade>(options, models);
}

}  // namespace dragoman::reranking
