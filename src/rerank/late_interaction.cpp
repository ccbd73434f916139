// Khattab and Zaharia, "ColBERT: Efficient and Effective Passage Search via Contextualized Late Interaction over BERT",
// SIGIR 2020, section 3.5 (re-ranking): candidates of any first stage are encoded as they come and scored by max_sim(),
// without an index. A text longer than the encoder reads is taken apart at sentences and is as good as its best piece.

#include <algorithm>
#include <iterator>
#include <limits>

#include "dragoman/base/error.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/multivector/max_sim.h"
#include "dragoman/text/passages.h"
#include "rerank/budget.h"
#include "rerank/methods.h"
#include "rerank/shown_text.h"

namespace dragoman::reranking {
namespace {

/// Passages are encoded all together, or, where time is limited, in groups between which it may end.
constexpr std::size_t kGroup = 8;

class LateInteraction final : public Reranker {
 public:
  LateInteraction(const RerankOptions& options, std::shared_ptr<const Encoder> encoder)
      : options_(options), encoder_(std::move(encoder)) {
    if (!encoder_ || !encoder_->heads().multi_vector) {
      throw InvalidArgument("rerank: late interaction needs an encoder with token vectors");
    }
  }

  RerankResult rerank(const Query& query, std::span<const Candidate> candidates) override {
    const std::size_t judged = std::min(options_.depth, candidates.size());
    if (judged < 2) return settle(options_, candidates, judged, {});
    std::vector<std::string_view> texts;
    std::vector<std::size_t> whose;
    std::vector<std::string> shown;
    for (const Candidate& candidate : candidates.first(judged)) {
      shown.push_back(shown_text(candidate, options_.passages));
    }
    for (std::size_t i = 0; i < judged; ++i) {
      for (const std::string_view piece : pieces(shown[i])) {
        texts.push_back(piece);
        whose.push_back(i);
      }
    }
    RerankReport report;
    const Budget budget(options_);
    const std::string_view asked = query.text;
    const auto question = encode(std::span(&asked, 1), EncodeAs::query);
    std::vector<Encoding> encoded;
    while (encoded.size() < texts.size()) {
      // No prompt is asked, so a number of calls is no limit here.
      const std::size_t left = texts.size() - encoded.size();
      const std::size_t now =
          budget.grant_batch(options_.budget_ms > 0 ? std::min(kGroup, left) : left, 0, encoded.size());
      if (now == 0) {
        report.skipped += left;
        break;
      }
      auto more = encode(std::span(texts).subspan(encoded.size(), now), EncodeAs::passage);
      std::ranges::move(more, std::back_inserter(encoded));
    }
    std::vector<MatrixView> documents;
    for (const Encoding& encoding : encoded) documents.push_back(view(encoding));
    const std::vector<float> scores = max_sims(view(question.front()), documents);

    std::vector<double> best(judged, -std::numeric_limits<double>::infinity());
    std::vector<bool> truncated(judged, false);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      best[whose[i]] = std::max(best[whose[i]], static_cast<double>(scores[i]));
      truncated[whose[i]] = truncated[whose[i]] || encoded[i].tokens_read < encoded[i].tokens_total;
    }
    RerankResult result = settle(options_, candidates, judged, by_score(best));
    result.report = report;
    if (texts.size() > judged) result.report.pieces = texts.size();
    for (const Encoding& encoding : encoded) result.report.tokens_evaluated += encoding.tokens_read;
    result.report.tokens_evaluated += question.front().tokens_read;
    result.report.truncated = static_cast<std::uint64_t>(std::count(truncated.begin(), truncated.end(), true));
    return result;
  }

 private:
  std::vector<std::string_view> pieces(std::string_view text) const {
    if (options_.documents == DocumentReading::first) return {text};
    std::vector<std::string_view> pieces;
    const auto measure = [&](std::string_view piece) { return encoder_->count_tokens(piece); };
    std::size_t longest = encoder_->passage_budget();
    if (options_.passage_tokens > 0) longest = std::min(longest, options_.passage_tokens);
    for (const TextRange& range : split_passages(text, longest, measure)) pieces.push_back(range.of(text));
    if (pieces.empty()) pieces.push_back(text);
    return pieces;
  }

  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as) const {
    EncodeOptions options;
    options.heads = {.dense = false, .sparse = false, .multi_vector = true};
    return encoder_->encode(texts, as, options);
  }

  MatrixView view(const Encoding& encoding) const {
    const std::size_t dimension = encoder_->multi_vector_dimension();
    return {encoding.multi_vector, encoding.multi_vector.size() / dimension, dimension};
  }

  RerankOptions options_;
  std::shared_ptr<const Encoder> encoder_;
};

}  // namespace

std::unique_ptr<Reranker> make_late_interaction(const RerankOptions& options, std::shared_ptr<const Encoder> encoder) {
  return std::make_unique<LateInteraction>(options, std::move(encoder));
}

}  // namespace dragoman::reranking
