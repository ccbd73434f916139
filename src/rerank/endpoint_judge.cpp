#include "rerank/endpoint_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "encode/token_estimate.h"
#include "rerank/budget.h"
#include "rerank/endpoint_answer.h"
#include "rerank/permutation_text.h"
#include "rerank/rerank_endpoint.h"
#include "rerank/text_judge.h"

namespace dragoman::reranking {
namespace {

constexpr int kTopTokens = 20;            // The most that endpoints tell.
constexpr std::size_t kLabelTokens = 16;  // Of an answer that is read as text: it may begin with a polite word.

/// What endpoints have in common: lengths that are estimated, budgets and counts. Not thread-safe but for asking.
class EndpointJudge : public TextJudge {
 public:
  EndpointJudge(RerankEndpoint& service, const Prompt& prompt, const Query& query,
                std::span<const Candidate> candidates, const RerankOptions& options)
      : TextJudge(prompt, query.text, candidates, options),
        service_(service),
        context_tokens_(service.context_tokens()),
        budget_(options) {
    for (std::size_t i = 0; i < size(); ++i) longest_ = std::max(longest_, estimate_tokens(passage(i).text));
  }

  std::vector<Passage> pieces() override {
    // Where nothing fits, there is no text to be split.
    return split(std::max<std::size_t>(1, required_limit(1, AnswerKind::label)), estimate_tokens);
  }

  bool fits(std::size_t together, AnswerKind answer) const override {
    return limit(together, answer) >= least(longest_);
  }

  void cut_to_fit(std::size_t together, AnswerKind answer) override {
    const std::size_t limit = required_limit(together, answer);
    for (std::size_t i = 0; i < size(); ++i) {
      if (estimate_tokens(passage(i).text) <= limit) continue;
      shorten(i, shortened(i, limit, estimate_tokens, [](std::string_view text, std::size_t tokens) {
                return std::string(estimated_prefix(text, tokens));
              }));
    }
  }

  bool spent() const override { return report_.skipped > 0; }

  RerankReport report() const override {
    RerankReport report = report_;
    report.truncated = truncated();
    return report;
  }

 protected:
  /// What became of one request.
  struct Asked {
    RerankEndpoint::Outcome outcome = RerankEndpoint::Outcome::failed;
    EndpointUsage usage;
    bool repaired = false;
  };

  /// Asks for many answers, some at a time, until one fails or the budget is spent; how many came, without a gap.
  /// @param ask called once for each, from several threads.
  std::size_t ask_all(std::size_t count, const std::function<Asked(std::size_t)>& ask) {
    std::size_t answered = 0;
    while (answered < count && !spent()) {
      const std::size_t now =
          budget_.grant(std::min(service_.in_flight(), count - answered), report_.calls + report_.cache_hits);
      if (now == 0) break;
      std::vector<Asked> asked(now);
      parallel_for(now, now, [&](std::size_t i, std::size_t) { asked[i] = ask(answered + i); });
      const auto failed = std::ranges::find(asked, RerankEndpoint::Outcome::failed, &Asked::outcome);
      for (const Asked& each : asked) add(each);
      answered += static_cast<std::size_t>(failed - asked.begin());
      if (failed != asked.end()) break;
    }
    report_.skipped += count - answered;
    return answered;
  }

  RerankEndpoint& service() { return service_; }
  const Budget& budget() const { return budget_; }

  /// Tokens of a prompt without passages, and of its answer.
  virtual std::size_t frame_tokens(std::size_t together, AnswerKind answer) const = 0;

 private:
  std::size_t limit(std::size_t together, AnswerKind answer) const {
    const std::size_t frame = frame_tokens(together, answer);
    const std::size_t share = frame >= context_tokens_ ? 0 : (context_tokens_ - frame) / together;
    return std::min(share, most_tokens());
  }

  std::size_t required_limit(std::size_t together, AnswerKind answer) const {
    if (fits(together, answer)) return limit(together, answer);
    throw InvalidArgument(
        fmt::format("rerank: query and prompt leave less than {} of about {} tokens a passage; shorten the query",
                    least(longest_), context_tokens_));
  }

  void add(const Asked& asked) {
    if (asked.outcome == RerankEndpoint::Outcome::failed) return;
    if (asked.outcome == RerankEndpoint::Outcome::from_cache) {
      ++report_.cache_hits;
    } else {
      ++report_.calls;
      report_.tokens_evaluated += asked.usage.tokens - asked.usage.reused;
      report_.tokens_reused += asked.usage.reused;
    }
    report_.repaired += asked.repaired;
  }

  RerankEndpoint& service_;
  std::size_t context_tokens_, longest_ = 0;
  Budget budget_;
  RerankReport report_;
};

class ChatJudge final : public EndpointJudge {
 public:
  using EndpointJudge::EndpointJudge;

  std::vector<std::vector<double>> choose(std::span<const Question> questions,
                                          std::span<const std::string> labels) override {
    std::vector<std::vector<double>> answers(questions.size());
    answers.resize(ask_all(questions.size(), [&](std::size_t i) {
      Asked asked;
      std::optional<std::vector<double>> scores;
      const auto take = [&](const ChatAnswer& answer) { scores = label_scores(answer, labels); };
      const bool told = ask_for_probabilities(questions[i], asked, take);
      if (!told || (asked.outcome != RerankEndpoint::Outcome::failed && !scores)) {
        // No probabilities, or half a word: the answer is to be read as text.
        const EndpointUsage first = asked.usage;
        ask(body(questions[i], kLabelTokens), asked, take);
        asked.usage.tokens += first.tokens;
        asked.usage.reused += first.reused;
      }
      asked.repaired = asked.outcome != RerankEndpoint::Outcome::failed && !scores;
      answers[i] = scores.value_or(std::vector<double>(labels.size(), 0));
      return asked;
    }));
    return answers;
  }

  std::vector<std::vector<std::size_t>> permute(std::span<const Question> questions) override {
    std::vector<std::vector<std::size_t>> answers(questions.size());
    answers.resize(ask_all(questions.size(), [&](std::size_t i) {
      Asked asked;
      PermutationText permutation;
      ask(body(questions[i], permutation_tokens(questions[i].size())), asked,
          [&](const ChatAnswer& answer) { permutation = read_permutation(answer.text, questions[i].size()); });
      asked.repaired = asked.outcome != RerankEndpoint::Outcome::failed && !permutation.well_formed;
      answers[i] = std::move(permutation.order);
      return asked;
    }));
    return answers;
  }

  std::vector<double> likelihood(std::span<const Question>, std::string_view) override {
    throw InvalidArgument(fmt::format(
        "{}: an endpoint for chat does not tell how likely a given text is; use a model file, or another method",
        service().place()));
  }

 private:
  static std::size_t permutation_tokens(std::size_t count) { return 16 + 8 * count; }

  Json body(const Question& question, std::size_t most_tokens) {
    Json messages = Json::array();
    std::vector<Message> turns = prompt().messages(query(), texts(question));
    // Few servers go on with an answer that has begun; their own template begins it.
    if (prompt().reply) turns.pop_back();
    for (const Message& message : turns) {
      messages.push_back({{"role", message.role}, {"content", message.content}});
    }
    return {{"model", service().model()},
            {"messages", std::move(messages)},
            {"temperature", 0},
            {"max_tokens", most_tokens}};
  }

  /// False if the endpoint does not take such a request.
  template <typename Take>
  bool ask_for_probabilities(const Question& question, Asked& asked, Take take) {
    if (!service().tells_probabilities()) return false;
    Json request = body(question, 1);
    request["logprobs"] = true;
    request["top_logprobs"] = kTopTokens;
    try {
      ask(request, asked, take);
    } catch (const Unavailable&) {
      service().no_probabilities();
      return false;  // If it refuses everything, the next request says so.
    }
    return true;
  }

  static EndpointUsage estimate(const Json& request) {
    const std::uint64_t written = request.at("max_tokens").get<std::uint64_t>();
    std::uint64_t read = 0;
    for (const Json& message : request.at("messages")) {
      read += estimate_tokens(message.at("content").get_ref<const std::string&>());
    }
    return {.tokens = read + written, .written = written};
  }

  template <typename Take>
  void ask(const Json& request, Asked& asked, Take take) {
    asked.outcome = service().ask(request, estimate(request), budget().end(), [&](std::string_view body) {
      const ChatAnswer answer = read_chat_answer(body, service().place());
      take(answer);
      asked.usage = answer.usage;
      return answer.usage;
    });
  }

  std::size_t frame_tokens(std::size_t together, AnswerKind answer) const override {
    const std::vector<std::string_view> nothing(together);
    std::size_t tokens = 16;
    for (const Message& message : prompt().messages(query(), nothing)) tokens += estimate_tokens(message.content);
    return tokens + (answer == AnswerKind::permutation ? permutation_tokens(together) : kLabelTokens);
  }
};

/// Scores of one request are as good as what a model would say to "is it relevant?", one passage after another.
class RankJudge final : public EndpointJudge {
 public:
  using EndpointJudge::EndpointJudge;

  std::vector<std::vector<double>> choose(std::span<const Question> questions,
                                          std::span<const std::string> labels) override {
    if (labels.size() != 2 || std::ranges::any_of(questions, [](const Question& q) { return q.size() != 1; })) refuse();
    std::vector<std::vector<double>> answers;
    Json documents = Json::array();
    for (const Question& question : questions) documents.push_back(question.front().text);
    const Json request = {{"model", service().model()},
                          {"query", query()},
                          {"documents", std::move(documents)},
                          {"top_n", questions.size()},
                          {"return_documents", false}};
    EndpointUsage estimate;
    for (const Question& question : questions) {
      estimate.tokens += estimate_tokens(query()) + estimate_tokens(question.front().text);
    }
    const std::size_t answered = ask_all(1, [&](std::size_t) {
      Asked asked;
      RerankAnswer answer;
      asked.outcome = service().ask(request, estimate, budget().end(), [&](std::string_view body) {
        answer = read_rerank_answer(body, questions.size(), service().place());
        asked.usage = answer.usage;
        return answer.usage;
      });
      asked.repaired = asked.outcome != RerankEndpoint::Outcome::failed && !answer.well_formed;
      for (const double score : answer.scores) answers.push_back({score, 0});
      return asked;
    });
    if (answered == 0) answers.clear();
    return answers;
  }

  std::vector<std::vector<std::size_t>> permute(std::span<const Question>) override { refuse(); }
  std::vector<double> likelihood(std::span<const Question>, std::string_view) override { refuse(); }

 private:
  [[noreturn]] void refuse() {
    throw InvalidArgument(fmt::format(
        "{}: an endpoint for reranking scores passages one by one; use the method pointwise", service().place()));
  }
  std::size_t frame_tokens(std::size_t, AnswerKind) const override { return estimate_tokens(query()); }
};

class EndpointAnswerer final : public Answerer {
 public:
  explicit EndpointAnswerer(std::shared_ptr<RerankEndpoint> endpoint) : endpoint_(std::move(endpoint)) {}

  /// Labels are told apart as texts.
  void check_labels(const Prompt& prompt, std::span<const std::string> labels) const override {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto same = std::find(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(i), labels[i]);
      if (same - labels.begin() == static_cast<std::ptrdiff_t>(i)) continue;
      throw InvalidData(fmt::format("{}: two answers are '{}'; choose others", prompt.answers_place, labels[i]));
    }
  }
  void check_identifiers(const Prompt&, std::size_t) const override {}

  std::unique_ptr<Judge> judge(const Prompt& prompt, const Query& query, std::span<const Candidate> candidates,
                               const RerankOptions& options) override {
    if (endpoint_->ranks()) return std::make_unique<RankJudge>(*endpoint_, prompt, query, candidates, options);
    return std::make_unique<ChatJudge>(*endpoint_, prompt, query, candidates, options);
  }

 private:
  std::shared_ptr<RerankEndpoint> endpoint_;
};

}  // namespace

std::unique_ptr<Answerer> make_endpoint_answerer(std::shared_ptr<RerankEndpoint> endpoint) {
  return std::make_unique<EndpointAnswerer>(std::move(endpoint));
}

}  // namespace dragoman::reranking
