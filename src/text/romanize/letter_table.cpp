#include "text/romanize/letter_table.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cassert>

#include "text/icu.h"

namespace dragoman {
namespace {

bool is_upper(char32_t code_point) { return u_isupper(static_cast<UChar32>(code_point)) != 0; }

/// ICU's answer for one letter, without calling it for the many that have no case.
char32_t to_lower(char32_t code_point) { return static_cast<char32_t>(u_tolower(static_cast<UChar32>(code_point))); }

}  // namespace

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  out.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size();) out += next_code_point(text, at);
  return out;
}

LetterTable::LetterTable(std::string_view entries, const LetterTable* base) {
  if (base != nullptr) {
    for (const Entry& entry : base->entries_) add(entry);
  }
  constexpr std::string_view kSpace = " \n";
  for (std::size_t begin = entries.find_first_not_of(kSpace); begin != std::string_view::npos;) {
    const std::size_t end = std::min(entries.find_first_of(kSpace, begin), entries.size());
    std::string_view text = entries.substr(begin, end - begin);
    Entry entry;
    entry.initial = text.starts_with('^');
    if (entry.initial) text.remove_prefix(1);
    const std::size_t equals = text.find('=');
    assert(equals != std::string_view::npos && equals > 0);
    std::string_view letters = text.substr(0, equals);
    entry.final = letters.ends_with('$');
    if (entry.final) letters.remove_suffix(1);
    entry.letters = decode_utf8(letters);
    entry.latin = text.substr(equals + 1);
    add(std::move(entry));
    begin = entries.find_first_not_of(kSpace, end);
  }
}

void LetterTable::add(Entry entry) {
  const char32_t letter = entry.letters.front();
  if (by_first_.empty()) first_ = letter;
  if (letter < first_) {
    by_first_.insert(by_first_.begin(), first_ - letter, {});
    first_ = letter;
  }
  if (letter - first_ >= by_first_.size()) by_first_.resize(letter - first_ + 1);
  auto& candidates = by_first_[letter - first_];
  const auto rank = [](const Entry& e) { return 4 * e.letters.size() + (e.initial ? 2 : 0) + (e.final ? 1 : 0); };
  const auto place = std::find_if(candidates.begin(), candidates.end(),
                                  [&](std::uint16_t i) { return rank(entries_[i]) <= rank(entry); });
  candidates.insert(place, static_cast<std::uint16_t>(entries_.size()));
  entries_.push_back(std::move(entry));
}

std::size_t LetterTable::convert_one(std::u32string_view word, std::size_t at, std::string& out) const {
  const char32_t letter = to_lower(word[at]);
  if (letter < first_ || letter - first_ >= by_first_.size()) return 0;
  for (const std::uint16_t index : by_first_[letter - first_]) {
    const Entry& entry = entries_[index];
    const std::size_t size = entry.letters.size();
    if (size > word.size() - at || (entry.initial && at != 0) || (entry.final && at + size != word.size())) continue;
    std::size_t same = 1;
    while (same < size && to_lower(word[at + same]) == entry.letters[same]) ++same;
    if (same < size) continue;
    if (!is_upper(word[at]) || entry.latin.empty()) {
      out += entry.latin;
      return size;
    }
    // "Щука" is "Shchuka" and "ЩУКА" is "SHCHUKA"; of a letter alone nobody can say.
    const bool capitals = (at + size < word.size() && is_upper(word[at + size])) ||
                          (at > 0 && is_upper(word[at - 1]) && at + size == word.size());
    bool raise = true;
    for (const char32_t latin : decode_utf8(entry.latin)) {
      append_code_point(raise ? static_cast<char32_t>(u_toupper(static_cast<UChar32>(latin))) : latin, out);
      raise = capitals;
    }
    return size;
  }
  return 0;
}

}  // namespace dragoman
