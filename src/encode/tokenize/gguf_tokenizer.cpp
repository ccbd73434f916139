#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/gguf_array.h"
#include "encode/tokenize/tokenizer.h"
#include "encode/tokenize/unigram.h"

namespace dragoman {
namespace {

/// The keys "tokenizer.ggml.*" of a file.
class GgufVocabulary {
 public:
  GgufVocabulary(const GgufFile& file, std::span<const std::byte> bytes, std::string_view place)
      : file_(file), bytes_(bytes), place_(place) {}

  const GgufArray* array(const char* name) const { return file_.array(key(name)); }
  std::optional<bool> flag(const char* name) const { return file_.flag(key(name)); }

  std::vector<std::string_view> texts(const char* name) const {
    return read_texts(bytes_, required(name), key(name), place_);
  }

  ScoredPieces pieces() const {
    ScoredPieces pieces;
    pieces.texts = texts("tokens");
    if (const auto* scores = array("scores")) pieces.scores = read_floats(bytes_, *scores, key("scores"), place_);
    pieces.scores.resize(std::max(pieces.scores.size(), pieces.texts.size()));
    for (const std::int32_t type : read_integers(bytes_, required("token_type"), key("token_type"), place_)) {
      if (type < 1 || type > 6) {
        throw InvalidData(
            fmt::format("{}: \"{}\" has a token of type {}, which is none of 1 to 6", place_, key("token_type"), type));
      }
      pieces.kinds.push_back(PieceKind{type});
    }
    return pieces;
  }

  std::optional<CharacterMap> character_map() const {
    const auto* map = array("precompiled_charsmap");
    if (map == nullptr || map->count == 0) return std::nullopt;
    return CharacterMap(read_octets(bytes_, *map, key("precompiled_charsmap"), place_), place_);
  }

  /// @param begins, ends  Whether inputs of this kind of model are surrounded where the file does not say.
  SpecialTokens special(bool begins, bool ends) const {
    SpecialTokens special;
    if (flag("add_bos_token").value_or(begins)) special.begin = first_id({"bos_token_id", "cls_token_id"});
    if (flag("add_eos_token").value_or(ends)) special.end = first_id({"eos_token_id", "seperator_token_id"});
    special.unknown = first_id({"unknown_token_id"});
    special.padding = first_id({"padding_token_id"});
    special.mask = first_id({"mask_token_id"});
    return special;
  }

  std::optional<TokenId> first_id(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      const auto id = file_.number(key(name));
      if (!id) continue;
      if (*id >= required("tokens").count) {
        throw InvalidData(fmt::format("{}: \"{}\" is {}, but the vocabulary has {} tokens", place_, key(name), *id,
                                      required("tokens").count));
      }
      return static_cast<TokenId>(*id);
    }
    return std::nullopt;
  }

 private:
  static std::string key(const char* name) { return fmt::format("tokenizer.ggml.{}", name); }

  const GgufArray& required(const char* name) const {
    const auto* found = array(name);
    if (found == nullptr) throw InvalidData(fmt::format("{}: has no array \"{}\"", place_, key(name)));
    return *found;
  }

  const GgufFile& file_;
  std::span<const std::byte> bytes_;
  std::string_view place_;
};

std::unique_ptr<Tokenizer> open_unigram(const GgufVocabulary& vocabulary, std::string_view place) {
  return std::make_unique<UnigramTokenizer>(
      vocabulary.pieces(), vocabulary.character_map(),
      SentencePieceNormalizerOptions{
          .add_dummy_prefix = vocabulary.flag("add_space_prefix").value_or(true),
          .remove_extra_whitespaces = vocabulary.flag("remove_extra_whitespaces").value_or(true)},
      vocabulary.special(false, true), place);
}

}  // namespace

std::unique_ptr<Tokenizer> open_tokenizer(const GgufFile& file, std::span<const std::byte> bytes,
                                          std::string_view place) {
  if (const auto model = file.text("tokenizer.ggml.model"); model == "t5") {
    return open_unigram({file, bytes, place}, place);
  } else if (!model) {
    throw InvalidData(fmt::format("{}: has no tokenizer (\"tokenizer.ggml.model\")", place));
  } else {
    throw InvalidArgument(
        fmt::format("{}: tokenizer \"{}\" is not known; known are t5 (unigram)", place, printable(*model)));
  }
}

}  // namespace dragoman
