#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/gguf_array.h"
#include "encode/tokenize/byte_pair.h"
#include "encode/tokenize/tokenizer.h"
#include "encode/tokenize/unigram.h"
#include "encode/tokenize/utf8_code.h"
#include "encode/tokenize/word_piece.h"

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

  std::string_view place() const { return place_; }

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

void check_size(const ScoredPieces& pieces, std::string_view place) {
  if (pieces.kinds.size() != pieces.texts.size() || pieces.texts.size() >= Trie::kMaxValues) {
    throw InvalidData(
        fmt::format("{}: a vocabulary of {} tokens has {} types", place, pieces.texts.size(), pieces.kinds.size()));
  }
}

std::unique_ptr<Tokenizer> open_unigram(const GgufVocabulary& vocabulary) {
  return std::make_unique<UnigramTokenizer>(
      vocabulary.pieces(), vocabulary.character_map(),
      SentencePieceNormalizerOptions{
          .add_dummy_prefix = vocabulary.flag("add_space_prefix").value_or(true),
          .remove_extra_whitespaces = vocabulary.flag("remove_extra_whitespaces").value_or(true)},
      vocabulary.special(false, true), vocabulary.place());
}

/// What the file says of how texts are normalised. Where it says nothing the vocabulary does: no token that a
/// normaliser would change can have come out of it.
BertNormalizerOptions bert_options(const GgufVocabulary& vocabulary, const std::vector<Trie::Key>& keys) {
  const auto lowercase = lowercase_normalizer();
  const auto strip =
      bert_normalizer({.clean_text = false, .handle_chinese_chars = false, .strip_accents = true, .lowercase = false});
  const auto unchanged = [&](const NormalizeStep& step) {
    return std::ranges::all_of(keys, [&](const Trie::Key& key) {
      if (key.text.starts_with('[')) return true;  // "[unused7]" is no text.
      std::string text(key.text);
      step(text);
      return text == key.text;
    });
  };
  const auto told = [&](const char* name, const NormalizeStep& step) {
    const auto flag = vocabulary.flag(name);
    return flag ? *flag : unchanged(step);
  };
  return {.strip_accents = told("normalizer.strip_accents", strip),
          .lowercase = told("normalizer.lowercase", lowercase)};
}

std::unique_ptr<Tokenizer> open_word_piece(const GgufVocabulary& vocabulary) {
  const ScoredPieces pieces = vocabulary.pieces();
  check_size(pieces, vocabulary.place());
  // GGUF has "\u2581word" and "piece" where BERT has "word" and "##piece".
  std::vector<std::string> continuing;
  continuing.reserve(pieces.texts.size());
  std::vector<Trie::Key> keys;
  SpecialTokens special = vocabulary.special(true, true);
  special.begin = vocabulary.first_id({"cls_token_id", "bos_token_id"});
  special.end = vocabulary.first_id({"seperator_token_id", "eos_token_id"});
  for (std::size_t i = 0; i < pieces.texts.size(); ++i) {
    std::string_view text = pieces.texts[i];
    const auto id = static_cast<TokenId>(i);
    if (!special.begin && text == "[CLS]") special.begin = id;
    if (!special.end && text == "[SEP]") special.end = id;
    if (!special.unknown && text == "[UNK]") special.unknown = id;
    if (!special.mask && text == "[MASK]") special.mask = id;
    if (pieces.kinds[i] != PieceKind::normal) continue;
    if (text.starts_with(kSpaceSign)) {
      text.remove_prefix(kSpaceSign.size());
    } else {
      text = continuing.emplace_back("##" + std::string(text));
    }
    keys.push_back({text, static_cast<std::uint32_t>(id)});
  }
  if (!special.unknown) {
    throw InvalidData(fmt::format("{}: the vocabulary has no unknown token (\"[UNK]\")", vocabulary.place()));
  }
  Pipeline pipeline;
  pipeline.normalize = {bert_normalizer(bert_options(vocabulary, keys))};
  pipeline.split = {bert_splitter()};
  pipeline.model = std::make_unique<WordPiece>(std::move(keys), WordPieceOptions{.unknown = *special.unknown});
  pipeline.special = special;
  pipeline.vocabulary_size = pieces.texts.size();
  return make_tokenizer(std::move(pipeline));
}

constexpr std::string_view kGpt2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// What llama.cpp calls the ways in which byte-level models cut up a text.
struct PreTokenizerName {
  std::string_view name, expression;
  bool surrounds = false;  ///< Inputs get a begin and an end.
  bool digits = false;     ///< Every digit is cut off first.
  bool ignore_merges = false;
};
constexpr PreTokenizerName kPreTokenizers[] = {
    {"gpt-2", kGpt2},
    {"roberta-bpe", kGpt2, true},
    {"jina-v1-en", kGpt2, true},
    {"jina-v2-code", kGpt2, true},
    {"jina-v2-es", kGpt2},
    {"jina-v2-de", kGpt2},
    {"smollm", kGpt2, false, true},
    {"llama-bpe", kLlama3, false, false, true},
    {"qwen2", kQwen2},
};

std::unique_ptr<Tokenizer> open_byte_pair(const GgufVocabulary& vocabulary, std::string_view pre) {
  const auto* const known = std::ranges::find(kPreTokenizers, pre, &PreTokenizerName::name);
  if (known == std::end(kPreTokenizers)) {
    std::string names;
    for (const auto& each : kPreTokenizers) names += (names.empty() ? "" : ", ") + std::string(each.name);
    throw InvalidArgument(
        fmt::format("{}: pre-tokenizer \"{}\" is not known; known are {}", vocabulary.place(), printable(pre), names));
  }
  const ScoredPieces pieces = vocabulary.pieces();
  check_size(pieces, vocabulary.place());
  std::vector<Trie::Key> keys;
  std::vector<AddedToken> added;
  for (std::size_t i = 0; i < pieces.texts.size(); ++i) {
    if (pieces.kinds[i] == PieceKind::user_defined) {
      added.push_back({.text = std::string(pieces.texts[i]), .id = static_cast<TokenId>(i)});
    } else if (pieces.kinds[i] == PieceKind::normal) {
      keys.push_back({pieces.texts[i], static_cast<std::uint32_t>(i)});
    }
  }
  std::vector<BytePair::Pair> merges;
  for (const std::string_view merge : vocabulary.texts("merges")) {
    const auto space = merge.find(' ', 1);
    if (space == std::string_view::npos) {
      throw InvalidData(fmt::format("{}: the merge \"{}\" is not two texts", vocabulary.place(), printable(merge)));
    }
    merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
  }
  Pipeline pipeline;
  pipeline.raw = AddedTokens(std::move(added));
  if (vocabulary.flag("add_space_prefix").value_or(false)) pipeline.split.push_back(space_prepender());
  if (known->digits) pipeline.split.push_back(digit_splitter(true));
  pipeline.split.push_back(
      pattern_splitter(regex_pattern(known->expression, vocabulary.place()), MatchBehavior::isolated, false));
  pipeline.model = std::make_unique<BytePair>(
      keys, merges, BytePairOptions{.byte_level = true, .ignore_merges = known->ignore_merges}, vocabulary.place());
  pipeline.special = vocabulary.special(known->surrounds, known->surrounds);
  pipeline.vocabulary_size = pieces.texts.size();
  return make_tokenizer(std::move(pipeline));
}

}  // namespace

std::unique_ptr<Tokenizer> open_tokenizer(const GgufFile& file, std::span<const std::byte> bytes,
                                          std::string_view place) {
  if (const auto json = file.text("tokenizer.huggingface.json")) return read_tokenizer_json(*json, place);
  const auto model = file.text("tokenizer.ggml.model");
  if (!model) throw InvalidData(fmt::format("{}: has no tokenizer (\"tokenizer.ggml.model\")", place));
  const GgufVocabulary vocabulary(file, bytes, place);
  if (*model == "t5") return open_unigram(vocabulary);
  if (*model == "bert") return open_word_piece(vocabulary);
  if (*model == "gpt2") return open_byte_pair(vocabulary, file.text("tokenizer.ggml.pre").value_or("gpt-2"));
  throw InvalidArgument(fmt::format(
      "{}: tokenizer \"{}\" is not known; known are t5 (unigram), bert (WordPiece) and gpt2 (byte-level BPE)", place,
      printable(*model)));
}

}  // namespace dragoman
