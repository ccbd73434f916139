#include "text/analysis/segments.h"

#include <array>

#include "text/icu.h"

namespace dragoman {
namespace {

bool is_extend(WordBreak word_break) { return word_break == WordBreak::extend || word_break == WordBreak::zwj; }

/// AHLetter of UAX #29.
bool is_letter(WordBreak word_break) {
  return word_break == WordBreak::letter || word_break == WordBreak::hebrew_letter;
}

bool is_kana_or_han(WordBreak word_break) {
  return word_break == WordBreak::katakana || word_break == WordBreak::kana_kanji;
}

/// Is there no boundary between two neighbours, marks aside (rules WB5, WB8 to WB10, WB13 to WB13b)?
bool joins(WordBreak before, WordBreak after) {
  switch (before) {
    case WordBreak::letter:
    case WordBreak::hebrew_letter:
    case WordBreak::numeric:
      return is_letter(after) || after == WordBreak::numeric || after == WordBreak::connector;
    case WordBreak::connector:
      return is_letter(after) || after == WordBreak::numeric || after == WordBreak::connector ||
             after == WordBreak::katakana;
    case WordBreak::katakana:
      return is_kana_or_han(after) || after == WordBreak::connector;
    default:
      return false;
  }
}

/// Rules that ICU states for neighbours without marks between them.
bool joins_without_marks(WordBreak before, WordBreak after) {
  return (before == WordBreak::hangul && after == WordBreak::hangul) ||
         (is_kana_or_han(before) && is_kana_or_han(after)) || (before == WordBreak::space && after == WordBreak::space);
}

/// Rules WB6 and WB12: may `middle` stand between `before` and a letter or number?
bool may_join_over(WordBreak before, WordBreak middle) {
  const bool between_letters =
      middle == WordBreak::mid_letter || middle == WordBreak::mid_number_letter || middle == WordBreak::single_quote;
  if (is_letter(before)) {
    return between_letters || (before == WordBreak::hebrew_letter && middle == WordBreak::double_quote);
  }
  return before == WordBreak::numeric && (middle == WordBreak::mid_number || middle == WordBreak::mid_number_letter ||
                                          middle == WordBreak::single_quote);
}

/// Is `after` what the pair in front of it waits for?
bool fits(WordBreak before, WordBreak middle, WordBreak after) {
  if (middle == WordBreak::double_quote) return after == WordBreak::hebrew_letter;
  return is_letter(before) ? is_letter(after) : after == WordBreak::numeric;
}

constexpr std::array<bool, 256> kAsciiWord = [] {
  std::array<bool, 256> is_word{};
  for (int c = '0'; c <= '9'; ++c) is_word[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) is_word[c] = is_word[c - 'a' + 'A'] = true;
  return is_word;
}();

}  // namespace

Segmenter::Segmenter(std::string_view text, const CharacterTable& characters) : text_(text), characters_(characters) {
  check_can_be_split(text);
}

bool Segmenter::next(Segment& segment) {
  if (next_piece_ == pieces_.size()) {
    if (!next_by_rule(segment)) return false;
    if ((segment.flags & Character::dictionary) == 0) return true;
    cut_by_dictionary(segment);
  }
  piece_.begin = piece_.end;
  piece_.end = pieces_[next_piece_++];
  segment = piece_;
  return true;
}

bool Segmenter::next_by_rule(Segment& segment) {
  if (at_ >= text_.size()) return false;
  std::size_t at = at_;
  while (at < text_.size() && kAsciiWord[static_cast<unsigned char>(text_[at])]) ++at;
  if (at > at_ && (at == text_.size() || text_[at] == ' ')) {  // A plain word, which is nearly all of English.
    segment = {at_, at, Character::content, true};
    at_ = at;
    return true;
  }

  at = at_;
  const Character* character = &characters_.of(next_code_point(text_, at));
  segment = {at_, at, character->flags, character->is(Character::content)};
  bool last_is_content = segment.trimmed;
  WordBreak last = character->word_break;    // Of the last character.
  WordBreak before = last;                   // Of the last one that is no mark; marks at the beginning count as one.
  WordBreak before_that = WordBreak::other;  // Of the one before, if it is joined over `before`.
  bool odd_indicators = before == WordBreak::regional_indicator;
  while (at < text_.size()) {
    const std::size_t here = at;
    character = &characters_.of(next_code_point(text_, at));
    const WordBreak current = character->word_break;
    if (!joined(before_that, before, last, current, odd_indicators, here, at)) {
      at = here;
      break;
    }
    segment.flags |= character->flags;
    last_is_content = character->is(Character::content);
    last = current;
    if (is_extend(current)) continue;
    before_that = before;
    before = current;
    odd_indicators = current == WordBreak::regional_indicator && !odd_indicators;
  }
  segment.end = at_ = at;
  segment.trimmed &= last_is_content;
  return true;
}

bool Segmenter::joined(WordBreak before_that, WordBreak before, WordBreak last, WordBreak current, bool odd_indicators,
                       std::size_t here, std::size_t behind) const {
  if (last == WordBreak::newline || current == WordBreak::newline) {
    return text_[here - 1] == '\r' && text_[here] == '\n';  // WB3, WB3a, WB3b
  }
  if (is_extend(current) || joins(before, current)) return true;                              // WB4 to WB13b
  if (last == WordBreak::zwj && current == WordBreak::pictograph) return true;                // WB3c
  if (joins_without_marks(last, current)) return true;                                        // WB3d, and ICU's own
  if (current == WordBreak::regional_indicator && odd_indicators) return true;                // WB15, WB16
  if (may_join_over(before_that, before) && fits(before_that, before, current)) return true;  // WB7, WB7c, WB11
  if (before == WordBreak::hebrew_letter && current == WordBreak::single_quote) return true;  // WB7a
  if (!may_join_over(before, current)) return false;
  // WB6, WB7b, WB12
  WordBreak next = WordBreak::other;
  while (behind < text_.size() && is_extend(next = characters_.of(next_code_point(text_, behind)).word_break)) {
  }
  return fits(before, current, next);
}

void Segmenter::cut_by_dictionary(const Segment& segment) {
  pieces_.clear();
  icu::BreakIterator& words = break_iterator(Boundary::word, text_.substr(segment.begin, segment.end - segment.begin));
  for (auto end = words.next(); end != icu::BreakIterator::DONE; end = words.next()) {
    pieces_.push_back(segment.begin + static_cast<std::size_t>(end));
  }
  next_piece_ = 0;
  piece_ = {segment.begin, segment.begin, segment.flags, false};
}

}  // namespace dragoman
