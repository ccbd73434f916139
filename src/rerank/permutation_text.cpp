#include "rerank/permutation_text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace dragoman::reranking {
namespace {

constexpr std::string_view kThoughtEnd = "</think>";
constexpr std::size_t kLargest = 1'000'000;  // Beyond any list: longer numbers stay there.

/// The digit that a code point is, in decimal systems of any script, and raised or lowered.
std::optional<std::size_t> digit(UChar32 code) {
  if (const std::int32_t decimal = u_charDigitValue(code); decimal >= 0) return static_cast<std::size_t>(decimal);
  const bool raised = u_getIntPropertyValue(code, UCHAR_DECOMPOSITION_TYPE) == U_DT_SUPER ||
                      u_getIntPropertyValue(code, UCHAR_DECOMPOSITION_TYPE) == U_DT_SUB;
  if (!raised || u_charType(code) != U_OTHER_NUMBER) return std::nullopt;
  return static_cast<std::size_t>(u_getNumericValue(code));
}

/// The number that a code point is by itself: circled, in brackets, with a full stop.
std::optional<std::size_t> whole_number(UChar32 code) {
  if (u_charType(code) != U_OTHER_NUMBER) return std::nullopt;
  const double value = u_getNumericValue(code);  // Fractions are numbers, too.
  if (value < 0 || value > static_cast<double>(kLargest) || value != std::floor(value)) return std::nullopt;
  return static_cast<std::size_t>(value);
}

std::vector<std::size_t> numbers_in(std::string_view text) {
  std::vector<std::size_t> numbers;
  std::optional<std::size_t> open;
  const auto close = [&] {
    if (open) numbers.push_back(*open);
    open.reset();
  };
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    UChar32 code = 0;
    U8_NEXT(bytes, at, text.size(), code);
    if (const auto value = code < 0 ? std::nullopt : digit(code)) {
      open = std::min(kLargest, open.value_or(0) * 10 + *value);
      continue;
    }
    close();
    if (const auto value = code < 0 ? std::nullopt : whole_number(code)) numbers.push_back(*value);
  }
  close();
  return numbers;
}

}  // namespace

PermutationText read_permutation(std::string_view text, std::size_t count) {
  if (const auto thought = text.rfind(kThoughtEnd); thought != text.npos) {
    text.remove_prefix(thought + kThoughtEnd.size());
  }
  PermutationText permutation;
  std::vector<bool> named(count);
  const std::vector<std::size_t> numbers = numbers_in(text);
  for (const std::size_t number : numbers) {
    if (number == 0 || number > count || named[number - 1]) continue;
    named[number - 1] = true;
    permutation.order.push_back(number - 1);
  }
  permutation.well_formed = permutation.order.size() == count && numbers.size() == count;
  for (std::size_t i = 0; i < count; ++i) {
    if (!named[i]) permutation.order.push_back(i);
  }
  return permutation;
}

}  // namespace dragoman::reranking
