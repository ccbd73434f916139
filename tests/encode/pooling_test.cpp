// A causal model becomes an encoder where the user says how it pools.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/encode/encoder.h"
#include "encode/golden.h"
#include "encode/model_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Model causal_model(const test::TemporaryFolder& folder) {
  Model model;
  model.file = folder.write("causal.gguf", test::TinyGguf{.architecture = "qwen3"}.bytes());
  return model;
}

TEST(ModelPooling, MakesAnEncoderOfACausalModel) {
  const test::TemporaryFolder folder;
  const ModelStore store(folder.path() / "models");
  Model model = causal_model(folder);
  EXPECT_EQ(store.add(model).kind, ModelKind::language_model);
  model.pooling = Pooling::last_token;
  EXPECT_EQ(store.add(model).kind, ModelKind::encoder);
  EXPECT_EQ(store.find("causal").kind, ModelKind::encoder);
  EXPECT_EQ(store.find("causal").pooling, Pooling::last_token);
}

TEST(ModelPooling, IsInTheManifestOnlyIfSomebodySaidIt) {
  const test::TemporaryFolder folder;
  const ModelStore store(folder.path() / "models");
  store.add(causal_model(folder));
  EXPECT_EQ(read_file(folder.path() / "models" / "causal.json").find("pooling"), std::string::npos);
  EXPECT_EQ(store.find("causal").pooling, std::nullopt);
}

TEST(ModelPooling, MakesNoEncoderOfACrossEncoder) {
  const test::TemporaryFolder folder;
  Model model;
  model.file = folder.write("rank.gguf", test::TinyGguf{.architecture = "bert", .pooling = 4}.bytes());
  model.pooling = Pooling::cls;
  const ModelStore store(folder.path() / "models");
  store.add(model);
  EXPECT_EQ(store.find("rank").kind, ModelKind::cross_encoder);
  EXPECT_THAT([&] { open_encoder(store.find("rank")); }, ThrowsMessage<InvalidArgument>(HasSubstr("a cross-encoder")));
}

TEST(ModelPooling, NamesTheThreeInAManifest) {
  const test::TemporaryFolder folder;
  const ModelStore store(folder.path() / "models");
  store.add(causal_model(folder));
  std::string manifest = read_file(folder.path() / "models" / "causal.json");
  manifest.insert(1, R"("pooling": "max",)");
  folder.write("models/causal.json", manifest);
  EXPECT_THAT([&] { store.find("causal"); },
              ThrowsMessage<InvalidData>(HasSubstr("causal.json: no pooling 'max'; choose of mean, cls, last_token")));
}

TEST(ModelPooling, IsObeyed) {
  const auto& installed = test::installed("smollm2-135m-instruct");
  if (!installed.model) GTEST_SKIP() << installed.missing;
  Model model = *installed.model;
  const std::vector<std::string_view> texts = {"Where does the river rise?", "Wo entspringt der Fluss?"};
  std::vector<std::vector<float>> vectors;
  for (const Pooling pooling : {Pooling::mean, Pooling::cls, Pooling::last_token}) {
    model.pooling = pooling;
    const auto encoder = open_encoder(model, {.threads = 1});
    EXPECT_THAT(encoder->stamp(), HasSubstr("pooling=" + std::string(to_string(pooling))));
    for (const Encoding& encoding : encoder->encode(texts, EncodeAs::query)) vectors.push_back(encoding.dense);
  }
  // A causal model's first token sees nothing behind it, and both texts begin with a word of their own.
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    for (std::size_t j = i + 1; j < vectors.size(); ++j) EXPECT_LT(test::cosine(vectors[i], vectors[j]), 0.9999);
  }
}

}  // namespace
}  // namespace dragoman
