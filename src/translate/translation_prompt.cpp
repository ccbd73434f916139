#include "translate/translation_prompt.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>

#include "base/yaml.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "translate/text_fields.h"

namespace dragoman {
namespace {

constexpr std::string_view kFile = "translate.yaml";
constexpr std::size_t kCopyWords = 4;

std::filesystem::path shipped_file() {
  std::vector<std::string> places;
  for (const auto& folder : prompt_folders()) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(folder / kFile, ignored)) return folder / kFile;
    places.push_back(folder.string());
  }
  throw NotFound(fmt::format("no prompt {} in {}; set DRAGOMAN_PROMPTS to the folder that holds the prompts", kFile,
                             fmt::join(places, " or ")));
}

std::string on_one_line(std::string_view text) {
  std::string line(trimmed_text(text));
  std::ranges::replace_if(
      line, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return line;
}

}  // namespace

TranslationPrompt::TranslationPrompt() {
  const auto path = shipped_file();
  const YamlFile file(path);
  const YAML::Node& root = file.root();
  file.check_map(root, "", {"method", "user"}, {"system"});
  if (file.text(root["method"], "method") != "translate") {
    file.fail(root["method"], "this prompt is not for the method 'translate'");
  }
  if (root["system"]) system_ = file.text(root["system"], "system");
  user_ = PromptTemplate(file.text(root["user"], "user"));
  std::vector<std::string_view> names = user_.names();
  std::ranges::sort(names);
  if (names != std::vector<std::string_view>{"from", "text", "to"}) {
    file.fail(root["user"], "'user' takes {from}, {to} and {text}, each once");
  }
  stamp_ = sha256(read_file(path)).substr(0, 16);
}

std::vector<Message> TranslationPrompt::messages(std::string_view sentence, const Language& from,
                                                 const Language& to) const {
  std::vector<Message> messages;
  if (!system_.empty()) messages.push_back({"system", system_});
  const std::string source = english_name(from), target = english_name(to);
  messages.push_back({"user", user_.fill({{"from", source}, {"to", target}, {"text", sentence}})});
  return messages;
}

std::string english_name(const Language& language) {
  icu::UnicodeString name;
  icu::Locale::createCanonical(language.tag().c_str()).getDisplayName(icu::Locale::getEnglish(), name);
  std::string text;
  name.toUTF8String(text);
  return text.empty() ? language.tag() : text;
}

std::optional<std::string> translation_in(std::string_view answer, std::string_view sentence) {
  struct Quotes {
    std::string_view open, close;
  };
  constexpr std::array<Quotes, 4> kQuotes = {{{"\"", "\""}, {"“", "”"}, {"«", "»"}, {"「", "」"}}};
  std::string text = on_one_line(answer);
  for (const Quotes& quotes : kQuotes) {
    const bool quoted = text.size() > quotes.open.size() + quotes.close.size() && text.starts_with(quotes.open) &&
                        text.ends_with(quotes.close) && !sentence.starts_with(quotes.open);
    if (!quoted) continue;
    text = on_one_line(
        std::string_view(text).substr(quotes.open.size(), text.size() - quotes.open.size() - quotes.close.size()));
    break;
  }
  const bool copied = text == sentence && std::ranges::count(sentence, ' ') + 1 >= static_cast<int>(kCopyWords);
  if (text.empty() || copied) return std::nullopt;
  return text;
}

}  // namespace dragoman
