#include <gguf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "dragoman/base/error.h"
#include "encode/tokenize/byte_alphabet.h"
#include "encode/tokenize/tokenizer.h"
#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A GGUF file of a tokenizer alone, as ggml writes it.
class Vocabulary {
 public:
  explicit Vocabulary(const char* model) : gguf_(gguf_init_empty(), gguf_free) { text("model", model); }

  Vocabulary& text(const char* name, const char* value) {
    gguf_set_val_str(gguf_.get(), key(name).c_str(), value);
    return *this;
  }
  Vocabulary& texts(const char* name, const std::vector<std::string>& values) {
    std::vector<const char*> pointers;
    for (const auto& value : values) pointers.push_back(value.c_str());
    gguf_set_arr_str(gguf_.get(), key(name).c_str(), pointers.data(), pointers.size());
    return *this;
  }
  Vocabulary& types(const std::vector<std::int32_t>& values) {
    gguf_set_arr_data(gguf_.get(), key("token_type").c_str(), GGUF_TYPE_INT32, values.data(), values.size());
    return *this;
  }
  Vocabulary& number(const char* name, std::uint32_t value) {
    gguf_set_val_u32(gguf_.get(), key(name).c_str(), value);
    return *this;
  }
  Vocabulary& flag(const char* name, bool value) {
    gguf_set_val_bool(gguf_.get(), key(name).c_str(), value);
    return *this;
  }

  std::unique_ptr<Tokenizer> open() const {
    std::vector<std::byte> bytes(gguf_get_meta_size(gguf_.get()));
    gguf_get_meta_data(gguf_.get(), bytes.data());
    return open_tokenizer(read_gguf(bytes, "v.gguf"), bytes, "v.gguf");
  }

 private:
  static std::string key(const char* name) { return std::string("tokenizer.ggml.") + name; }

  std::unique_ptr<gguf_context, decltype(&gguf_free)> gguf_;
};

/// BERT's tokens as GGUF has them: a sign before those that begin a word, nothing before those that continue one.
Vocabulary bert(const std::vector<std::string>& words) {
  std::vector<std::string> tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"};
  std::vector<std::int32_t> types = {3, 2, 3, 3};
  tokens.insert(tokens.end(), words.begin(), words.end());
  types.resize(tokens.size(), 1);
  Vocabulary vocabulary("bert");
  vocabulary.texts("tokens", tokens).types(types);
  return vocabulary;
}

TEST(GgufWordPiece, ContinuesWordsWithPiecesThatHaveNoSign) {
  const auto tokenizer = bert({"▁maji", "ni", "▁ni"}).open();
  EXPECT_THAT(tokenizer->tokenize("majini ni maji"), ElementsAre(4, 5, 6, 4));
  EXPECT_EQ(tokenizer->special(), (SpecialTokens{.begin = 2, .end = 3, .unknown = 1}));
}

TEST(GgufWordPiece, TellsFromTheVocabularyHowTextsAreNormalised) {
  EXPECT_THAT(bert({"▁paris", "▁ete"}).open()->tokenize("Paris été"), ElementsAre(4, 5));
  EXPECT_THAT(bert({"▁Paris", "▁paris", "▁été"}).open()->tokenize("Paris paris été"), ElementsAre(4, 5, 6));
  EXPECT_THAT(bert({"▁paris", "▁été"}).open()->tokenize("Paris été"), ElementsAre(4, 5));  // Small, but with accents.
}

TEST(GgufWordPiece, BelievesAFileThatSaysIt) {
  EXPECT_THAT(bert({"▁paris"}).flag("normalizer.lowercase", false).open()->tokenize("Paris paris"), ElementsAre(1, 4));
}

Vocabulary byte_pair() {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) {
    append_code_point(tokens.emplace_back(), character_of_byte(static_cast<std::uint8_t>(byte)));
  }
  for (const auto* token : {"ab", "Ġab", "<|end|>", "<tool>"}) tokens.emplace_back(token);
  std::vector<std::int32_t> types(tokens.size(), 1);
  types[258] = 3;
  types[259] = 4;
  Vocabulary vocabulary("gpt2");
  vocabulary.texts("tokens", tokens).types(types).texts("merges", {"a b", "Ġ ab"});
  return vocabulary;
}

TEST(GgufBytePair, MergesBytesAndFindsSymbolsOfTheUser) {
  const auto tokenizer = byte_pair().open();
  EXPECT_THAT(tokenizer->tokenize("ab ab<tool>é"), ElementsAre(256, 257, 259, 0xC3, 0xA9));
  EXPECT_THAT(tokenizer->tokenize("<|end|>"), ElementsAre('<', '|', 'e', 'n', 'd', '|', '>'));
  EXPECT_EQ(tokenizer->special(), SpecialTokens{});
}

TEST(GgufBytePair, SurroundsTextsWhereThePreTokenizerDoes) {
  const auto tokenizer =
      byte_pair().text("pre", "roberta-bpe").number("bos_token_id", 258).number("eos_token_id", 258).open();
  EXPECT_EQ(tokenizer->special(), (SpecialTokens{.begin = 258, .end = 258}));
}

TEST(GgufBytePair, RefusesIdsAndMergesThatAreNone) {
  EXPECT_THAT([] { byte_pair().number("padding_token_id", 260).open(); },
              ThrowsMessage<InvalidData>(
                  "v.gguf: \"tokenizer.ggml.padding_token_id\" is 260, but the vocabulary has 260 tokens"));
  EXPECT_THAT([] { byte_pair().texts("merges", {"ab"}).open(); },
              ThrowsMessage<InvalidData>("v.gguf: the merge \"ab\" is not two texts"));
  EXPECT_THAT([] { byte_pair().types({1}).open(); },
              ThrowsMessage<InvalidData>("v.gguf: a vocabulary of 260 tokens has 1 types"));
  EXPECT_THAT([] { byte_pair().types(std::vector<std::int32_t>(260, 9)).open(); },
              ThrowsMessage<InvalidData>(HasSubstr("has a token of type 9, which is none of 1 to 6")));
}

}  // namespace
}  // namespace dragoman
