#include <ggml.h>
#include <gguf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"
#include "encode/gguf_file.h"
#include "encode/model_support.h"

namespace dragoman {
namespace {

using test::TinyGguf;
using testing::HasSubstr;
using testing::ThrowsMessage;

GgufFile read(const std::string& bytes) { return read_gguf(std::as_bytes(std::span(bytes)), "tiny.gguf"); }

ModelKind kind(const TinyGguf& file) { return kind_of(read(file.bytes()), "tiny.gguf"); }

TEST(GgufFile, FindsTextNumbersAndTensors) {
  const std::string bytes =
      TinyGguf{.architecture = "bert", .pooling = 1, .more = {{"general.name", "Тест 水"}}}.bytes();
  const GgufFile file = read(bytes);
  EXPECT_EQ(file.text("general.name"), "Тест 水");
  EXPECT_EQ(file.number("bert.pooling_type"), 1u);
  EXPECT_EQ(std::get<GgufArray>(file.values.at("tokenizer.ggml.tokens")).count, 3u);
  ASSERT_EQ(file.tensors.size(), 1u);
  EXPECT_EQ(file.tensors[0].name, "t");
  EXPECT_EQ(file.tensors[0].bytes, 16u);
  EXPECT_EQ(file.tensors[0].offset + file.tensors[0].bytes, bytes.size());
}

TEST(GgufFile, HasNoNumberWhereThereIsText) {
  EXPECT_EQ(read(TinyGguf{}.bytes()).number("general.architecture"), std::nullopt);
}

TEST(GgufFile, RefusesAFileThatIsNone) {
  EXPECT_THAT([] { read("PK\3\4 a zip"); },
              ThrowsMessage<InvalidData>("tiny.gguf: not a GGUF file (it does not begin with \"GGUF\")"));
}

TEST(GgufFile, SaysWhichTensorACutFileLacks) {
  const std::string bytes = TinyGguf{}.bytes();
  EXPECT_THAT([&] { read(bytes.substr(0, bytes.size() - 1)); },
              ThrowsMessage<InvalidData>(HasSubstr("cut short: tensor \"t\" needs 16 bytes at")));
}

TEST(GgufFile, RefusesEveryPrefix) {
  const std::string bytes = TinyGguf{}.bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(read(bytes.substr(0, size)), InvalidData) << size << " bytes";
  }
}

TEST(GgufFile, TakesNothingThatGgmlRefuses) {
  ggml_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  const std::string whole = TinyGguf{.pooling = 3}.bytes();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(value);
      try {
        read(bytes);
      } catch (const InvalidData&) {
        continue;
      }
      gguf_context* ggml = gguf_init_from_buffer(bytes.data(), bytes.size(), {true, nullptr});
      EXPECT_NE(ggml, nullptr) << "byte " << at << " = " << value;
      gguf_free(ggml);
    }
  }
  ggml_log_set(nullptr, nullptr);
}

TEST(ModelKind, BertIsAnEncoder) { EXPECT_EQ(kind({.architecture = "bert", .tokenizer = "t5"}), ModelKind::encoder); }

TEST(ModelKind, LlamaIsALanguageModel) { EXPECT_EQ(kind({.architecture = "llama"}), ModelKind::language_model); }

TEST(ModelKind, ACausalModelThatPoolsIsAnEncoder) {
  EXPECT_EQ(kind({.architecture = "qwen3", .pooling = 3}), ModelKind::encoder);
}

TEST(ModelKind, ACausalModelThatRanksKeepsItsWords) {
  EXPECT_EQ(kind({.architecture = "qwen3", .pooling = 4}), ModelKind::language_model);
}

TEST(ModelKind, BertThatRanksIsACrossEncoder) {
  EXPECT_EQ(kind({.architecture = "bert", .pooling = 4}), ModelKind::cross_encoder);
}

TEST(ModelKind, RefusesAnAdapter) {
  EXPECT_THAT(
      [] {
        kind({.more = {{"general.type", "adapter"}}});
      },
      ThrowsMessage<InvalidData>("tiny.gguf: is of type \"adapter\", not a whole model"));
}

TEST(ModelKind, RefusesAnImageModel) {
  EXPECT_THAT([] { kind({.architecture = "clip"}); },
              ThrowsMessage<InvalidData>(HasSubstr("neither a text encoder nor a causal language model")));
}

TEST(ModelKind, RefusesAPieceOfASplitModelWithTheRemedy) {
  EXPECT_THAT(
      [] { kind({.pieces = 3}); },
      ThrowsMessage<InvalidData>("tiny.gguf: is one of 3 pieces of a model; join them with: llama-gguf-split --merge"));
}

TEST(ModelKind, RefusesAModelWithoutTokenizer) {
  EXPECT_THAT([] { kind({.tokenizer = ""}); }, ThrowsMessage<InvalidData>(HasSubstr("has no tokenizer")));
}

}  // namespace
}  // namespace dragoman
