#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/tokenize/tokenizer_json.h"
#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

/// A member, or null.
const Json& member(const Json& object, const char* name) {
  static const Json kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string text(const Json& object, const char* name, std::string_view place) {
  return required_string(object, name, place);
}

MatchBehavior read_behavior(const Json& value, std::string_view place) {
  const std::string name = value.is_string() ? value.get<std::string>() : "";
  static const std::array<std::pair<std::string_view, MatchBehavior>, 5> kNames = {
      {{"Removed", MatchBehavior::removed},
       {"Isolated", MatchBehavior::isolated},
       {"MergedWithPrevious", MatchBehavior::merged_with_previous},
       {"MergedWithNext", MatchBehavior::merged_with_next},
       {"Contiguous", MatchBehavior::contiguous}}};
  for (const auto& [known, behavior] : kNames) {
    if (name == known) return behavior;
  }
  JsonComponents::refuse("pre_tokenizer", fmt::format("behavior {}", value.dump()), place);
}

void add_normalizer(const Json& value, std::string_view place, std::vector<NormalizeStep>& steps) {
  const std::string type = JsonComponents::type(value, "normalizer", place);
  const auto flag = [&](const char* name, bool otherwise) {
    return JsonComponents::flag(value, name, otherwise, place);
  };
  if (type == "Sequence") {
    for (const Json& next : member(value, "normalizers")) add_normalizer(next, place, steps);
  } else if (type == "Precompiled") {
    const std::string map = text(value, "precompiled_charsmap", place);
    if (!map.empty()) steps.push_back(map_normalizer(JsonComponents::character_map(map, place)));
  } else if (type == "BertNormalizer") {
    const bool lowercase = flag("lowercase", true);
    // null: as lowercase says, as in BERT.
    steps.push_back(bert_normalizer({.clean_text = flag("clean_text", true),
                                     .handle_chinese_chars = flag("handle_chinese_chars", true),
                                     .strip_accents = flag("strip_accents", lowercase),
                                     .lowercase = lowercase}));
  } else if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD") {
    steps.push_back(unicode_normalizer(type == "NFC"    ? UnicodeForm::nfc
                                       : type == "NFD"  ? UnicodeForm::nfd
                                       : type == "NFKC" ? UnicodeForm::nfkc
                                                        : UnicodeForm::nfkd));
  } else if (type == "Lowercase") {
    steps.push_back(lowercase_normalizer());
  } else if (type == "StripAccents") {
    steps.push_back(mark_stripper());
  } else if (type == "Strip") {
    steps.push_back(space_stripper(flag("strip_left", true), flag("strip_right", true)));
  } else if (type == "Replace") {
    steps.push_back(replacer(JsonComponents::pattern(member(value, "pattern"), place), text(value, "content", place)));
  } else if (type == "Prepend") {
    steps.push_back(prepender(text(value, "prepend", place)));
  } else {
    JsonComponents::refuse("normalizer", type, place);
  }
}

PrependScheme read_scheme(const Json& value, std::string_view place) {
  const Json& scheme = member(value, "prepend_scheme");
  if (scheme.is_null()) {
    return JsonComponents::flag(value, "add_prefix_space", true, place) ? PrependScheme::always : PrependScheme::never;
  }
  if (scheme == "always") return PrependScheme::always;
  if (scheme == "first") return PrependScheme::first;
  if (scheme == "never") return PrependScheme::never;
  JsonComponents::refuse("pre_tokenizer", fmt::format("Metaspace with prepend_scheme {}", scheme.dump()), place);
}

constexpr std::string_view kGpt2Words = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

void add_pre_tokenizer(const Json& value, std::string_view place, PreTokenizer& result) {
  const std::string type = JsonComponents::type(value, "pre_tokenizer", place);
  const auto flag = [&](const char* name, bool otherwise) {
    return JsonComponents::flag(value, name, otherwise, place);
  };
  if (result.byte_level) JsonComponents::refuse("pre_tokenizer", fmt::format("{} behind ByteLevel", type), place);
  auto& steps = result.steps;
  if (type == "Sequence") {
    for (const Json& next : member(value, "pretokenizers")) add_pre_tokenizer(next, place, result);
  } else if (type == "Metaspace") {
    const std::string sign = string_member(value, "replacement", place).value_or(std::string(kSpaceSign));
    if (sign.empty()) JsonComponents::refuse("pre_tokenizer", "Metaspace without a replacement", place);
    steps.push_back(metaspace_splitter(sign, read_scheme(value, place), flag("split", true)));
  } else if (type == "WhitespaceSplit") {
    steps.push_back(white_space_splitter());
  } else if (type == "Whitespace") {
    steps.push_back(word_splitter());
  } else if (type == "BertPreTokenizer") {
    steps.push_back(bert_splitter());
  } else if (type == "Punctuation") {
    const Json& behavior = member(value, "behavior");
    steps.push_back(
        punctuation_splitter(behavior.is_null() ? MatchBehavior::isolated : read_behavior(behavior, place)));
  } else if (type == "Digits") {
    steps.push_back(digit_splitter(flag("individual_digits", false)));
  } else if (type == "Split") {
    steps.push_back(pattern_splitter(JsonComponents::pattern(member(value, "pattern"), place),
                                     read_behavior(member(value, "behavior"), place), flag("invert", false)));
  } else if (type == "ByteLevel") {
    if (flag("add_prefix_space", true)) steps.push_back(space_prepender());
    if (flag("use_regex", true)) {
      steps.push_back(pattern_splitter(regex_pattern(kGpt2Words, place), MatchBehavior::isolated, false));
    }
    result.byte_level = true;
  } else {
    JsonComponents::refuse("pre_tokenizer", type, place);
  }
}

/// ["[CLS]", 101], as BertProcessing has it.
TokenId read_pair(const Json& value, const char* name, std::string_view place) {
  const Json& pair = member(value, name);
  if (!pair.is_array() || pair.size() != 2) {
    throw InvalidData(fmt::format("{}: post_processor: \"{}\" is no pair of a token and its id", place, name));
  }
  return JsonComponents::id(pair[1], name, place);
}

/// One of the ids that a special token of a template stands for.
TokenId read_template_id(const Json& value, const std::string& name, std::string_view place) {
  const Json& tokens = member(value, "special_tokens");
  const Json& token = tokens.is_object() ? member(tokens, name.c_str()) : tokens;
  const Json& ids = token.is_object() ? member(token, "ids") : token;
  if (!ids.is_array() || ids.size() != 1) {
    JsonComponents::refuse("post_processor", fmt::format("TemplateProcessing with \"{}\" of not one id", name), place);
  }
  return JsonComponents::id(ids[0], name, place);
}

void put(std::optional<TokenId>& where, TokenId id, std::string_view place) {
  if (where) JsonComponents::refuse("post_processor", "more than one token on a side of the input", place);
  where = id;
}

void add_post_processor(const Json& value, std::string_view place, Surroundings& result) {
  const std::string type = JsonComponents::type(value, "post_processor", place);
  if (type == "Sequence") {
    for (const Json& next : member(value, "processors")) add_post_processor(next, place, result);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    put(result.begin, read_pair(value, "cls", place), place);
    put(result.end, read_pair(value, "sep", place), place);
  } else if (type == "TemplateProcessing") {
    bool behind = false;
    for (const Json& part : member(value, "single")) {
      const Json& special = part.is_object() ? member(part, "SpecialToken") : part;
      if (special.is_null()) {
        behind = true;
      } else {
        put(behind ? result.end : result.begin, read_template_id(value, text(special, "id", place), place), place);
      }
    }
  } else if (type != "ByteLevel") {  // That one moves offsets alone.
    JsonComponents::refuse("post_processor", type, place);
  }
}

}  // namespace

std::string JsonComponents::type(const Json& value, std::string_view part, std::string_view place) {
  const auto found = value.is_object() ? value.find("type") : value.end();
  if (!value.is_object() || found == value.end() || !found->is_string()) {
    throw InvalidData(fmt::format("{}: {} is no object with a \"type\"", place, part));
  }
  return found->get<std::string>();
}

void JsonComponents::refuse(std::string_view part, std::string_view what, std::string_view place) {
  throw InvalidArgument(fmt::format("{}: {}: {} is not known here", place, part, printable(what)));
}

bool JsonComponents::flag(const Json& value, const char* name, bool otherwise, std::string_view place) {
  const Json& found = member(value, name);
  if (found.is_null()) return otherwise;
  if (!found.is_boolean()) throw InvalidData(fmt::format("{}: \"{}\" is neither true nor false", place, name));
  return found.get<bool>();
}

TokenId JsonComponents::id(const Json& value, std::string_view what, std::string_view place) {
  if (!value.is_number_integer() || value < 0 || value >= Trie::kMaxValues) {
    throw InvalidData(fmt::format("{}: \"{}\" has no id from 0 to {}", place, printable(what), Trie::kMaxValues - 1));
  }
  return value.get<TokenId>();
}

Pattern JsonComponents::pattern(const Json& value, std::string_view place) {
  if (value.is_object()) {
    if (const auto literal = string_member(value, "String", place); literal && !literal->empty()) {
      return literal_pattern(*literal);
    }
    if (const auto regex = string_member(value, "Regex", place)) return regex_pattern(*regex, place);
  }
  refuse("pattern", value.dump(-1, ' ', false, Json::error_handler_t::replace), place);
}

CharacterMap JsonComponents::character_map(std::string_view base64, std::string_view place) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (base64.ends_with('=')) base64.remove_suffix(1);
  std::string bytes;
  bytes.reserve(base64.size() / 4 * 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char digit : base64) {
    const auto value = kDigits.find(digit);
    if (value == std::string_view::npos) {
      throw InvalidData(fmt::format("{}: \"precompiled_charsmap\" is not base64", place));
    }
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return CharacterMap(bytes, place);
}

std::vector<NormalizeStep> read_normalizer(const Json& value, std::string_view place) {
  std::vector<NormalizeStep> steps;
  if (!value.is_null()) add_normalizer(value, place, steps);
  return steps;
}

PreTokenizer read_pre_tokenizer(const Json& value, std::string_view place) {
  PreTokenizer result;
  if (!value.is_null()) add_pre_tokenizer(value, place, result);
  return result;
}

Surroundings read_post_processor(const Json& value, std::string_view place) {
  Surroundings result;
  if (!value.is_null()) add_post_processor(value, place, result);
  return result;
}

}  // namespace dragoman
