#include "rerank/rerank_endpoint.h"

#include <fmt/format.h>

#include <algorithm>

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
             fmt::format("endpoint={} model={}", model.endpoint, model.endpoint_model)),
      account_(options.limits) {
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

RerankEndpoint::Dialect RerankEndpoint::dialect() const {
  const std::lock_guard lock(mutex_);
  return dialect_;
}

std::string RerankEndpoint::in_dialect(const Json& request, const Dialect& dialect) const {
  Json body = request;
  if (dialect.completion_tokens && body.contains("max_tokens")) {
    body["max_completion_tokens"] = body["max_tokens"];
    body.erase("max_tokens");
  }
  if (dialect.without_temperature) body.erase("temperature");
  return to_line(body);
}

bool RerankEndpoint::learn(const std::string& refusal, const Dialect& used) {
  const auto says = [&](std::string_view word) { return refusal.find(word) != refusal.npos; };
  const std::lock_guard lock(mutex_);
  if (!used.completion_tokens && says("max_completion_tokens")) return dialect_.completion_tokens = true;
  if (!used.without_temperature && says("temperature")) return dialect_.without_temperature = true;
  return false;
}

RerankEndpoint::Outcome RerankEndpoint::ask(const Json& request, const reranking::EndpointUsage& estimate,
                                            std::chrono::steady_clock::time_point end,
                                            const std::function<reranking::EndpointUsage(std::string_view)>& read) {
  const std::string question = to_line(request);
  if (const auto kept = store_.find("endpoint", question)) {
    read(*kept);
    return Outcome::from_cache;
  }
  {
    const std::lock_guard lock(mutex_);
    if (failures_ >= kMostFailures) {
      note(fmt::format("{}: failed {} times in a row and is asked no more", place(), failures_));
      return Outcome::failed;
    }
  }
  // Not under the lock, which those need that it may wait for.
  if (const auto reason = account_.begin(estimate)) {
    const std::lock_guard lock(mutex_);
    note(fmt::format("{}: {}", place(), *reason));
    return Outcome::failed;
  }
  std::string answer;
  std::optional<reranking::EndpointUsage> used;
  const auto take = [&](std::string_view body) {
    try {
      used = read(body);
    } catch (const InvalidData& error) {
      throw TryAgain{error.what()};
    }
    answer = body;
  };
  try {
    for (bool refused = true; refused;) {
      const Dialect now = dialect();
      try {
        client_.ask({.body = in_dialect(request, now),
                     .limit = kAnswerBytes,
                     .end = end,
                     .before = [&] { account_.wait_for_turn(estimate); }},
                    take);
        refused = false;
      } catch (const Unavailable& refusal) {
        if (!learn(refusal.what(), now)) throw;
      }
    }
  } catch (const EndpointDown& down) {
    account_.end(estimate, std::nullopt);
    const std::lock_guard lock(mutex_);
    // A budget that ended says nothing about the endpoint.
    if (std::chrono::steady_clock::now() < end) {
      ++failures_;
      note(down.message);
    }
    return Outcome::failed;
  } catch (...) {
    account_.end(estimate, std::nullopt);
    throw;
  }
  account_.end(estimate, used);
  {
    const std::lock_guard lock(mutex_);
    failures_ = 0;
  }
  store_.keep("endpoint", question, answer);
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
