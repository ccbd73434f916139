#include "rerank/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman::reranking {
namespace {

std::size_t shared_tokens(const Tokens& a, const Tokens& b) {
  const std::size_t most = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(most), b.begin()).first - a.begin());
}

/// The model needs one token behind the shared part, to answer from.
std::size_t shared_tokens_before_last(const Tokens& tokens, const Tokens& prefix) {
  return std::min(shared_tokens(tokens, prefix), tokens.size() - 1);
}

}  // namespace

Judge::Judge(LanguageModel& model, const Prompt& prompt, std::string_view query, std::span<const Candidate> candidates,
             std::size_t passage_tokens)
    : model_(model), prompt_(prompt), query_(one_line(query)), passage_tokens_(passage_tokens), before_(model.usage()) {
  for (const Candidate& candidate : candidates) {
    passages_.push_back(one_line(candidate.text));
    lengths_.push_back(count(passages_.back()));
  }
  truncated_.resize(passages_.size());
}

std::size_t Judge::least() const {
  std::size_t least = kLeastPassageTokens;
  if (passage_tokens_ > 0) least = std::min(least, passage_tokens_);
  return std::min(least, *std::max_element(lengths_.begin(), lengths_.end()));
}

std::size_t Judge::passage_limit(std::size_t together, std::size_t answer_tokens) const {
  const std::size_t most = passage_tokens_ > 0 ? passage_tokens_ : std::numeric_limits<std::size_t>::max();
  const std::vector<std::string_view> nothing(together);
  const std::size_t frame = render(nothing).size() + answer_tokens;
  if (frame >= model_.context_tokens()) return 0;
  std::size_t room = model_.context_tokens() - frame;

  std::vector<std::size_t> longest = lengths_;
  std::sort(longest.begin(), longest.end(), std::greater<>());
  longest.resize(std::min(together, longest.size()));
  // Shortest first: whoever needs less than an equal share leaves the rest to the longer ones.
  for (std::size_t left = longest.size(); left > 0; --left) {
    const std::size_t length = std::min(longest[left - 1], most), share = room / left;
    if (length > share) return share;
    room -= length;
  }
  return most;
}

bool Judge::fits(std::size_t together, std::size_t answer_tokens) const {
  return passage_limit(together, answer_tokens) >= least();
}

void Judge::require_room(std::size_t together, std::size_t answer_tokens) const {
  if (fits(together, answer_tokens)) return;
  const std::vector<std::string_view> nothing(together);
  throw InvalidArgument(
      fmt::format("rerank: query and prompt take {} of the model's {} tokens, which leaves less than {} a passage; "
                  "shorten the query or open the model with a longer context",
                  render(nothing).size() + answer_tokens, model_.context_tokens(), least()));
}

void Judge::cut_to_fit(std::size_t together, std::size_t answer_tokens) {
  require_room(together, answer_tokens);
  answer_tokens_ = answer_tokens;
  const std::size_t limit = passage_limit(together, answer_tokens);
  for (std::size_t i = 0; i < passages_.size(); ++i) {
    if (lengths_[i] <= limit) continue;
    passages_[i] = cut(passages_[i], limit);
    truncated_[i] = true;
  }
}

std::string Judge::cut(std::string_view text, std::size_t tokens) const {
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

Tokens Judge::render(std::span<const std::string_view> passages) const {
  std::vector<Message> messages;
  if (prompt_.system) messages.push_back({"system", *prompt_.system});
  messages.push_back({"user", prompt_.user_text(query_, passages)});
  return model_.chat(messages);
}

Tokens Judge::prompt(std::span<const Passage> passages) {
  std::vector<std::string_view> texts;
  for (const Passage& passage : passages) texts.push_back(passage.text);
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
    truncated_[passages[longest].candidate] = true;
    tokens = render(texts);
  }
  return tokens;
}

double Judge::contrast(const Tokens& tokens, const Tokens& prefix, TokenId positive, TokenId negative) {
  const auto logits = model_.next_token_logits(tokens, shared_tokens_before_last(tokens, prefix));
  return double{logits.at(static_cast<std::size_t>(positive))} - double{logits.at(static_cast<std::size_t>(negative))};
}

void Judge::generate(const Tokens& tokens, const Tokens& prefix, Grammar& grammar) {
  model_.generate(tokens, shared_tokens_before_last(tokens, prefix), grammar);
}

RerankReport Judge::report() const {
  const LanguageModelUsage now = model_.usage();
  RerankReport report;
  report.calls = now.calls - before_.calls;
  report.tokens_evaluated = now.tokens_evaluated - before_.tokens_evaluated;
  report.tokens_reused = now.tokens_reused - before_.tokens_reused;
  report.truncated = static_cast<std::uint64_t>(std::count(truncated_.begin(), truncated_.end(), true));
  return report;
}

Tokens common_prefix(std::span<const Tokens> prompts) {
  if (prompts.size() < 2) return {};
  Tokens prefix = prompts.front();
  for (const Tokens& prompt : prompts) prefix.resize(shared_tokens(prefix, prompt));
  return prefix;
}

std::string one_line(std::string_view text) {
  std::string out;
  bool space = false;
  for (const char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      space = true;
      continue;
    }
    if (space && !out.empty()) out += ' ';
    space = false;
    out += c;
  }
  return out;
}

AnswerTokens answer_tokens(const LanguageModel& model, const Prompt& prompt, std::string_view positive,
                           std::string_view negative) {
  const std::string& yes = prompt.answers.find(positive)->second;
  const std::string& no = prompt.answers.find(negative)->second;
  const auto yes_tokens = model.tokenize(yes), no_tokens = model.tokenize(no);
  if (yes_tokens.empty() || no_tokens.empty() || yes_tokens.front() == no_tokens.front()) {
    throw InvalidData(fmt::format("{}: answers '{}' and '{}' begin with the same token of this model; choose others",
                                  prompt.answers_place, yes, no));
  }
  return {yes_tokens.front(), no_tokens.front()};
}

}  // namespace dragoman::reranking
