#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "encode/encoders.h"
#include "encode/golden.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

Model model_at(const std::filesystem::path& file) {
  Model model;
  model.name = "broken";
  model.file = file;
  return model;
}

/// Both doors refuse the file, naming it.
template <typename Error>
void expect_refused(const Model& model, std::string_view reason) {
  const auto message = AllOf(HasSubstr(model.file.string()), HasSubstr(std::string(reason)));
  EXPECT_THAT([&] { open_encoder(model); }, ThrowsMessage<Error>(message));
  EXPECT_THAT([&] { open_language_model(model); }, ThrowsMessage<Error>(message));
}

TEST(ModelRefusal, NamesAMissingFile) {
  const test::TemporaryFolder folder;
  expect_refused<NotFound>(model_at(folder.path() / "none.gguf"), "no such file");
}

TEST(ModelRefusal, RefusesAnEmptyFile) {
  const test::TemporaryFolder folder;
  expect_refused<InvalidData>(model_at(folder.write("empty.gguf", "")), "get it again or add another GGUF file");
}

TEST(ModelRefusal, RefusesAText) {
  const test::TemporaryFolder folder;
  expect_refused<InvalidData>(model_at(folder.write("text.gguf", "Habari za asubuhi, dunia. 世界\n")),
                              "get it again or add another GGUF file");
}

TEST(ModelRefusal, RefusesAFolder) {
  const test::TemporaryFolder folder;
  expect_refused<InvalidData>(model_at(folder.path()), "get it again or add another GGUF file");
}

// A header that announces one tensor and one value, neither of which follows.
TEST(ModelRefusal, RefusesAHeaderThatIsCutShort) {
  const test::TemporaryFolder folder;
  const std::string header("GGUF\3\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 24);
  expect_refused<InvalidData>(model_at(folder.write("cut.gguf", header)), "get it again or add another GGUF file");
}

TEST(ModelRefusal, RefusesAModelWhoseWeightsAreCutShort) {
  const auto& installed = test::installed("multilingual-e5-small");
  if (!installed.model) GTEST_SKIP() << installed.missing;
  const test::TemporaryFolder folder;
  const MappedFile whole(installed.model->file);
  const std::string_view bytes(reinterpret_cast<const char*>(whole.bytes().data()), whole.bytes().size());
  expect_refused<InvalidData>(model_at(folder.write("cut.gguf", bytes.substr(0, bytes.size() / 2))), "cut short");
}

TEST(ModelRefusal, RefusesALanguageModelAsEncoder) {
  const auto& installed = test::installed("smollm2-135m-instruct");
  if (!installed.model) GTEST_SKIP() << installed.missing;
  EXPECT_THAT([&] { open_encoder(*installed.model); },
              ThrowsMessage<InvalidArgument>(installed.model->file.string() +
                                             ": not an encoder (it has no pooling); use it for reranking instead, or "
                                             "install it as one with: dragoman model add FILE --pooling last_token"));
}

TEST(ModelRefusal, RefusesAnEncoderAsLanguageModel) {
  const auto& installed = test::installed("multilingual-e5-small");
  if (!installed.model) GTEST_SKIP() << installed.missing;
  EXPECT_THAT([&] { open_language_model(*installed.model); },
              ThrowsMessage<InvalidArgument>(installed.model->file.string() +
                                             ": not a causal language model; use it as an encoder instead"));
}

// Before the file is looked at: what cannot be done is refused at once.
TEST(ModelRefusal, RefusesAPrecisionThatLlamaCppHasNot) {
  Model model = model_at("none.gguf");
  model.name = "some-model";
  for (const Precision precision : {Precision::bf16, Precision::int8}) {
    EXPECT_THAT([&] { open_llama_encoder(model, {.precision = precision}); },
                ThrowsMessage<InvalidArgument>("some-model: cannot be run in " + std::string(to_string(precision)) +
                                               "; llama.cpp runs it in f32 alone"));
  }
  EXPECT_THAT([&] { open_llama_encoder(model, {.precision = Precision::f32}); },
              ThrowsMessage<NotFound>(testing::HasSubstr("no such file")));
}

}  // namespace
}  // namespace dragoman
