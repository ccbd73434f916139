#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "encode/character_map.h"
#include "encode/tokenize/pipeline.h"

namespace dragoman {

/// The parts of a tokenizer.json, each read from its object; null or absent is none. `place` begins every message.
/// @throws InvalidArgument naming a component or an option that is not known; InvalidData for what is malformed.

/// "normalizer".
std::vector<NormalizeStep> read_normalizer(const Json& value, std::string_view place);

/// "pre_tokenizer". `byte_level` tells whether its last step writes bytes in GPT-2's alphabet.
struct PreTokenizer {
  std::vector<SplitStep> steps;
  bool byte_level = false;
};
PreTokenizer read_pre_tokenizer(const Json& value, std::string_view place);

/// "post_processor": the tokens around an input.
struct Surroundings {
  std::optional<TokenId> begin = {}, end = {};
};
Surroundings read_post_processor(const Json& value, std::string_view place);

/// What the readers share.
struct JsonComponents {
  /// The type of a component.
  static std::string type(const Json& value, std::string_view part, std::string_view place);
  [[noreturn]] static void refuse(std::string_view part, std::string_view what, std::string_view place);
  static bool flag(const Json& value, const char* name, bool otherwise, std::string_view place);
  /// An id of a token. @throws InvalidData if it is none.
  static TokenId id(const Json& value, std::string_view what, std::string_view place);
  /// {"String": ...} or {"Regex": ...}.
  static Pattern pattern(const Json& value, std::string_view place);
  static CharacterMap character_map(std::string_view base64, std::string_view place);
};

}  // namespace dragoman
