// Nogueira and Cho, "Passage Re-ranking with BERT", 2019: query and passage are read together, and a head that was
// trained on judged pairs scores them. Documents by their passages as in pointwise.cpp.

#include "dragoman/encode/cross_encoder.h"

#include <algorithm>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/text/passages.h"
#include "rerank/budget.h"
#include "rerank/methods.h"
#include "rerank/passages_to_documents.h"
#include "rerank/shown_text.h"

namespace dragoman::reranking {
namespace {

/// Pairs go through the model in groups, between which a budget may end.
constexpr std::size_t kGroup = 8;

class ByCrossEncoder final : public Reranker {
 public:
  ByCrossEncoder(const RerankOptions& options, std::shared_ptr<const CrossEncoder> model)
      : options_(options), model_(std::move(model)) {
    if (!model_) throw InvalidArgument("rerank: the score cross_encoder needs a cross-encoder, and none is given");
  }

  RerankResult rerank(const Query& query, std::span<const Candidate> candidates) override {
    const std::size_t judged = std::min(options_.depth, candidates.size());
    if (judged < 2) return settle(options_, candidates, judged, {});
    std::vector<std::string> texts;
    for (const Candidate& candidate : candidates.first(judged))
      texts.push_back(shown_text(candidate, options_.passages));
    std::vector<std::string_view> pieces;
    std::vector<std::size_t> whose;
    for (std::size_t i = 0; i < judged; ++i) {
      for (const std::string_view piece : pieces_of(query.text, texts[i])) {
        pieces.push_back(piece);
        whose.push_back(i);
      }
    }

    RerankReport report;
    if (pieces.size() > judged) report.pieces = pieces.size();
    std::vector<std::vector<double>> of_candidates(judged);
    std::vector<bool> truncated(judged, false);
    const Budget budget(options_);
    for (std::size_t begin = 0; begin < pieces.size();) {
      const std::size_t now = budget.grant_batch(std::min(kGroup, pieces.size() - begin), begin, report.calls);
      if (now == 0) {
        report.skipped += pieces.size() - begin;
        break;
      }
      const auto scores = model_->score(query.text, std::span(pieces).subspan(begin, now), options_.passage_tokens);
      for (std::size_t k = 0; k < now; ++k) {
        const CrossScore& score = scores[k];
        of_candidates[whose[begin + k]].push_back(static_cast<double>(score.score));
        truncated[whose[begin + k]] = truncated[whose[begin + k]] || score.truncated;
        ++(score.tokens_read > 0 ? report.calls : report.cache_hits);
        report.tokens_evaluated += score.tokens_read;
      }
      begin += now;
    }
    std::vector<double> documents;
    for (const auto& of_candidate : of_candidates) {
      documents.push_back(document_score(of_candidate, options_.documents));
    }
    RerankResult result = settle(options_, candidates, judged, by_score(documents));
    report.truncated = static_cast<std::uint64_t>(std::count(truncated.begin(), truncated.end(), true));
    result.report = report;
    return result;
  }

 private:
  std::vector<std::string_view> pieces_of(std::string_view query, std::string_view text) const {
    const bool whole = options_.passage_tokens == 0 || reads_pieces(options_.documents);
    if (!whole || options_.documents == DocumentReading::first) return {text};
    const auto measure = [&](std::string_view piece) { return model_->count_tokens(piece); };
    std::size_t longest = std::max<std::size_t>(1, model_->passage_room(query));
    if (options_.passage_tokens > 0) longest = std::min(longest, options_.passage_tokens);
    std::vector<std::string_view> pieces;
    for (const TextRange& range : split_passages(text, longest, measure)) pieces.push_back(range.of(text));
    if (pieces.empty()) pieces.push_back(text);
    return pieces;
  }

  RerankOptions options_;
  std::shared_ptr<const CrossEncoder> model_;
};

}  // namespace

std::unique_ptr<Reranker> make_by_cross_encoder(const RerankOptions& options,
                                                std::shared_ptr<const CrossEncoder> model) {
  return std::make_unique<ByCrossEncoder>(options, std::move(model));
}

}  // namespace dragoman::reranking
