#include "translate/remote_answer.h"

#include <fmt/format.h>

#include "base/json.h"
#include "dragoman/base/error.h"

namespace dragoman {

std::vector<std::string> read_libretranslate_answer(std::string_view body, std::size_t texts, std::string_view place) {
  const Json json = parse_json_object(body, place);
  const auto found = json.find("translatedText");
  if (found == json.end() || !found->is_array()) {
    throw InvalidData(
        fmt::format("{}: the answer has no list \"translatedText\"; is it a LibreTranslate endpoint?", place));
  }
  if (found->size() != texts) {
    throw InvalidData(fmt::format("{}: {} translations came for {} texts", place, found->size(), texts));
  }
  std::vector<std::string> translations;
  for (const Json& text : *found) {
    if (!text.is_string()) throw InvalidData(fmt::format("{}: a translation is no text", place));
    translations.push_back(text);
  }
  return translations;
}

std::string read_chat_text(std::string_view body, std::string_view place) {
  const Json json = parse_json_object(body, place);
  const auto fail = [&]() -> std::string {
    throw InvalidData(fmt::format("{}: the answer has no message; is it an OpenAI-compatible endpoint?", place));
  };
  const auto choices = json.find("choices");
  if (choices == json.end() || !choices->is_array() || choices->empty() || !choices->front().is_object()) return fail();
  const auto message = choices->front().find("message");
  if (message == choices->front().end() || !message->is_object()) return fail();
  const auto content = message->find("content");
  return content == message->end() || !content->is_string() ? fail() : content->get<std::string>();
}

}  // namespace dragoman
