#include "translate/marian/neural_model.h"

#include <algorithm>

namespace dragoman {

std::optional<std::size_t> NeuralLanguages::find(const Language& language) const {
  const auto found =
      std::ranges::find_if(list, [&](const Language& one) { return same_written_language(language, one); });
  if (found == list.end()) return std::nullopt;
  return static_cast<std::size_t>(found - list.begin());
}

bool NeuralLanguages::serves(const Language& from, const Language& to) const {
  if (tokens.empty()) return same_written_language(from, list[0]) && same_written_language(to, list[1]);
  const auto source = find(from), target = find(to);
  return source && target && source != target;
}

std::vector<std::int32_t> NeuralLanguages::source_prefix(const Language& from) const {
  if (!tokens.empty()) return {tokens[find(from).value()]};
  if (target_token) return {*target_token};
  return {};
}

std::optional<std::int32_t> NeuralLanguages::target_prompt(const Language& to) const {
  if (tokens.empty()) return std::nullopt;
  return tokens[find(to).value()];
}

}  // namespace dragoman
