#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"
#include "encode/gguf_array.h"
#include "encode/model_support.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman {
namespace {

using test::TinyGguf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A tokenizer.json with the members given, and a WordPiece model of [UNK], a and b.
std::unique_ptr<Tokenizer> read(const std::string& members) {
  return read_tokenizer_json(
      R"({"model":{"type":"WordPiece","unk_token":"[UNK]","vocab":{"[UNK]":0,"a":1,"b":2,"##b":3,"##a":4}})" +
          (members.empty() ? "" : "," + members) + "}",
      "t.json");
}

template <typename Error>
auto refuses(const std::string& members, const char* message) {
  EXPECT_THAT([&] { read(members); }, ThrowsMessage<Error>(HasSubstr(message)));
}

TEST(TokenizerJson, ReadsAModelWithoutStages) {
  EXPECT_THAT(read("")->tokenize("ab"), ElementsAre(1, 3));
  EXPECT_THAT(read(R"("normalizer":null,"pre_tokenizer":{"type":"Whitespace"})")->tokenize("ab b"),
              ElementsAre(1, 3, 2));
}

TEST(TokenizerJson, RefusesByNameWhatItDoesNotKnow) {
  refuses<InvalidArgument>(R"("normalizer":{"type":"Nmt"})", "t.json: normalizer: Nmt is not known here");
  refuses<InvalidArgument>(R"("normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Magic"}]})",
                           "Magic");
  refuses<InvalidArgument>(R"("pre_tokenizer":{"type":"UnicodeScripts"})",
                           "t.json: pre_tokenizer: UnicodeScripts is not known here");
  refuses<InvalidArgument>(R"("post_processor":{"type":"Other"})", "t.json: post_processor: Other is not known here");
  refuses<InvalidArgument>(R"("pre_tokenizer":{"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated"})",
                           "the regular expression \"(\" cannot be used");
  EXPECT_THAT([] { read_tokenizer_json(R"({"model":{"type":"WordLevel","vocab":{}}})", "t.json"); },
              ThrowsMessage<InvalidArgument>("t.json: model: WordLevel is not known here"));
  EXPECT_THAT(
      [] {
        read_tokenizer_json(R"({"model":{"type":"BPE","vocab":{},"merges":[],"end_of_word_suffix":"</w>"}})", "t.json");
      },
      ThrowsMessage<InvalidArgument>("t.json: model: BPE with \"end_of_word_suffix\" is not known here"));
}

TEST(TokenizerJson, RefusesWhatIsDamaged) {
  EXPECT_THROW(read_tokenizer_json("{", "t.json"), InvalidData);
  EXPECT_THAT([] { read_tokenizer_json("{}", "t.json"); },
              ThrowsMessage<InvalidData>("t.json: \"model\" is no object"));
  refuses<InvalidData>(R"("added_tokens":[{"id":-1,"content":"x"}])", "\"added_tokens\" has no id from 0 to");
  refuses<InvalidData>(R"("post_processor":{"type":"BertProcessing","cls":["[CLS]",9],"sep":["[SEP]",1]})",
                       "a special token has the id 9, but the vocabulary ends before 5");
  refuses<InvalidData>(R"("normalizer":{"type":"Precompiled","precompiled_charsmap":"*"})", "is not base64");
}

TEST(TokenizerJson, FindsAddedTokensThatAreNotSpecial) {
  const auto tokenizer = read(
      R"("added_tokens":[{"id":5,"content":"<x>","special":false,"normalized":false},{"id":6,"content":"<y>","special":true}],
         "pre_tokenizer":{"type":"WhitespaceSplit"})");
  EXPECT_THAT(tokenizer->tokenize("a<x>b"), ElementsAre(1, 5, 2));
  EXPECT_THAT(tokenizer->tokenize("a<y>b"), ElementsAre(0));
  EXPECT_EQ(tokenizer->vocabulary_size(), 7u);
}

TEST(GgufTokenizer, IsRefusedByNameIfItIsNotKnown) {
  const auto open = [](const TinyGguf& tiny) {
    const std::string bytes = tiny.bytes();
    const auto all = std::as_bytes(std::span(bytes));
    return open_tokenizer(read_gguf(all, "tiny.gguf"), all, "tiny.gguf");
  };
  EXPECT_THAT([&] { open({.tokenizer = "rwkv"}); },
              ThrowsMessage<InvalidArgument>(HasSubstr("tiny.gguf: tokenizer \"rwkv\" is not known")));
  EXPECT_THAT(
      [&] {
        open({.tokenizer = "gpt2", .more = {{"tokenizer.ggml.pre", "deepseek-llm"}}});
      },
      ThrowsMessage<InvalidArgument>(HasSubstr("tiny.gguf: pre-tokenizer \"deepseek-llm\" is not known")));
  EXPECT_THAT([&] { open({.tokenizer = ""}); }, ThrowsMessage<InvalidData>(HasSubstr("tiny.gguf: has no tokenizer")));
  EXPECT_THAT([&] { open({.tokenizer = "bert"}); },
              ThrowsMessage<InvalidData>("tiny.gguf: has no array \"tokenizer.ggml.token_type\""));
}

TEST(GgufTokenizer, IsTheTokenizerJsonThatTheFileHas) {
  const std::string bytes =
      TinyGguf{.tokenizer = "none",
               .more = {{"tokenizer.huggingface.json",
                         R"({"model":{"type":"WordPiece","unk_token":"?","vocab":{"?":0,"maji":1}}})"}}}
          .bytes();
  const auto all = std::as_bytes(std::span(bytes));
  EXPECT_THAT(open_tokenizer(read_gguf(all, "tiny.gguf"), all, "tiny.gguf")->tokenize("maji"), ElementsAre(1));
}

TEST(GgufArray, IsReadElementByElement) {
  const std::string bytes = TinyGguf{}.bytes();
  const auto all = std::as_bytes(std::span(bytes));
  const GgufFile file = read_gguf(all, "tiny.gguf");
  const GgufArray* array = file.array("tokenizer.ggml.tokens");
  ASSERT_NE(array, nullptr);
  EXPECT_EQ(read_texts(all, *array, "tokens", "tiny.gguf").size(), 3u);
  EXPECT_EQ(file.array("general.architecture"), nullptr);
  EXPECT_THAT([&] { read_floats(all, *array, "tokens", "tiny.gguf"); },
              ThrowsMessage<InvalidData>(
                  HasSubstr("tiny.gguf: \"tokens\" is an array of GGUF type 8, expected 32-bit floats")));
  // Whatever the array claims of itself, the end of the file holds.
  GgufArray beyond = *array;
  beyond.count = 1'000'000'000'000;
  EXPECT_THROW(read_texts(all, beyond, "tokens", "tiny.gguf"), InvalidData);
  beyond.offset = bytes.size() + 1;
  EXPECT_THROW(read_texts(all, beyond, "tokens", "tiny.gguf"), InvalidData);
}

}  // namespace
}  // namespace dragoman
