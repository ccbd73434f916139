// Imported models compute what PyTorch computed (tests/golden/models/*/expected.json): the same tokens, and vectors
// that differ by less than 1e-4 in every number.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "dragoman/base/file.h"
#include "dragoman/encode/encoder.h"
#include "encode/huggingface_support.h"

namespace dragoman {
namespace {

constexpr float kTolerance = 1e-4f;

/// A folder of tests/golden/models, imported and opened, and what is expected of it.
class ImportedModelParity : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    Model model;
    model.file = test::golden_folder(GetParam());
    model_ = ModelStore(folder_.path()).add(model);
    encoder_ = open_encoder(model_, {.threads = 1, .precision = Precision::f32});
    expected_ = Json::parse(read_file(test::golden_folder(GetParam()) / "expected.json"));
  }

  static EncodeAs as(const Json& text) { return text["as"] == "query" ? EncodeAs::query : EncodeAs::passage; }

  Encoding encode(const Json& text, const Heads& heads) const {
    const std::string content = text["text"];
    const std::string_view view = content;
    return encoder_->encode({&view, 1}, as(text), {.heads = heads})[0];
  }

  test::TemporaryFolder folder_;
  Model model_;
  std::unique_ptr<Encoder> encoder_;
  Json expected_;
};

TEST_P(ImportedModelParity, ReadsTheSameTokens) {
  for (const Json& text : expected_["texts"]) {
    std::vector<std::int32_t> tokens = encoder_->tokenize(text["text"].get<std::string>(), as(text));
    EXPECT_EQ(tokens.size(), text["tokens_total"].get<std::size_t>()) << text["name"];
    const auto ids = text["ids"].get<std::vector<std::int32_t>>();
    if (tokens.size() > ids.size()) {
      const std::int32_t end = tokens.back();
      tokens.resize(ids.size());
      tokens.back() = end;
    }
    EXPECT_EQ(tokens, ids) << text["name"];
  }
}

TEST_P(ImportedModelParity, HasTheHeadsOfItsFolder) {
  const Json& text = expected_["texts"][0];
  EXPECT_EQ(encoder_->heads().dense, text.contains("dense"));
  EXPECT_EQ(encoder_->heads().sparse, text.contains("sparse"));
  EXPECT_TRUE(encoder_->heads().multi_vector);
}

TEST_P(ImportedModelParity, GivesTheSameDenseVectors) {
  if (!encoder_->heads().dense) return;
  for (const Json& text : expected_["texts"]) {
    const Encoding encoding = encode(text, {.dense = true});
    EXPECT_EQ(encoding.tokens_read, text["ids"].size()) << text["name"];
    EXPECT_EQ(encoding.tokens_total, text["tokens_total"].get<std::size_t>()) << text["name"];
    EXPECT_THAT(encoding.dense,
                testing::Pointwise(testing::FloatNear(kTolerance), text["dense"].get<std::vector<float>>()))
        << text["name"];
  }
}

TEST_P(ImportedModelParity, GivesTheSameSparseVectors) {
  if (!encoder_->heads().sparse) return;
  for (const Json& text : expected_["texts"]) {
    std::map<std::uint32_t, float> difference;
    for (const Json& weight : text["sparse"]) difference[weight[0].get<std::uint32_t>()] = weight[1].get<float>();
    for (const SparseWeight& weight : encode(text, {.dense = false, .sparse = true}).sparse) {
      difference[weight.dimension] -= weight.weight;
    }
    // A weight that one has and the other has not must be as good as none.
    for (const auto& [dimension, rest] : difference)
      EXPECT_NEAR(rest, 0, kTolerance) << text["name"] << " " << dimension;
  }
}

TEST_P(ImportedModelParity, GivesTheSameTokenVectors) {
  for (const Json& text : expected_["texts"]) {
    if (!text.contains("multi_vector")) continue;
    std::vector<float> rows;
    for (const Json& row : text["multi_vector"]) {
      for (const Json& number : row) rows.push_back(number.get<float>());
    }
    EXPECT_THAT(encode(text, {.dense = false, .multi_vector = true}).multi_vector,
                testing::Pointwise(testing::FloatNear(kTolerance), rows))
        << text["name"];
  }
}

INSTANTIATE_TEST_SUITE_P(HuggingFace, ImportedModelParity,
                         testing::Values("bert", "xlm-roberta", "labse", "gte", "bge-m3", "splade", "distilbert",
                                         "roberta"),
                         [](const auto& each) {
                           std::string name = each.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace dragoman
