#include "rerank/endpoint_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace dragoman {

using reranking::EndpointUsage;

double EndpointAccount::cost(const EndpointUsage& usage) const {
  constexpr double kPricesAreOf = 1e6;
  const auto written = static_cast<double>(usage.written), read = static_cast<double>(usage.tokens) - written;
  return (read * limits_.prompt_price + written * limits_.answer_price) / kPricesAreOf;
}

std::optional<std::string> EndpointAccount::begin(const EndpointUsage& estimate) {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] {
    const bool tokens = limits_.tokens != 0 && tokens_ + tokens_under_way_ >= limits_.tokens;
    const bool money = limits_.cost > 0 && cost_ + cost_under_way_ >= limits_.cost;
    return under_way_ == 0 || !(tokens || money);
  });
  if (limits_.calls != 0 && calls_ >= limits_.calls) {
    return fmt::format("the limit of {} requests is reached", limits_.calls);
  }
  if (limits_.tokens != 0 && tokens_ >= limits_.tokens) {
    return fmt::format("the limit of {} tokens is reached: {} are used", limits_.tokens, tokens_);
  }
  if (limits_.cost > 0 && cost_ >= limits_.cost) {
    return fmt::format("the limit of {:g} is reached: {:.6g} is spent", limits_.cost, cost_);
  }
  ++calls_;
  ++under_way_;
  tokens_under_way_ += estimate.tokens;
  cost_under_way_ += cost(estimate);
  return std::nullopt;
}

void EndpointAccount::end(const EndpointUsage& estimate, const std::optional<EndpointUsage>& used) {
  const std::lock_guard lock(mutex_);
  --under_way_;
  tokens_under_way_ -= estimate.tokens;
  cost_under_way_ = under_way_ == 0 ? 0 : cost_under_way_ - cost(estimate);  // Nothing is left of rounding.
  ended_.notify_all();
  if (!used) return;
  const EndpointUsage& counted = used->tokens > 0 ? *used : estimate;
  tokens_ += counted.tokens;
  cost_ += cost(counted);
  // The turn was given by the estimate; what it was wrong by is made good at the next.
  if (limits_.tokens_per_minute > 0) {
    next_turn_ += spacing(static_cast<double>(counted.tokens)) - spacing(static_cast<double>(estimate.tokens));
  }
}

EndpointAccount::Clock::duration EndpointAccount::spacing(double tokens) const {
  double seconds = 0;
  if (limits_.requests_per_minute > 0) seconds = 60 / limits_.requests_per_minute;
  if (limits_.tokens_per_minute > 0) seconds = std::max(seconds, 60 * tokens / limits_.tokens_per_minute);
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void EndpointAccount::wait_for_turn(const EndpointUsage& estimate) {
  Clock::time_point turn;
  {
    const std::lock_guard lock(mutex_);
    turn = std::max(Clock::now(), next_turn_);
    next_turn_ = turn + spacing(static_cast<double>(estimate.tokens));
  }
  std::this_thread::sleep_until(turn);
}

}  // namespace dragoman
