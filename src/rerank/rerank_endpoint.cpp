#include "rerank/rerank_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "dragoman/base/error.h"
#include "encode/http_exchange.h"

namespace dragoman {
namespace {

/// Room for a long answer with the likeliest tokens of each place.
constexpr std::size_t kAnswerBytes = std::size_t{8} << 20;
/// So many requests failed one after another, each as often as it was tried: the endpoint is down.
constexpr int kMostFailures = 3;

}  // namespace

RerankEndpoint::RerankEndpoint(const Model& model, const RerankEndpointOptions& options)
    : options_(options),
      ranks_(model.endpoint.ends_with("/rerank")),
      model_(model.endpoint_model),
      client_(model.endpoint + (ranks_ ? "" : "/chat/completions"), model.endpoint, model.endpoint_model,
              "if a prompt is too long for it, cut passages with --passage-tokens",
              {.attempts = options.attempts, .pause = options.pause, .stall = options.stall}),
      store_(options.cache, options.cache_bytes, model.name,
             fmt::format("endpoint={} model={}", model.endpoint, model.endpoint_model)) {
  if (options.in_flight == 0 || options.attempts < 1 || options.context_tokens == 0) {
    throw InvalidArgument("rerank: in_flight, attempts and context_tokens of an endpoint must be at least 1");
  }
  if (model.max_tokens != 0) options_.context_tokens = model.max_tokens;
}

std::vector<std::string> RerankEndpoint::notices() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all = notices_;
  for (std::string& notice : store_.notices()) all.push_back(std::move(notice));
  return all;
}

void RerankEndpoint::note(const std::string& notice) {
  if (std::ranges::find(notices_, notice) == notices_.end()) notices_.push_back(notice);
}

std::optional<std::string> RerankEndpoint::why_not() {
  if (failures_ >= kMostFailures)
    return fmt::format("{}: failed {} times in a row and is asked no more", place(), failures_);
  if (options_.spend_calls != 0 && calls_ >= options_.spend_calls) {
    return fmt::format("{}: the limit of {} requests is reached", place(), options_.spend_calls);
  }
  if (options_.spend_tokens != 0 && tokens_ >= options_.spend_tokens) {
    return fmt::format("{}: the limit of {} tokens is reached", place(), options_.spend_tokens);
  }
  return std::nullopt;
}

void RerankEndpoint::wait_for_turn() {
  if (options_.requests_per_minute <= 0) return;
  std::chrono::steady_clock::time_point turn;
  {
    const std::lock_guard lock(mutex_);
    turn = std::max(std::chrono::steady_clock::now(), next_turn_);
    next_turn_ = turn + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                            std::chrono::duration<double>(60 / options_.requests_per_minute));
  }
  std::this_thread::sleep_until(turn);
}

RerankEndpoint::Outcome RerankEndpoint::ask(const std::string& request, std::chrono::steady_clock::time_point end,
                                            const std::function<reranking::EndpointUsage(std::string_view)>& read) {
  if (const auto kept = store_.find("endpoint", request)) {
    read(*kept);
    return Outcome::from_cache;
  }
  {
    const std::lock_guard lock(mutex_);
    if (const auto reason = why_not()) {
      note(*reason);
      return Outcome::failed;
    }
    ++calls_;
  }
  std::string answer;
  reranking::EndpointUsage usage;
  try {
    client_.ask({.body = request, .limit = kAnswerBytes, .end = end, .before = [this] { wait_for_turn(); }},
                [&](std::string_view body) {
                  try {
                    usage = read(body);
                  } catch (const InvalidData& error) {
                    throw TryAgain{error.what()};
                  }
                  answer = body;
                });
  } catch (const EndpointDown& down) {
    const std::lock_guard lock(mutex_);
    // A budget that ended says nothing about the endpoint.
    if (std::chrono::steady_clock::now() < end) {
      ++failures_;
      note(down.message);
    }
    return Outcome::failed;
  }
  {
    const std::lock_guard lock(mutex_);
    failures_ = 0;
    tokens_ += usage.tokens;
  }
  store_.keep("endpoint", request, answer);
  return Outcome::answered;
}

std::shared_ptr<RerankEndpoint> open_rerank_endpoint(const Model& model, const RerankEndpointOptions& options) {
  // Of one that is named by its address nobody has said what it is for.
  const bool by_address = model.name == fmt::format("{}#{}", model.endpoint, model.endpoint_model);
  if (model.kind != ModelKind::language_model && !by_address) {
    throw InvalidArgument(fmt::format("{}: an endpoint for embeddings, no language model", model.name));
  }
  return std::make_shared<RerankEndpoint>(model, options);
}

std::vector<std::string> notices(const RerankEndpoint& endpoint) { return endpoint.notices(); }

}  // namespace dragoman
