#include "text/icu.h"

#include <fmt/format.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <array>
#include <limits>
#include <memory>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

std::unique_ptr<icu::BreakIterator> make_iterator(Boundary boundary) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Locale& root = icu::Locale::getRoot();
  std::unique_ptr<icu::BreakIterator> iterator;
  switch (boundary) {
    case Boundary::word:
      iterator.reset(icu::BreakIterator::createWordInstance(root, status));
      break;
    case Boundary::sentence:
      iterator.reset(icu::BreakIterator::createSentenceInstance(root, status));
      break;
    case Boundary::grapheme:
      iterator.reset(icu::BreakIterator::createCharacterInstance(root, status));
      break;
  }
  if (U_FAILURE(status) || iterator == nullptr) {
    throw Unavailable(
        fmt::format("ICU cannot split text ({}); install its data (package icu-data or libicu)", u_errorName(status)));
  }
  return iterator;
}

}  // namespace

void check_can_be_split(std::string_view text) {
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();  // ICU's positions.
  if (text.size() <= static_cast<std::size_t>(kMost)) return;
  throw InvalidArgument(fmt::format("text has {} bytes; at most {} can be split, cut it first", text.size(), kMost));
}

icu::BreakIterator& break_iterator(Boundary boundary, std::string_view text) {
  check_can_be_split(text);
  thread_local std::array<std::unique_ptr<icu::BreakIterator>, 3> iterators;
  auto& iterator = iterators[static_cast<std::size_t>(boundary)];
  if (iterator == nullptr) iterator = make_iterator(boundary);

  UErrorCode status = U_ZERO_ERROR;
  UText view = UTEXT_INITIALIZER;
  // A view without an address is no text to ICU, not even an empty one.
  utext_openUTF8(&view, text.data() == nullptr ? "" : text.data(), static_cast<std::int64_t>(text.size()), &status);
  iterator->setText(&view, status);  // Clones the view, not the text.
  utext_close(&view);
  if (U_FAILURE(status)) throw Unavailable(fmt::format("ICU cannot read text: {}", u_errorName(status)));
  return *iterator;
}

std::vector<std::size_t> unit_ends(Boundary boundary, std::string_view text) {
  std::vector<std::size_t> ends;
  icu::BreakIterator& iterator = break_iterator(boundary, text);
  for (auto end = iterator.next(); end != icu::BreakIterator::DONE; end = iterator.next()) {
    ends.push_back(static_cast<std::size_t>(end));
  }
  return ends;
}

char32_t next_code_point_beyond_ascii(std::string_view text, std::size_t& at) {
  UChar32 code_point;
  U8_NEXT_OR_FFFD(text.data(), at, text.size(), code_point);
  return static_cast<char32_t>(code_point);
}

void append_code_point(char32_t code_point, std::string& out) {
  std::array<char, U8_MAX_LENGTH> bytes{};
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes.data(), size, code_point);
  out.append(bytes.data(), size);
}

}  // namespace dragoman
