#pragma once

#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman {

/// Text with named gaps, "Query: {query}". Braces around anything but a lower-case name are text.
class PromptTemplate {
 public:
  using Value = std::pair<std::string_view, std::string_view>;

  PromptTemplate() = default;
  explicit PromptTemplate(std::string_view text);

  /// Names of the gaps, in the order of the text, repetitions included.
  std::vector<std::string_view> names() const;

  /// Puts the values in as they are, in one pass: braces inside a value mean nothing. Every gap must have a value.
  std::string fill(std::span<const Value> values) const;
  std::string fill(std::initializer_list<Value> values) const { return fill(std::span(values.begin(), values.size())); }

  /// The text behind the last gap.
  std::string_view tail() const { return tail_; }

 private:
  struct Piece {
    std::string text;  ///< What stands before the gap.
    std::string name;
  };
  std::vector<Piece> pieces_;
  std::string tail_;
};

/// Where prompts lie that ship: the folder DRAGOMAN_PROMPTS if that is set, else where they were installed, and the
/// source tree.
std::vector<std::filesystem::path> prompt_folders();

}  // namespace dragoman
