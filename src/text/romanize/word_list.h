#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dragoman {

/// Words whose spelling in Latin no rule gives.
///
/// Data is a list of entries `word=latin` with a space between any two; it must outlive the list. Thread-safe.
class WordList {
 public:
  explicit WordList(std::string_view entries);

  /// How a word is spelled; empty if it is not in the list.
  std::string_view find(std::u32string_view word) const;

  /// Letters of the longest word.
  std::size_t longest() const { return longest_; }

 private:
  struct Hash : std::hash<std::u32string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::u32string, std::string_view, Hash, std::equal_to<>> words_;
  std::size_t longest_ = 0;
};

}  // namespace dragoman
