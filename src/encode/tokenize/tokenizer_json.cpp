#include "encode/tokenize/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/tokenize/byte_pair.h"
#include "encode/tokenize/byte_pieces.h"
#include "encode/tokenize/unigram.h"
#include "encode/tokenize/utf8_code.h"
#include "encode/tokenize/word_piece.h"

namespace dragoman {
namespace {

/// A tokenizer.json, its parts looked up once.
class File {
 public:
  File(const Json& json, std::string_view place)
      : place_(place),
        model_(object("model", json)),
        normalizer_(part(json, "normalizer")),
        pre_tokenizer_(part(json, "pre_tokenizer")),
        post_processor_(part(json, "post_processor")),
        padding_(part(json, "padding")) {
    const Json& added = part(json, "added_tokens");
    if (!added.is_null() && !added.is_array()) refuse("\"added_tokens\" is no list");
    for (const Json& token : added) {
      if (!token.is_object()) refuse("an added token is no object");
      AddedToken next{.text = required_string(token, "content", place_),
                      .id = JsonComponents::id(part(token, "id"), "added_tokens", place_),
                      .single_word = JsonComponents::flag(token, "single_word", false, place_),
                      .left_strip = JsonComponents::flag(token, "lstrip", false, place_),
                      .right_strip = JsonComponents::flag(token, "rstrip", false, place_)};
      size_ = std::max(size_, static_cast<std::size_t>(next.id) + 1);
      if (JsonComponents::flag(token, "special", false, place_)) {
        special_.push_back(std::move(next));
      } else if (JsonComponents::flag(token, "normalized", true, place_)) {
        normalized_.push_back(std::move(next));
      } else {
        raw_.push_back(std::move(next));
      }
    }
  }

  std::unique_ptr<Tokenizer> open() {
    const std::string type = model_type();
    if (type == "Unigram") return open_unigram();
    if (type == "WordPiece") return open_word_piece();
    if (type == "BPE") return open_byte_pair();
    JsonComponents::refuse("model", type, place_);
  }

 private:
  static const Json& part(const Json& object, const char* name) {
    static const Json kNull;
    const auto found = object.find(name);
    return found == object.end() ? kNull : *found;
  }

  const Json& object(const char* name, const Json& json) const {
    const Json& found = part(json, name);
    if (!found.is_object()) refuse(fmt::format("\"{}\" is no object", name));
    return found;
  }

  [[noreturn]] void refuse(std::string_view reason) const { throw InvalidData(fmt::format("{}: {}", place_, reason)); }

  /// Old files leave it out, where it can be told from the rest.
  std::string model_type() const {
    if (const auto type = string_member(model_, "type", place_)) return *type;
    if (model_.contains("merges")) return "BPE";
    if (part(model_, "vocab").is_array()) return "Unigram";
    if (model_.contains("continuing_subword_prefix")) return "WordPiece";
    refuse("\"model\" has no \"type\"");
  }

  /// Texts and ids of a vocabulary that is an object. The texts lie in the JSON.
  std::vector<Trie::Key> keys() {
    const Json& vocabulary = object("vocab", model_);
    std::vector<Trie::Key> keys;
    keys.reserve(vocabulary.size());
    for (const auto& [text, id] : vocabulary.items()) {
      const TokenId value = JsonComponents::id(id, text, place_);
      size_ = std::max(size_, static_cast<std::size_t>(value) + 1);
      keys.push_back({text, static_cast<std::uint32_t>(value)});
    }
    return keys;
  }

  std::optional<TokenId> find(const std::vector<Trie::Key>& keys, std::string_view text) const {
    const auto found = std::ranges::find(keys, text, &Trie::Key::text);
    return found == keys.end() ? std::nullopt : std::optional(static_cast<TokenId>(found->value));
  }

  /// Everything but the model. Special tokens come last: only then is the size of the vocabulary known.
  Pipeline stages() {
    Pipeline pipeline;
    pipeline.normalize = read_normalizer(normalizer_, place_);
    // These are looked for in the normalised text, so they are normalised as well.
    for (AddedToken& token : normalized_) {
      for (const NormalizeStep& step : pipeline.normalize) step(token.text);
    }
    pipeline.raw = AddedTokens(raw_);
    pipeline.normalized = AddedTokens(normalized_);
    return pipeline;
  }

  SpecialTokens special(std::optional<TokenId> unknown) const {
    const Surroundings around = read_post_processor(post_processor_, place_);
    SpecialTokens special{.begin = around.begin, .end = around.end, .unknown = unknown};
    if (padding_.is_object() && padding_.contains("pad_id")) {
      special.padding = JsonComponents::id(padding_["pad_id"], "pad_id", place_);
    }
    for (const AddedToken& token : special_) {
      if (!special.padding && (token.text == "<pad>" || token.text == "[PAD]")) special.padding = token.id;
      if (token.text == "<mask>" || token.text == "[MASK]") special.mask = token.id;
    }
    for (const auto& id : {special.begin, special.end, special.padding}) {
      if (id && static_cast<std::size_t>(*id) >= size_) {
        refuse(fmt::format("a special token has the id {}, but the vocabulary ends before {}", *id, size_));
      }
    }
    return special;
  }

  std::unique_ptr<Tokenizer> finish(Pipeline pipeline, std::optional<TokenId> unknown) const {
    pipeline.special = special(unknown);
    pipeline.vocabulary_size = size_;
    return make_tokenizer(std::move(pipeline));
  }

  std::unique_ptr<Tokenizer> open_word_piece() {
    Pipeline pipeline = stages();
    PreTokenizer cut = read_pre_tokenizer(pre_tokenizer_, place_);
    if (cut.byte_level) JsonComponents::refuse("pre_tokenizer", "ByteLevel before WordPiece", place_);
    pipeline.split = std::move(cut.steps);
    auto all = keys();
    const std::string text = string_member(model_, "unk_token", place_).value_or("[UNK]");
    const auto unknown = find(all, text);
    if (!unknown) refuse(fmt::format("the unknown token \"{}\" is not in the vocabulary", printable(text)));
    WordPieceOptions options{.unknown = *unknown};
    if (auto prefix = string_member(model_, "continuing_subword_prefix", place_)) {
      options.continuing_prefix = std::move(*prefix);
    }
    if (const Json& most = part(model_, "max_input_chars_per_word"); !most.is_null()) {
      options.max_characters = static_cast<std::size_t>(JsonComponents::id(most, "max_input_chars_per_word", place_));
    }
    pipeline.model = std::make_unique<WordPiece>(std::move(all), options);
    return finish(std::move(pipeline), unknown);
  }

  BytePair::Pair merge(const Json& value) const {
    if (value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string()) {
      return {value[0].get_ref<const std::string&>(), value[1].get_ref<const std::string&>()};
    }
    if (value.is_string()) {
      const std::string_view text = value.get_ref<const std::string&>();
      const auto space = text.find(' ');
      if (space != std::string_view::npos && text.find(' ', space + 1) == std::string_view::npos) {
        return {text.substr(0, space), text.substr(space + 1)};
      }
    }
    refuse("a merge is neither two texts nor a text with one space");
  }

  void refuse_members(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      const Json& value = part(model_, name);
      if (value.is_null() || value == "" || value == 0) continue;
      JsonComponents::refuse("model", fmt::format("BPE with \"{}\"", name), place_);
    }
  }

  std::unique_ptr<Tokenizer> open_byte_pair() {
    refuse_members({"dropout", "continuing_subword_prefix", "end_of_word_suffix"});
    Pipeline pipeline = stages();
    PreTokenizer cut = read_pre_tokenizer(pre_tokenizer_, place_);
    pipeline.split = std::move(cut.steps);
    const auto all = keys();
    BytePairOptions options{.byte_level = cut.byte_level,
                            .ignore_merges = JsonComponents::flag(model_, "ignore_merges", false, place_),
                            .byte_fallback = JsonComponents::flag(model_, "byte_fallback", false, place_),
                            .fuse_unknown = JsonComponents::flag(model_, "fuse_unk", false, place_)};
    if (const auto text = string_member(model_, "unk_token", place_)) {
      options.unknown = find(all, *text);
      if (!options.unknown) refuse(fmt::format("the unknown token \"{}\" is not in the vocabulary", printable(*text)));
    }
    std::vector<BytePair::Pair> merges;
    const Json& list = part(model_, "merges");
    if (!list.is_array()) refuse("\"merges\" is no list");
    merges.reserve(list.size());
    for (const Json& value : list) merges.push_back(merge(value));
    pipeline.model = std::make_unique<BytePair>(all, merges, options, place_);
    return finish(std::move(pipeline), options.unknown);
  }

  /// Pieces of a unigram vocabulary, and of the added tokens, by id. The texts lie in the JSON and in this.
  ScoredPieces pieces() {
    const Json& vocabulary = part(model_, "vocab");
    if (!vocabulary.is_array()) refuse("\"vocab\" of a unigram model is no list");
    if (vocabulary.size() >= Trie::kMaxValues) refuse("the vocabulary is too large");
    size_ = std::max(size_, vocabulary.size());
    ScoredPieces pieces;
    pieces.texts.resize(size_);
    pieces.scores.resize(size_);
    pieces.kinds.resize(size_, PieceKind::unused);
    const bool has_bytes = JsonComponents::flag(model_, "byte_fallback", false, place_);
    for (std::size_t i = 0; i < vocabulary.size(); ++i) {
      const Json& piece = vocabulary[i];
      if (!piece.is_array() || piece.size() != 2 || !piece[0].is_string() || !piece[1].is_number()) {
        refuse(fmt::format("piece {} of the vocabulary is no pair of a text and a score", i));
      }
      pieces.texts[i] = piece[0].get_ref<const std::string&>();
      pieces.scores[i] = piece[1].get<float>();
      pieces.kinds[i] = has_bytes && byte_of_piece(pieces.texts[i]) ? PieceKind::byte : PieceKind::normal;
    }
    for (const AddedToken& token : special_) {
      pieces.texts[static_cast<std::size_t>(token.id)] = token.text;
      pieces.kinds[static_cast<std::size_t>(token.id)] = PieceKind::control;
    }
    const auto unknown = static_cast<std::size_t>(JsonComponents::id(part(model_, "unk_id"), "unk_id", place_));
    if (unknown >= vocabulary.size()) refuse(fmt::format("\"unk_id\" is {}, beyond the vocabulary", unknown));
    pieces.kinds[unknown] = PieceKind::unknown;
    return pieces;
  }

  /// Hugging Face spells SentencePiece's normaliser out in components, by one of a few recipes, which give the same but
  /// for strings like "\u2581 a". What is meant is SentencePiece; none if it is something else.
  struct SentencePieceRecipe {
    std::optional<CharacterMap> map;
    SentencePieceNormalizerOptions options;
  };
  std::optional<SentencePieceRecipe> sentence_piece_recipe() const {
    SentencePieceRecipe recipe;
    bool removes = false, has_sign = false;
    const auto flat = [](const Json& value, const char* list) {
      std::vector<const Json*> parts;
      if (value.is_object() && part(value, "type") == "Sequence" && value.contains(list)) {
        for (const Json& next : value[list]) parts.push_back(&next);
      } else if (!value.is_null()) {
        parts.push_back(&value);
      }
      return parts;
    };
    for (const Json* next : flat(normalizer_, "normalizers")) {
      const std::string type = JsonComponents::type(*next, "normalizer", place_);
      if (type == "Precompiled" && !recipe.map && !removes) {
        const std::string map = required_string(*next, "precompiled_charsmap", place_);
        if (!map.empty()) recipe.map = JsonComponents::character_map(map, place_);
      } else if (type == "Replace" && part(*next, "pattern") == Json{{"Regex", " {2,}"}} &&
                 (part(*next, "content") == " " || part(*next, "content") == kSpaceSign)) {
        removes = true;
      } else if (type != "Strip") {
        return std::nullopt;
      }
    }
    for (const Json* next : flat(pre_tokenizer_, "pretokenizers")) {
      const std::string type = JsonComponents::type(*next, "pre_tokenizer", place_);
      if (type == "WhitespaceSplit" && !has_sign) {
        removes = true;
      } else if (type == "Metaspace" && !has_sign && part(*next, "replacement") == kSpaceSign) {
        has_sign = true;
        const bool never = next->contains("prepend_scheme")
                               ? (*next)["prepend_scheme"] == "never"
                               : !JsonComponents::flag(*next, "add_prefix_space", true, place_);
        recipe.options.add_dummy_prefix = !never;
      } else {
        return std::nullopt;
      }
    }
    return removes && has_sign ? std::optional(std::move(recipe)) : std::nullopt;
  }

  std::unique_ptr<Tokenizer> open_unigram() {
    ScoredPieces all = pieces();
    const auto unknown = static_cast<TokenId>(std::ranges::find(all.kinds, PieceKind::unknown) - all.kinds.begin());
    const auto is_plain = [](const AddedToken& token) {
      return !token.single_word && !token.left_strip && !token.right_strip;
    };
    auto recipe = sentence_piece_recipe();
    if (recipe && std::ranges::all_of(raw_, is_plain) && std::ranges::all_of(normalized_, is_plain)) {
      for (const auto* tokens : {&raw_, &normalized_}) {
        for (const AddedToken& token : *tokens) {
          all.texts[static_cast<std::size_t>(token.id)] = token.text;
          all.kinds[static_cast<std::size_t>(token.id)] = PieceKind::user_defined;
        }
      }
      return std::make_unique<UnigramTokenizer>(all, std::move(recipe->map), recipe->options, special(unknown), place_);
    }
    Pipeline pipeline = stages();
    PreTokenizer cut = read_pre_tokenizer(pre_tokenizer_, place_);
    if (cut.byte_level) JsonComponents::refuse("pre_tokenizer", "ByteLevel before Unigram", place_);
    pipeline.split = std::move(cut.steps);
    pipeline.model = std::make_unique<UnigramPieces>(all, place_);
    return finish(std::move(pipeline), unknown);
  }

  std::string_view place_;
  const Json& model_;
  const Json& normalizer_;
  const Json& pre_tokenizer_;
  const Json& post_processor_;
  const Json& padding_;
  std::vector<AddedToken> special_, raw_, normalized_;  ///< Special ones are looked for nowhere: text is not control.
  std::size_t size_ = 0;
};

}  // namespace

std::unique_ptr<Tokenizer> read_tokenizer_json(std::string_view json, std::string_view place) {
  const Json parsed = parse_json_object(json, place);
  return File(parsed, place).open();
}

}  // namespace dragoman
