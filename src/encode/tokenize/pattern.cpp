#include "encode/tokenize/pattern.h"

#include <fmt/format.h>
#include <unicode/regex.h>
#include <unicode/unistr.h>
#include <unicode/utf16.h>

#include <memory>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/tokenize/word_scanner.h"

namespace dragoman {
namespace {

constexpr std::int32_t kTimeLimit = 100'000;  // ICU's steps of about a millisecond: no honest expression comes near.

/// ICU's \s has neither U+000B nor U+0085.
std::string for_icu(std::string_view expression) {
  std::string result;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    if (expression[i] != '\\' || i + 1 == expression.size()) {
      result += expression[i];
      continue;
    }
    const char escaped = expression[++i];
    if (escaped == 's') {
      result += R"(\p{White_Space})";
    } else if (escaped == 'S') {
      result += R"(\P{White_Space})";
    } else {
      result += '\\';
      result += escaped;
    }
  }
  return result;
}

/// Bytes of the first `units` of a text in UTF-16, as they are counted on from another place.
class ByteOffsets {
 public:
  explicit ByteOffsets(const icu::UnicodeString& text) : text_(text) {}

  std::size_t at(std::int32_t unit) {
    while (unit_ < unit) {
      const UChar32 c = text_.char32At(unit_);
      unit_ += U16_LENGTH(c);
      bytes_ += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    return bytes_;
  }

 private:
  const icu::UnicodeString& text_;
  std::int32_t unit_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

Pattern literal_pattern(std::string text) {
  return [text = std::move(text)](std::string_view in, const auto& on_match) {
    for (auto at = in.find(text); at != std::string_view::npos; at = in.find(text, at + text.size())) {
      on_match(at, at + text.size());
    }
  };
}

Pattern regex_pattern(std::string_view expression, std::string_view place) {
  if (const auto scanner = WordScanner::of(expression)) {
    return [scanner = *scanner](std::string_view text, const auto& on_match) {
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = scanner.next(text, at);
        on_match(at, end);
        at = end;
      }
    };
  }
  const std::string shown = printable(expression, 200);
  UErrorCode status = U_ZERO_ERROR;
  UParseError where{};
  const std::shared_ptr<const icu::RegexPattern> compiled(
      icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(for_icu(expression)), 0, where, status));
  if (U_FAILURE(status) != 0) {
    throw InvalidArgument(
        fmt::format("{}: the regular expression \"{}\" cannot be used: {}", place, shown, u_errorName(status)));
  }
  return [compiled, shown](std::string_view text, const auto& on_match) {
    const auto wide = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
    UErrorCode failed = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexMatcher> matcher(compiled->matcher(wide, failed));
    if (U_SUCCESS(failed) != 0) matcher->setTimeLimit(kTimeLimit, failed);
    ByteOffsets offsets(wide);
    while (U_SUCCESS(failed) != 0 && matcher->find(failed) != 0) {
      const std::size_t begin = offsets.at(matcher->start(failed));
      const std::size_t end = offsets.at(matcher->end(failed));
      if (begin != end) on_match(begin, end);
    }
    if (U_FAILURE(failed) != 0) {
      throw InvalidArgument(fmt::format("the regular expression \"{}\" cannot be matched to a text of {} bytes: {}",
                                        shown, text.size(), u_errorName(failed)));
    }
  };
}

}  // namespace dragoman
