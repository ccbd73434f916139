#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "encode/golden.h"

namespace dragoman {
namespace {

using test::cosine;
using testing::HasSubstr;

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

/// The dense encoder multilingual-e5-small, held to its original weights run in 64 bits.
class EncoderModel : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::shared_encoder().encoder) GTEST_SKIP() << test::shared_encoder().installed.missing;
  }

  static const Model& model() { return *test::shared_encoder().installed.model; }
  static const Encoder& encoder() { return *test::shared_encoder().encoder; }

  /// The same model without prompts, reading 16 tokens.
  static const Encoder& bare() {
    static const std::unique_ptr<Encoder> opened = [] {
      Model bare = model();
      bare.query_prompt = bare.passage_prompt = "";
      bare.max_tokens = 16;
      return open_encoder(bare, {.threads = 1});
    }();
    return *opened;
  }

  static std::vector<Encoding> encode(const Encoder& encoder, const std::vector<std::string>& texts,
                                      EncodeAs as = EncodeAs::passage) {
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    return encoder.encode(views, as);
  }
  static Encoding encode_one(std::string_view text, EncodeAs as = EncodeAs::passage) {
    return encoder().encode({&text, 1}, as).at(0);
  }

  /// 20 texts of 0 to 95 words in five scripts: three batches, the longest text neither first nor last.
  static std::vector<std::string> mixed_texts() {
    const std::vector<std::string> words = {"nyumba ", "дом ", "घर ", "بيت ", "家"};
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 20; ++i) texts.push_back(repeated(words[i % words.size()], i * 7 % 20 * 5));
    return texts;
  }
  static std::vector<std::vector<float>> dense(const std::vector<Encoding>& encodings) {
    std::vector<std::vector<float>> vectors;
    for (const Encoding& encoding : encodings) vectors.push_back(encoding.dense);
    return vectors;
  }
};

/// The same in one precision: how near each vector must come to that of the original.
struct PrecisionCase {
  Precision precision;
  double least_cosine;
};

class EncoderPrecision : public EncoderModel, public testing::WithParamInterface<PrecisionCase> {
 protected:
  void SetUp() override {
    EncoderModel::SetUp();
    if (IsSkipped()) return;
    try {
      opened_ = open_encoder(model(), {.threads = 2, .precision = GetParam().precision});
    } catch (const InvalidArgument& error) {
      GTEST_SKIP() << error.what();  // This processor has no bfloat16.
    }
  }

  std::unique_ptr<Encoder> opened_;
};

TEST_P(EncoderPrecision, GivesTheVectorsOfTheOriginal) {
  std::vector<std::string> names, texts;
  for (const auto& text : test::golden_texts()) {
    if (!text.vector) continue;
    names.push_back(text.name);
    texts.push_back(text.text);
  }
  const Json expected = test::golden("encoder_vectors.json", "texts");
  const auto encodings = encode(*opened_, texts);
  ASSERT_EQ(expected.size(), encodings.size());
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    ASSERT_EQ(expected[i].at("name"), names[i]);
    EXPECT_GE(cosine(encodings[i].dense, expected[i].at("passage").get<std::vector<float>>()), GetParam().least_cosine)
        << names[i];
  }
  EXPECT_EQ(opened_->precision(), GetParam().precision);
}

TEST_P(EncoderPrecision, GivesABatchWhatItGivesEachTextAlone) {
  const auto texts = mixed_texts();
  const auto together = encode(*opened_, texts);
  for (std::size_t i = 0; i < texts.size(); i += 3) {
    const auto alone = encode(*opened_, {texts[i]}).at(0);
    EXPECT_GE(cosine(together[i].dense, alone.dense), 1 - 1e-5) << i;
    EXPECT_EQ(together[i].tokens_total, alone.tokens_total) << i;
    // Sums of whole numbers do not depend on their order.
    if (GetParam().precision == Precision::int8) {
      EXPECT_EQ(together[i].dense, alone.dense) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, EncoderPrecision,
                         testing::Values(PrecisionCase{Precision::f32, 0.999999},
                                         PrecisionCase{Precision::bf16, 0.9999}, PrecisionCase{Precision::int8, 0.999}),
                         [](const auto& tested) { return std::string(to_string(tested.param.precision)); });

/// The sparse head, as its original gives it: for texts without prompts.
TEST_F(EncoderModel, GivesTheLatentsOfTheOriginal) {
  Model promptless = model();
  promptless.query_prompt = promptless.passage_prompt = "";
  const auto opened = open_encoder(promptless, {.threads = 2, .precision = Precision::f32});
  ASSERT_TRUE(opened->heads().sparse);
  EXPECT_EQ(opened->sparse_dimension(), 16384u);
  const Json expected = test::golden("encoder_sparse.json", "texts");
  std::size_t compared = 0;
  for (const auto& text : test::golden_texts()) {
    const auto found = std::ranges::find_if(expected, [&](const Json& e) { return e.at("name") == text.name; });
    if (found == expected.end()) continue;
    for (const auto& [as, side] : {std::pair{EncodeAs::query, "query"}, std::pair{EncodeAs::passage, "passage"}}) {
      const std::string_view view = text.text;
      const auto encoding = opened->encode({&view, 1}, as, {.heads = {.dense = false, .sparse = true}}).at(0);
      std::map<std::uint32_t, float> weights;
      for (const auto& [latent, weight] : encoding.sparse) weights[latent] = weight;
      const Json& latents = found->at(side);
      EXPECT_EQ(weights.size(), latents.size()) << text.name;
      // Where the weakest that is kept and the strongest that is not are nearly equal, the last bits decide.
      std::size_t missing = 0;
      for (const Json& latent : latents) {
        const auto at = weights.find(latent[0].get<std::uint32_t>());
        if (at == weights.end()) {
          ++missing;
        } else {
          EXPECT_NEAR(at->second, latent[1].get<float>(), 1e-3) << text.name;
        }
      }
      EXPECT_LE(missing, 1u) << text.name << " " << side;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 32u);
}

TEST_F(EncoderModel, GivesAllItsHeadsFromOnePass) {
  const std::string_view text = "Penguins huishi Antaktika, aber Eisbären nicht.";
  const EncodeOptions all{.heads = {.dense = true, .sparse = true, .multi_vector = true}};
  const auto together = encoder().encode({&text, 1}, EncodeAs::passage, all).at(0);
  EXPECT_EQ(together.dense, encode_one(text).dense);
  ASSERT_EQ(encoder().multi_vector_dimension(), 384u);
  EXPECT_EQ(together.multi_vector.size(), together.tokens_read * 384);
  EXPECT_EQ(together.sparse.size(), 128u);
  EXPECT_TRUE(std::ranges::is_sorted(together.sparse, {}, &SparseWeight::dimension));
  for (std::size_t at = 0; at < together.multi_vector.size(); at += 384) {
    const auto row = std::span(together.multi_vector).subspan(at, 384);
    EXPECT_NEAR(std::inner_product(row.begin(), row.end(), row.begin(), 0.0), 1, 1e-5) << at / 384;
  }
}

TEST_F(EncoderModel, ShortensRepresentationsAsAsked) {
  const std::string_view text = "Maji ni uhai. Water is life. 水は命です。 जल ही जीवन है।";
  const auto whole = encode_one(text);
  const auto brief = encoder()
                         .encode({&text, 1}, EncodeAs::passage,
                                 {.heads = {.dense = true, .sparse = true, .multi_vector = true},
                                  .dense_dimension = 64,
                                  .sparse_weights = 10,
                                  .token_pooling = 4})
                         .at(0);
  ASSERT_EQ(brief.dense.size(), 64u);
  EXPECT_NEAR(cosine(brief.dense, brief.dense), 1, 1e-6);
  EXPECT_GT(cosine(brief.dense, std::span(whole.dense).first(64)), 0.999999);
  EXPECT_EQ(brief.sparse.size(), 10u);
  EXPECT_EQ(brief.multi_vector.size(), (brief.tokens_read + 3) / 4 * 384);
  // Queries keep all their vectors.
  const auto query =
      encoder()
          .encode({&text, 1}, EncodeAs::query, {.heads = {.dense = false, .multi_vector = true}, .token_pooling = 4})
          .at(0);
  EXPECT_EQ(query.multi_vector.size(), query.tokens_read * 384);
}

TEST_F(EncoderModel, RefusesWhatItCannotGive) {
  EXPECT_THAT([] { encoder().encode({}, EncodeAs::query, {.dense_dimension = 385}); },
              testing::ThrowsMessage<InvalidArgument>("a vector of 384 dimensions cannot be cut to 385"));
  EXPECT_THAT([] { encoder().encode({}, EncodeAs::query, {.token_pooling = 0}); },
              testing::ThrowsMessage<InvalidArgument>(HasSubstr("token pooling begins at 1")));
}

TEST_F(EncoderModel, GivesVectorsOfUnitLength) {
  for (const auto& encoding : encode(encoder(), {"", "maji", "水", repeated("habari ya asubuhi ", 30)})) {
    EXPECT_EQ(encoding.dense.size(), 384u);
    EXPECT_NEAR(cosine(encoding.dense, encoding.dense), 1, 1e-6);
    double squares = 0;
    for (const float x : encoding.dense) squares += static_cast<double>(x) * x;
    EXPECT_NEAR(squares, 1, 1e-5);
  }
}

TEST_F(EncoderModel, FindsTheSameMeaningAcrossLanguages) {
  const auto query = encode_one("Wo leben Pinguine?", EncodeAs::query);
  const auto passages = encode(
      encoder(), {"Ipengwini huishi katika nusutufe ya kusini, hasa Antaktika.", "企鹅生活在南极洲和南半球的海岸。",
                  "पेंगुइन अंटार्कटिका में रहते हैं।", "The library opens at ten o'clock on Mondays."});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GT(cosine(query.dense, passages[i].dense), cosine(query.dense, passages[3].dense)) << i;
  }
}

TEST_F(EncoderModel, SaysHowManyTokensItReadOfALongText) {
  const auto long_text = encode_one(repeated("maji ", 1000));  // One token a word, and <s> passage : </s>.
  EXPECT_EQ(long_text.tokens_total, 1004u);
  EXPECT_EQ(long_text.tokens_read, 512u);
}

// Cut to <s> passage : maji*508 </s>, a text of 1,000 words is the text of 508 words.
TEST_F(EncoderModel, CutsALongTextBeforeTheEndToken) {
  EXPECT_EQ(encode_one(repeated("maji ", 1000)).dense, encode_one(repeated("maji ", 508)).dense);
}

TEST_F(EncoderModel, ReadsAPassageOfTheBudgetWhole) {
  ASSERT_EQ(encoder().passage_budget(), 508u);
  for (const std::string word : {"maji ", "水"}) {
    std::string text;
    while (encoder().count_tokens(text + word) <= encoder().passage_budget()) text += word;
    const auto whole = encode_one(text), cut = encode_one(text + repeated(word, 2));
    EXPECT_EQ(whole.tokens_read, whole.tokens_total) << word;
    EXPECT_LT(cut.tokens_read, cut.tokens_total) << word;
  }
}

TEST_F(EncoderModel, ReadsAnEmptyTextAsItsPrompt) {
  const auto empty = encode_one("");
  EXPECT_EQ(empty.tokens_total, 4u);  // <s> passage : </s>
  EXPECT_EQ(empty.dense, encode_one(" \t\n").dense);
}

TEST_F(EncoderModel, GivesNothingForNoTexts) { EXPECT_TRUE(encoder().encode({}, EncodeAs::query).empty()); }

TEST_F(EncoderModel, TellsQueriesFromPassages) {
  const std::string text = "Nairobi ni mji mkuu wa Kenya.";
  EXPECT_LT(cosine(encode_one(text, EncodeAs::query).dense, encode_one(text, EncodeAs::passage).dense), 0.999);
}

TEST_F(EncoderModel, PutsThePromptsOfTheManifestBeforeTexts) {
  const Encoder& promptless = bare();
  const std::string question = "राजधानी कहाँ है?";
  const auto spelled = encode(promptless, {"query: " + question, "passage: " + question}, EncodeAs::query);
  const auto prompted_query = encode_one(question, EncodeAs::query), prompted_passage = encode_one(question);
  EXPECT_GT(cosine(spelled[0].dense, prompted_query.dense), 0.999999);
  EXPECT_GT(cosine(spelled[1].dense, prompted_passage.dense), 0.999999);
  EXPECT_EQ(promptless.passage_budget(), 14u);
  EXPECT_NE(promptless.stamp(), encoder().stamp());
}

TEST_F(EncoderModel, NamesItsModelInItsStamp) {
  const auto stamp = [](Precision precision) {
    return open_encoder(model(), {.threads = 1, .precision = precision})->stamp();
  };
  const std::string rest = " pooling=mean max_tokens=512 query_prompt=\"query: \" passage_prompt=\"passage: \"";
  EXPECT_EQ(stamp(Precision::f32), "sha256=" + model().sha256 + " precision=f32" + rest);
  // In int8 the statistics of the inputs take part in every vector.
  EXPECT_EQ(stamp(Precision::int8), "sha256=" + model().sha256 + " precision=int8 inputs=" +
                                        sha256(model().input_statistics).substr(0, 8) + rest);
}

TEST_F(EncoderModel, ReadsNoMoreTokensThanTheManifestAllows) {
  const auto encoding = encode(bare(), {repeated("maji ", 100)}).at(0);
  EXPECT_EQ(encoding.tokens_read, 16u);
  EXPECT_EQ(encoding.tokens_total, 102u);
}

TEST_F(EncoderModel, RefusesPromptsThatLeaveNoRoom) {
  Model brief = model();
  brief.max_tokens = 5;  // <s> qu ery : </s>
  EXPECT_THAT([&] { open_encoder(brief); },
              testing::ThrowsMessage<InvalidArgument>(model().file.string() +
                                                      ": the query prompt fills all 5 tokens that the model reads"));
}

TEST_F(EncoderModel, ReadsIllFormedTextTheSameWayEachTime) {
  const std::vector<std::string> texts = {"caf\xe9", "\xff\xfe", std::string(700, '\x80'), "水\xe6\xb0",
                                          std::string(9, '\0')};
  EXPECT_EQ(dense(encode(encoder(), texts)), dense(encode(encoder(), texts)));
}

TEST_F(EncoderModel, GivesTheSameBitsAtAnyNumberOfThreads) {
  const auto texts = mixed_texts();
  EXPECT_EQ(dense(encode(*open_encoder(model(), {.threads = 1}), texts)),
            dense(encode(encoder(), texts)));  // Three threads.
}

TEST_F(EncoderModel, TakesCallsFromSeveralThreads) {
  const std::vector<std::string> texts = {"nyumba", repeated("дом ", 60), "घर", "", repeated("家", 200)};
  const auto expected = dense(encode(encoder(), texts));
  std::vector<std::vector<std::vector<float>>> found(4);
  {
    std::vector<std::jthread> callers;
    for (auto& vectors : found) callers.emplace_back([&] { vectors = dense(encode(encoder(), texts)); });
  }
  EXPECT_THAT(found, testing::Each(expected));
}

}  // namespace
}  // namespace dragoman
