#include "text/romanize/word_list.h"

#include <algorithm>
#include <utility>

#include "text/romanize/letter_table.h"

namespace dragoman {

WordList::WordList(std::string_view entries) {
  for (std::size_t begin = 0; begin < entries.size();) {
    const std::size_t end = std::min(entries.find(' ', begin), entries.size());
    const std::string_view entry = entries.substr(begin, end - begin);
    const std::size_t equals = entry.find('=');
    std::u32string word = decode_utf8(entry.substr(0, equals));
    longest_ = std::max(longest_, word.size());
    words_.emplace(std::move(word), entry.substr(equals + 1));
    begin = end + 1;
  }
}

std::string_view WordList::find(std::u32string_view word) const {
  const auto found = words_.find(word);
  return found == words_.end() ? std::string_view{} : found->second;
}

}  // namespace dragoman
