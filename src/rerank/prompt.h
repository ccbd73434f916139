#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::reranking {

/// Text with named gaps, "Query: {query}". Braces around anything but a lower-case name are text.
class Template {
 public:
  using Value = std::pair<std::string_view, std::string_view>;

  Template() = default;
  explicit Template(std::string_view text);

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

/// Where a prompt puts its passages.
enum class PassageLayout {
  named,  ///< Each at a gap of its own: {passage_a}, {passage_b}.
  lines,  ///< All at {passages}, each as one `line` with {rank} and {passage}.
};

/// What the prompt file of a method must hold besides `method`, `user` with {query}, and perhaps `system`.
struct PromptSchema {
  std::string_view method;
  PassageLayout layout = PassageLayout::named;
  std::vector<std::string_view> passages;  ///< Gaps of `user`, once each; for lines: {"passages"}.
  std::vector<std::string_view> answers;   ///< Fields below `answers`; "identifier" is a text with the gap {rank}.
};

/// A prompt file (docs: the comments in prompts/*.yaml), read and found sound.
struct Prompt {
  std::string answers_place;  ///< "pairwise.yaml:11", for messages.
  PromptSchema schema;
  std::optional<std::string> system;
  Template user;
  Template line;  ///< PassageLayout::lines only.
  std::map<std::string, std::string, std::less<>> answers;

  /// The user's turn. `passages` has one text a gap, or one a line.
  std::string user_text(std::string_view query, std::span<const std::string_view> passages) const;
};

/// @throws NotFound if there is no such file, InvalidData ("pairwise.yaml:3: ...") if it is malformed.
Prompt read_prompt(const std::filesystem::path& path, const PromptSchema& schema);

/// The prompt that ships for a method: in the folder DRAGOMAN_PROMPTS if that is set, else where it was installed, else
/// in the source tree. @throws NotFound, naming the folders.
std::filesystem::path shipped_prompt(std::string_view method);

}  // namespace dragoman::reranking
