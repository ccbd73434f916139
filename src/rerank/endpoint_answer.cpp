#include "rerank/endpoint_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/json.h"
#include "dragoman/base/error.h"

namespace dragoman::reranking {
namespace {

/// Follows a path of member names and, for arrays, takes the first element. Null if it ends on the way.
const Json* follow(const Json* json, std::initializer_list<const char*> path) {
  for (const char* name : path) {
    if (json != nullptr && json->is_array()) json = json->empty() ? nullptr : &json->front();
    if (json == nullptr || !json->is_object()) return nullptr;
    const auto found = json->find(name);
    json = found == json->end() ? nullptr : &*found;
  }
  return json;
}

std::optional<double> finite(const Json* json) {
  if (json == nullptr || !json->is_number()) return std::nullopt;
  const auto value = json->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::uint64_t count(const Json* json) {
  return json != nullptr && json->is_number_unsigned() ? json->get<std::uint64_t>() : 0;
}

EndpointUsage read_usage(const Json& json) {
  const Json* usage = follow(&json, {"usage"});
  EndpointUsage read;
  if (usage == nullptr || !usage->is_object()) return read;
  read.tokens = std::max(count(follow(usage, {"total_tokens"})),
                         count(follow(usage, {"prompt_tokens"})) + count(follow(usage, {"completion_tokens"})));
  read.written = std::min(read.tokens, count(follow(usage, {"completion_tokens"})));
  read.reused = std::min(read.tokens, count(follow(usage, {"prompt_tokens_details", "cached_tokens"})));
  return read;
}

/// Without what tokenizers put before a word: spaces, and their own signs for one.
std::string_view bare(std::string_view token) {
  for (;;) {
    const std::string_view before = token;
    for (const std::string_view space : {" ", "\n", "\t", "\u2581", "\u0120", "\"", "'", "*"}) {
      if (token.starts_with(space)) token.remove_prefix(space.size());
    }
    if (token.size() == before.size()) return token;
  }
}

/// The only label that the token may begin or go beyond; none if there is no such label, or several.
std::optional<std::size_t> label_of(std::string_view token, std::span<const std::string> labels) {
  token = bare(token);
  if (token.empty()) return std::nullopt;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (token == labels[i]) return i;
    if (!labels[i].starts_with(token) && !token.starts_with(labels[i])) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (static_cast<unsigned char>(c) >= 0x80);
}

bool has_word(std::string_view text, std::string_view word) {
  if (word.empty()) return false;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_word_byte(text[at - 1]);
    const bool ends = at + word.size() == text.size() || !is_word_byte(text[at + word.size()]);
    if (begins && ends) return true;
  }
  return false;
}

std::optional<std::size_t> label_in(std::string_view text, std::span<const std::string> labels) {
  constexpr std::string_view kThoughtEnd = "</think>";
  if (const auto thought = text.rfind(kThoughtEnd); thought != text.npos)
    text.remove_prefix(thought + kThoughtEnd.size());
  text = bare(text);
  std::optional<std::size_t> longest;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty() || !text.starts_with(labels[i])) continue;
    if (labels[i].size() < text.size() && is_word_byte(labels[i].back()) && is_word_byte(text[labels[i].size()]) &&
        static_cast<unsigned char>(text[labels[i].size()]) < 0x80) {
      continue;  // "Nothing" is no "No"; scripts without spaces go on without an end.
    }
    if (!longest || labels[i].size() > labels[*longest].size()) longest = i;
  }
  if (longest) return longest;
  std::optional<std::size_t> only;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!has_word(text, labels[i])) continue;
    if (only) return std::nullopt;
    only = i;
  }
  return only;
}

}  // namespace

ChatAnswer read_chat_answer(std::string_view body, std::string_view place) {
  const Json json = parse_json_object(body, place);
  const Json* message = follow(&json, {"choices", "message"});
  if (message == nullptr || !message->is_object()) {
    throw InvalidData(
        fmt::format("{}: the answer has no message; is it an OpenAI-compatible endpoint for chat?", place));
  }
  ChatAnswer answer;
  if (const Json* text = follow(message, {"content"}); text != nullptr && text->is_string()) answer.text = *text;
  const Json* top = follow(&json, {"choices", "logprobs", "content", "top_logprobs"});
  if (top != nullptr && top->is_array()) {
    for (const Json& entry : *top) {
      const Json* token = entry.is_object() ? follow(&entry, {"token"}) : nullptr;
      const auto log_prob = entry.is_object() ? finite(follow(&entry, {"logprob"})) : std::nullopt;
      if (token != nullptr && token->is_string() && log_prob) answer.first.emplace_back(*token, *log_prob);
    }
  }
  answer.usage = read_usage(json);
  return answer;
}

std::optional<std::vector<double>> label_scores(const ChatAnswer& answer, std::span<const std::string> labels) {
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  std::vector<double> sums(labels.size(), 0);
  double least = 0;
  for (const auto& [token, log_prob] : answer.first) {
    least = std::min(least, log_prob);
    if (const auto label = label_of(token, labels)) sums[*label] += std::exp(std::min(log_prob, 0.0));
  }
  std::vector<double> scores(labels.size(), kNever);
  if (std::ranges::any_of(sums, [](double sum) { return sum > 0; })) {
    for (std::size_t i = 0; i < labels.size(); ++i) scores[i] = sums[i] > 0 ? std::log(sums[i]) : least;
    return scores;
  }
  const auto label = label_in(answer.text, labels);
  if (!label) return std::nullopt;
  scores[*label] = 0;
  return scores;
}

RerankAnswer read_rerank_answer(std::string_view body, std::size_t documents, std::string_view place) {
  const Json json = parse_json_object(body, place);
  const Json* results = follow(&json, {"results"});
  if (results == nullptr) results = follow(&json, {"data"});
  if (results == nullptr || !results->is_array()) {
    throw InvalidData(fmt::format("{}: the answer has no list \"results\"; is it an endpoint for reranking?", place));
  }
  RerankAnswer answer;
  std::vector<std::optional<double>> scores(documents);
  answer.well_formed = results->size() == documents;
  double least = 0;
  for (const Json& entry : *results) {
    const Json* index = entry.is_object() ? follow(&entry, {"index"}) : nullptr;
    auto score = entry.is_object() ? finite(follow(&entry, {"relevance_score"})) : std::nullopt;
    if (!score && entry.is_object()) score = finite(follow(&entry, {"score"}));
    const bool sound = index != nullptr && index->is_number_unsigned() && index->get<std::uint64_t>() < documents &&
                       score && !scores[index->get<std::uint64_t>()];
    if (!sound) {
      answer.well_formed = false;
      continue;
    }
    scores[index->get<std::uint64_t>()] = score;
    least = std::min(least, *score);
  }
  for (const auto& score : scores) {
    answer.well_formed &= score.has_value();
    answer.scores.push_back(score.value_or(least - 1));
  }
  answer.usage = read_usage(json);
  return answer;
}

}  // namespace dragoman::reranking
