#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/rerank/reranker.h"
#include "rerank/prompt.h"

namespace dragoman::reranking {

/// A passage as it goes into a prompt, and whose it is.
struct Passage {
  std::size_t candidate = 0;
  std::string_view text;
};

/// One prompt: the passages in it, in their order.
using Question = std::vector<Passage>;

/// What an answer is made of: a label ("Yes", "B") or the identifiers of all passages in order.
enum class AnswerKind { label, permutation };

/// Puts the candidates of one query before a model. What all methods need is here: prompts, cutting passages to what
/// fits, batches that share what their prompts begin with, and the count of what it cost. Who answers (a model in this
/// process, an endpoint) is behind it; methods never know.
///
/// A budget may be spent in the middle of a batch. The answers are then those of the first questions, fewer than were
/// asked, and every further batch gets none: methods make of them what they can.
class Judge {
 public:
  virtual ~Judge() = default;

  virtual std::size_t size() const = 0;                      ///< Candidates, two or more.
  virtual Passage passage(std::size_t candidate) const = 0;  ///< As cut so far. Lives as long as the judge.
  virtual std::string_view query() const = 0;                ///< As it goes into prompts: one line.

  /// Pieces of all candidates, each of which fits into a prompt of its own and has at most
  /// RerankOptions::passage_tokens, in their order; a candidate has at least one.
  virtual std::vector<Passage> pieces() = 0;

  /// Can so many candidates share a prompt, none of them cut to less than is worth reading?
  virtual bool fits(std::size_t together, AnswerKind answer) const = 0;

  /// Cuts every candidate to what fits where any `together` of them share a prompt with its answer: the same in all
  /// prompts. @throws InvalidArgument if they do not fit.
  virtual void cut_to_fit(std::size_t together, AnswerKind answer) = 0;

  /// How likely each label is as the beginning of the answer, [questions][labels]: log-probabilities up to a constant
  /// that is the same for all labels of a question. Where an endpoint tells none, the label it gave is 0 and the others
  /// -infinity, all 0 where it gave none of them.
  /// @param labels what check_labels() took.
  virtual std::vector<std::vector<double>> choose(std::span<const Question> questions,
                                                  std::span<const std::string> labels) = 0;

  /// The model's order of the passages of each question: their positions in it, best first, each once.
  virtual std::vector<std::vector<std::size_t>> permute(std::span<const Question> questions) = 0;

  /// log p(text | prompt with the question's passages), divided by the text's tokens, a number a question.
  /// @param text what the model is to be thought to answer, such as the query.
  virtual std::vector<double> likelihood(std::span<const Question> questions, std::string_view text) = 0;

  /// True once an answer was left out because the budget was spent.
  virtual bool spent() const = 0;

  /// What this judge cost so far.
  virtual RerankReport report() const = 0;
};

/// Whoever answers prompts: makes a judge a query. One query at a time.
class Answerer {
 public:
  virtual ~Answerer() = default;

  /// @throws InvalidData, naming the prompt file, if the model cannot tell the labels (or identifiers) apart.
  virtual void check_labels(const Prompt& prompt, std::span<const std::string> labels) const = 0;
  virtual void check_identifiers(const Prompt& prompt, std::size_t count) const = 0;

  /// The judge refers to all that it is given. @param candidates those to be judged, two or more.
  virtual std::unique_ptr<Judge> judge(const Prompt& prompt, const Query& query, std::span<const Candidate> candidates,
                                       const RerankOptions& options) = 0;
};

}  // namespace dragoman::reranking
