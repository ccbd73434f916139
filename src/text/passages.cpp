#include "dragoman/text/passages.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <span>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "text/icu.h"
#include "text/trimmed.h"

namespace dragoman {
namespace {

/// The code point that ends at `at`; U+FFFD for ill-formed bytes. `at` must be above 0.
UChar32 previous_code_point(std::string_view text, std::size_t at) {
  auto index = static_cast<std::int32_t>(at);
  UChar32 code_point;
  U8_PREV_OR_FFFD(text.data(), 0, index, code_point);
  return code_point;
}

UChar32 code_point_at(std::string_view text, std::size_t at) { return static_cast<UChar32>(next_code_point(text, at)); }

/// May a passage end here, between two words? Not if a comma would lead the next one, or an opening bracket end this.
bool is_good_cut(std::string_view text, std::size_t at) {
  if (at == text.size() || u_isUWhiteSpace(previous_code_point(text, at))) return true;
  const std::uint32_t opening = U_GC_PS_MASK | U_GC_PI_MASK;
  if ((U_GET_GC_MASK(previous_code_point(text, at)) & opening) != 0) return false;
  return (U_GET_GC_MASK(code_point_at(text, at)) & (U_GC_P_MASK & ~opening)) == 0;
}

/// Ends of the units of text[range], as offsets into text.
std::vector<std::size_t> ends_within(Boundary boundary, std::string_view text, TextRange range) {
  std::vector<std::size_t> ends = unit_ends(boundary, range.of(text));
  if (boundary == Boundary::word) {
    std::erase_if(ends, [&](std::size_t end) { return !is_good_cut(range.of(text), end); });
  }
  for (std::size_t& end : ends) end += range.begin;
  return ends;
}

class Splitter {
 public:
  Splitter(std::string_view text, std::size_t budget, const std::function<std::size_t(std::string_view)>& measure)
      : text_(text), budget_(budget), measure_(measure) {}

  /// Fills passages with units that end at `ends`, from `begin` to the last of them. A unit that is too long by itself
  /// is filled in from smaller ones. The last passage stays open for what follows.
  void fill(std::size_t begin, std::span<const std::size_t> ends, Boundary boundary) {
    while (!ends.empty()) {
      const std::size_t fitting = count_fitting(ends);
      if (fitting > 0) {
        open_.end = ends[fitting - 1];
        begin = open_.end;
        ends = ends.subspan(fitting);
        if (!ends.empty()) close(begin);
        continue;
      }
      if (open_.end > open_.begin) {
        close(begin);  // Something is in the passage, but the next unit has no room behind it.
        continue;
      }
      if (boundary == Boundary::grapheme) {
        open_.end = ends.front();  // Nothing smaller to cut; it must go on, too long as it is.
      } else {
        const Boundary smaller = boundary == Boundary::sentence ? Boundary::word : Boundary::grapheme;
        fill(begin, ends_within(smaller, text_, {begin, ends.front()}), smaller);
      }
      begin = ends.front();
      ends = ends.subspan(1);
    }
  }

  std::vector<TextRange> finish() && {
    close(text_.size());
    return std::move(passages_);
  }

 private:
  bool fits(std::size_t end) const {
    const TextRange range = trimmed(text_, {open_.begin, end});
    return range.begin == range.end || measure_(range.of(text_)) <= budget_;
  }

  /// How many units fit into the open passage. Doubling steps, then halving ones: a passage costs as many calls as the
  /// logarithm of its units, and no call sees much more text than fits.
  std::size_t count_fitting(std::span<const std::size_t> ends) const {
    std::size_t good = 0, step = 1;
    while (good + step <= ends.size() && fits(ends[good + step - 1])) {
      good += step;
      step *= 2;
    }
    for (; step > 0; step /= 2) {
      if (good + step <= ends.size() && fits(ends[good + step - 1])) good += step;
    }
    return good;
  }

  void close(std::size_t next_begin) {
    const TextRange passage = trimmed(text_, open_);
    if (passage.begin < passage.end) passages_.push_back(passage);
    open_ = {next_begin, next_begin};
  }

  std::string_view text_;
  std::size_t budget_;
  const std::function<std::size_t(std::string_view)>& measure_;
  TextRange open_;  // What is in the passage being filled.
  std::vector<TextRange> passages_;
};

}  // namespace

TextRange trimmed(std::string_view text, TextRange range) {
  while (range.begin < range.end) {
    std::size_t next = range.begin;
    if (!u_isUWhiteSpace(static_cast<UChar32>(next_code_point(text, next)))) break;
    range.begin = next;
  }
  while (range.begin < range.end) {
    const UChar32 last = previous_code_point(text, range.end);
    if (!u_isUWhiteSpace(last)) break;
    range.end -= U8_LENGTH(last);
  }
  return range;
}

std::vector<TextRange> split_passages(std::string_view text, std::size_t budget,
                                      const std::function<std::size_t(std::string_view)>& measure) {
  if (budget == 0) throw InvalidArgument("split_passages: budget is 0, must be at least 1");
  // All ends are collected before the first measurement, which may well split text itself in this thread.
  const std::vector<std::size_t> sentences = unit_ends(Boundary::sentence, text);
  Splitter splitter(text, budget, measure);
  splitter.fill(0, sentences, Boundary::sentence);
  return std::move(splitter).finish();
}

std::string beginning_of(std::string_view text, std::size_t code_points) {
  const auto passages = split_passages(text, code_points, count_code_points);
  if (passages.empty()) return {};
  return std::string(passages.front().of(text)) + (passages.size() > 1 ? " …" : "");
}

}  // namespace dragoman
