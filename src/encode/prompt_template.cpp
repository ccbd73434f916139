#include "encode/prompt_template.h"

#include <algorithm>
#include <cassert>

#include "base/environment.h"

namespace dragoman {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

PromptTemplate::PromptTemplate(std::string_view text) {
  std::size_t begin = 0;  // Of the text before the next gap.
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (!is_name(name)) continue;
    pieces_.push_back({std::string(text.substr(begin, open - begin)), std::string(name)});
    begin = close + 1;
  }
  tail_ = text.substr(begin);
}

std::vector<std::string_view> PromptTemplate::names() const {
  std::vector<std::string_view> names;
  for (const Piece& piece : pieces_) names.push_back(piece.name);
  return names;
}

std::string PromptTemplate::fill(std::span<const Value> values) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    const auto value =
        std::find_if(values.begin(), values.end(), [&](const Value& v) { return v.first == piece.name; });
    assert(value != values.end());
    out += piece.text;
    out += value->second;
  }
  return out += tail_;
}

std::vector<std::filesystem::path> prompt_folders() {
  if (const auto named = environment("DRAGOMAN_PROMPTS"); !named.empty()) return {named};
  return {DRAGOMAN_INSTALLED_PROMPTS, DRAGOMAN_SOURCE_PROMPTS};
}

}  // namespace dragoman
