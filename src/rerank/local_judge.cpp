#include "rerank/local_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "rerank/permutation_grammar.h"

namespace dragoman::reranking {
namespace {

/// What goes through a model together: more gains nothing, and less is lost when a run is killed or a budget spent.
constexpr std::size_t kGroupTokens = 512;
constexpr std::size_t kGroupPrompts = 32;

std::size_t shared_tokens(const Tokens& a, const Tokens& b) {
  const std::size_t most = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(most), b.begin()).first - a.begin());
}

/// The first token of each label.
std::vector<TokenId> first_tokens(const LanguageModel& model, const Prompt& prompt,
                                  std::span<const std::string> labels) {
  std::vector<TokenId> firsts;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Tokens tokens = model.tokenize(labels[i]);
    const auto same = tokens.empty() ? firsts.begin() : std::ranges::find(firsts, tokens.front());
    if (tokens.empty() || same != firsts.end()) {
      throw InvalidData(fmt::format("{}: answers '{}' and '{}' begin with the same token of this model; choose others",
                                    prompt.answers_place, labels[static_cast<std::size_t>(same - firsts.begin())],
                                    labels[i]));
    }
    firsts.push_back(tokens.front());
  }
  return firsts;
}

}  // namespace

LocalJudge::LocalJudge(LanguageModel& model, const Prompt& prompt, std::string_view query,
                       std::span<const Candidate> candidates, const RerankOptions& options)
    : TextJudge(prompt, query, candidates, options), model_(model), before_(model.usage()), budget_(options) {
  for (std::size_t i = 0; i < size(); ++i) lengths_.push_back(count(passage(i).text));
}

std::size_t LocalJudge::least() const { return TextJudge::least(*std::max_element(lengths_.begin(), lengths_.end())); }

std::size_t LocalJudge::passage_limit(std::size_t together, std::size_t answer_tokens) const {
  const std::vector<std::string_view> nothing(together);
  const std::size_t frame = render(nothing).size() + answer_tokens;
  if (frame >= model_.context_tokens()) return 0;
  std::size_t room = model_.context_tokens() - frame;

  std::vector<std::size_t> longest = lengths_;
  std::sort(longest.begin(), longest.end(), std::greater<>());
  longest.resize(std::min(together, longest.size()));
  // Shortest first: whoever needs less than an equal share leaves the rest to the longer ones.
  for (std::size_t left = longest.size(); left > 0; --left) {
    const std::size_t length = std::min(longest[left - 1], most_tokens()), share = room / left;
    if (length > share) return share;
    room -= length;
  }
  return most_tokens();
}

std::size_t LocalJudge::answer_tokens(std::size_t together, AnswerKind answer) const {
  // Where the prompt does not ask about the query, the query is the answer whose likelihood is wanted.
  if (answer == AnswerKind::label) return prompt().schema.asks_query ? 0 : count(query());
  return spell_identifiers(model_, prompt(), together).longest_answer(together);
}

bool LocalJudge::fits(std::size_t together, AnswerKind answer) const {
  return passage_limit(together, answer_tokens(together, answer)) >= least();
}

void LocalJudge::require_room(std::size_t together, std::size_t answer_tokens) const {
  if (passage_limit(together, answer_tokens) >= least()) return;
  const std::vector<std::string_view> nothing(together);
  throw InvalidArgument(
      fmt::format("rerank: query and prompt take {} of the model's {} tokens, which leaves less than {} a passage; "
                  "shorten the query or open the model with a longer context",
                  render(nothing).size() + answer_tokens, model_.context_tokens(), least()));
}

void LocalJudge::cut_to_fit(std::size_t together, AnswerKind answer) {
  answer_tokens_ = answer_tokens(together, answer);
  require_room(together, answer_tokens_);
  const std::size_t limit = passage_limit(together, answer_tokens_);
  for (std::size_t i = 0; i < size(); ++i) {
    if (lengths_[i] <= limit) continue;
    shorten(i, shortened(
                   i, limit, [this](std::string_view text) { return count(text); },
                   [this](std::string_view text, std::size_t tokens) { return cut(text, tokens); }));
  }
}

std::string LocalJudge::cut(std::string_view text, std::size_t tokens) const {
  // Bytes [0, low) are known to fit. Doubling first keeps the work within reach of the cut, however long the text is.
  std::size_t low = 0, high = std::min(text.size(), 4 * tokens + 4);
  while (high < text.size() && count(utf8_prefix(text, high)) <= tokens) {
    low = high;
    high = std::min(text.size(), 2 * high);
  }
  while (low < high) {
    const std::size_t middle = high - (high - low) / 2;  // Rounded up, so that low moves.
    if (count(utf8_prefix(text, middle)) <= tokens) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return std::string(utf8_prefix(text, low));
}

Tokens LocalJudge::render(std::span<const std::string_view> passages) const {
  return model_.chat(prompt().messages(query(), passages));
}

Tokens LocalJudge::render(const Question& question) {
  std::vector<std::string_view> texts = this->texts(question);
  Tokens tokens = render(texts);
  const std::size_t limit = model_.context_tokens() - std::min(answer_tokens_, model_.context_tokens());
  // A text may take more tokens between its neighbours than it takes alone, so the sum can be off by a few.
  std::vector<std::string> shorter(texts.size());
  while (tokens.size() > limit) {
    std::size_t longest = 0, length = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (const std::size_t tokens_here = count(texts[i]); tokens_here > length) {
        longest = i;
        length = tokens_here;
      }
    }
    if (length == 0) break;
    shorter[longest] = cut(texts[longest], length - std::min(length, tokens.size() - limit));
    texts[longest] = shorter[longest];
    mark_truncated(question[longest].candidate);
    tokens = render(texts);
  }
  return tokens;
}

std::vector<Passage> LocalJudge::pieces() {
  const std::size_t answer = answer_tokens(1, AnswerKind::label);
  require_room(1, answer);
  const std::string_view nothing;
  std::size_t longest = model_.context_tokens() - answer;
  if (limited()) longest = std::min(longest, render(std::span(&nothing, 1)).size() + most_tokens());
  return split(longest, [&](std::string_view text) { return render(std::span(&text, 1)).size(); });
}

std::vector<LocalJudge::Ready> LocalJudge::make_ready(std::span<const Question> questions) {
  std::vector<Ready> ready;
  for (const Question& question : questions) ready.push_back({render(question)});
  for (std::size_t begin = 0, end = 0; begin < questions.size(); begin = end) {
    const std::size_t leader = questions[begin].front().candidate;
    while (end < questions.size() && questions[end].front().candidate == leader) ++end;
    const Tokens& frame = frame_prefix(questions[begin].size());
    Tokens prefix = end - begin == 1 ? frame : ready[begin].prompt;
    for (std::size_t i = begin; i < end; ++i) prefix.resize(shared_tokens(prefix, ready[i].prompt));
    // The model needs one token behind the shared part, to answer from.
    const std::size_t frame_size = shared_tokens(frame, prefix);
    for (std::size_t i = begin; i < end; ++i) {
      ready[i].shared = std::min(prefix.size(), ready[i].prompt.size() - 1);
      ready[i].frame = std::min(frame_size, ready[i].shared);
    }
  }
  return ready;
}

const Tokens& LocalJudge::frame_prefix(std::size_t passages) {
  auto& found = frames_[prompt().schema.layout == PassageLayout::named ? passages : 1];
  if (found) return *found;
  // Any passage may come to lead, so what prompts share is what those share that each begin with another.
  std::vector<std::string_view> texts(prompt().schema.layout == PassageLayout::named ? passages : 1);
  texts.front() = passage(0).text;
  found = render(texts);
  for (std::size_t i = 0; i < size(); ++i) {
    texts.front() = passage(i).text;
    found->resize(shared_tokens(*found, render(texts)));
  }
  return *found;
}

SharedPrompts LocalJudge::group_at(std::span<const Ready> ready, std::size_t begin, std::size_t tail) {
  const Ready& first = ready[begin];
  const auto prefix = std::span(first.prompt).first(first.shared);
  SharedPrompts group{{prefix.begin(), prefix.end()}, first.frame, {}};
  std::size_t tokens = 0;
  for (std::size_t i = begin; i < ready.size() && group.suffixes.size() < kGroupPrompts; ++i) {
    const auto& [prompt, shared, frame] = ready[i];
    const auto suffix = std::span(prompt).subspan(shared);
    const bool alike =
        shared == first.shared && frame == first.frame && std::equal(prefix.begin(), prefix.end(), prompt.begin());
    if (!group.suffixes.empty() && (!alike || tokens + suffix.size() + tail > kGroupTokens)) break;
    tokens += suffix.size() + tail;
    group.suffixes.emplace_back(suffix.begin(), suffix.end());
  }
  return group;
}

std::size_t LocalJudge::grant(std::size_t wanted) {
  if (spent()) return 0;
  const LanguageModelUsage now = model_.usage();
  const std::uint64_t answered = now.calls - before_.calls;
  return budget_.grant_batch(wanted, answered + now.cache_hits - before_.cache_hits, answered);
}

template <typename Answer, typename Ask>
std::vector<Answer> LocalJudge::in_groups(std::span<const Question> questions, std::size_t tail, Ask ask) {
  const std::vector<Ready> ready = make_ready(questions);
  std::vector<Answer> answers;
  while (answers.size() < ready.size()) {
    SharedPrompts group = group_at(ready, answers.size(), tail);
    group.suffixes.resize(grant(group.suffixes.size()));
    if (group.suffixes.empty()) break;
    for (auto& answer : ask(group)) answers.push_back(std::move(answer));
  }
  skipped_ += questions.size() - answers.size();
  return answers;
}

std::vector<std::vector<double>> LocalJudge::choose(std::span<const Question> questions,
                                                    std::span<const std::string> labels) {
  const std::vector<TokenId> tokens = first_tokens(model_, prompt(), labels);
  return in_groups<std::vector<double>>(questions, 0, [&](const SharedPrompts& group) {
    // The normaliser of the softmax is the same for all labels.
    std::vector<std::vector<double>> answers;
    for (const auto& logits : model_.choice_logits(group, tokens)) answers.emplace_back(logits.begin(), logits.end());
    return answers;
  });
}

std::vector<std::vector<std::size_t>> LocalJudge::permute(std::span<const Question> questions) {
  const std::vector<Ready> ready = make_ready(questions);
  std::vector<std::vector<std::size_t>> orders;
  while (orders.size() < questions.size() && grant(1) > 0) {
    const std::size_t i = orders.size(), passages = questions[i].size();
    const Identifiers identifiers = spell_identifiers(model_, prompt(), passages);
    PermutationGrammar grammar(identifiers, passages);
    model_.generate(ready[i].prompt, ready[i].shared, grammar);
    orders.push_back(grammar.order());
  }
  skipped_ += questions.size() - orders.size();
  return orders;
}

std::vector<double> LocalJudge::likelihood(std::span<const Question> questions, std::string_view text) {
  const Tokens answer = model_.tokenize(text);
  if (answer.empty()) return std::vector<double>(questions.size(), 0);
  return in_groups<double>(questions, answer.size() - 1, [&](const SharedPrompts& group) {
    std::vector<double> likelihoods = model_.log_likelihoods(group, answer);
    for (double& likelihood : likelihoods) likelihood /= static_cast<double>(answer.size());
    return likelihoods;
  });
}

RerankReport LocalJudge::report() const {
  const LanguageModelUsage now = model_.usage();
  RerankReport report;
  report.calls = now.calls - before_.calls;
  report.tokens_evaluated = now.tokens_evaluated - before_.tokens_evaluated;
  report.tokens_reused = now.tokens_reused - before_.tokens_reused;
  report.cache_hits = now.cache_hits - before_.cache_hits;
  report.skipped = skipped_;
  report.truncated = truncated();
  return report;
}

namespace {

class LocalAnswerer final : public Answerer {
 public:
  explicit LocalAnswerer(std::shared_ptr<LanguageModel> model) : model_(std::move(model)) {}

  void check_labels(const Prompt& prompt, std::span<const std::string> labels) const override {
    first_tokens(*model_, prompt, labels);
  }
  void check_identifiers(const Prompt& prompt, std::size_t count) const override {
    spell_identifiers(*model_, prompt, count);
  }
  std::unique_ptr<Judge> judge(const Prompt& prompt, const Query& query, std::span<const Candidate> candidates,
                               const RerankOptions& options) override {
    return std::make_unique<LocalJudge>(*model_, prompt, query.text, candidates, options);
  }

 private:
  std::shared_ptr<LanguageModel> model_;
};

}  // namespace

std::unique_ptr<Answerer> make_local_answerer(std::shared_ptr<LanguageModel> model) {
  return std::make_unique<LocalAnswerer>(std::move(model));
}

}  // namespace dragoman::reranking
