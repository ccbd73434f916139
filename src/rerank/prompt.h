#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/encode/language_model.h"
#include "encode/prompt_template.h"

namespace dragoman::reranking {

using Template = PromptTemplate;

/// Where a prompt puts its passages.
enum class PassageLayout {
  named,  ///< Each at a gap of its own: {passage_a}, {passage_b}.
  lines,  ///< All at {passages}, each as one `line` with {rank} and {passage}.
};

/// What the prompt file of a method must hold besides `method`, `user` with {query}, and perhaps `system` and `reply`.
struct PromptSchema {
  std::string_view method;
  PassageLayout layout = PassageLayout::named;
  std::vector<std::string_view> passages;  ///< Gaps of `user`, once each; for lines: {"passages"}.
  /// Fields below `answers`; "identifier" is a text with the gap {rank}, "label" one with the gap {letter}.
  std::vector<std::string_view> answers;
  std::string_view mark = "rank";  ///< What tells lines apart: "rank" ("12") or "letter" ("L").
  bool asks_query = true;          ///< `user` holds {query}; else it must not.
};

/// "A" to "Z". @param index < 26.
std::string letter(std::size_t index);

/// A prompt file (docs: the comments in prompts/*.yaml), read and found sound.
struct Prompt {
  std::string answers_place;  ///< "pairwise.yaml:11", for messages.
  PromptSchema schema;
  std::optional<std::string> system;
  std::optional<std::string> reply;  ///< What the model's answer begins with before it is asked.
  Template user;
  Template line;                ///< PassageLayout::lines only.
  std::string line_end = "\n";  ///< Between two of them.
  std::map<std::string, std::string, std::less<>> answers;
  /// Turns before the user's, for prompts of several: `opening` once, `turn` for each passage. Their gaps are {query},
  /// {num}, and in `turn` {rank}, {letter} and {passage}.
  struct Turn {
    std::string role;
    Template content;
  };
  std::vector<Turn> opening, turn;
  Template listed;  ///< A passage in {psg_ids}, a list of all of them, with {rank}.

  /// The whole conversation; the assistant's last turn is `reply`. `passages` has one text a gap, or one a line.
  std::vector<Message> messages(std::string_view query, std::span<const std::string_view> passages) const;
  /// The last user's turn of it.
  std::string user_text(std::string_view query, std::span<const std::string_view> passages) const;
};

/// Our own form, or RankLLM's (rankllm_prompt.h), told by its fields.
/// @throws NotFound if there is no such file, InvalidData ("pairwise.yaml:3: ...") if it is malformed.
Prompt read_prompt(const std::filesystem::path& path, const PromptSchema& schema);

/// Languages in which a prompt ships for every method.
inline constexpr std::string_view kPromptLanguages[] = {"en", "ar", "de", "es", "hi", "sw", "zh"};

/// The prompt that ships for a method in a language ("de"; empty for English): in the folder DRAGOMAN_PROMPTS if that
/// is set, else where it was installed, else in the source tree. @throws NotFound, naming the folders.
std::filesystem::path shipped_prompt(std::string_view method, std::string_view language = {});

/// The same, nothing if none ships in that language.
std::optional<std::filesystem::path> find_shipped_prompt(std::string_view method, std::string_view language);

}  // namespace dragoman::reranking
