#include "dragoman/retrieve/multi_vector_language_bias.h"

#include <gmock/gmock.h>

#include <cmath>
#include <memory>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "dragoman/multivector/multi_vector_segment.h"
#include "retrieve/kept_bias.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using Segments = std::vector<std::shared_ptr<const MultiVectorSegment>>;

constexpr const char* kStamp = "1 multivector test";
constexpr std::size_t kDimension = 16, kTokens = 12;

/// Passages of random tokens, each with what its language adds to all of them.
struct World {
  explicit World(std::uint64_t seed) : random(seed) {}
  std::vector<float> passage(std::size_t language, float accent) {
    std::vector<float> vectors;
    for (std::size_t t = 0; t < kTokens; ++t) {
      std::vector<float> token(kDimension);
      float square = 0;
      for (std::size_t x = 0; x < kDimension; ++x) {
        token[x] = static_cast<float>(random.below(2001)) / 1000 - 1 + (x == language ? accent : 0);
        square += token[x] * token[x];
      }
      for (const float x : token) vectors.push_back(x / std::sqrt(square));
    }
    return vectors;
  }
  Random random;
};

class MultiVectorLanguageBiasTest : public testing::Test {
 protected:
  Segments one(const std::vector<std::vector<float>>& passages, const std::vector<DocumentNumber>& documents = {}) {
    MultiVectorSegmentBuilder builder(kDimension, {.threads = 1});
    for (std::size_t i = 0; i < passages.size(); ++i) {
      builder.add({documents.empty() ? static_cast<DocumentNumber>(i) : documents[i], {}}, passages[i]);
    }
    const auto path = folder_.path() / "multivector.seg";
    builder.write(path, kStamp);
    return {std::make_shared<const MultiVectorSegment>(path, kStamp)};
  }
  test::TemporaryFolder folder_;
};

const Language kSwahili = Language::parse("sw"), kThai = Language::parse("th"), kHindi = Language::parse("hi");

struct Passages {
  Passages(std::uint64_t seed, float accent, std::size_t each = 20) {
    World world(seed);
    languages.languages = {kSwahili, kThai, kHindi};
    for (std::size_t i = 0; i < 3 * each; ++i) {
      vectors.push_back(world.passage(i % 3, accent));
      languages.of.push_back(static_cast<std::uint16_t>(i % 3));
    }
  }
  std::vector<std::vector<float>> vectors;
  Collection::DocumentLanguages languages;
};

TEST_F(MultiVectorLanguageBiasTest, KnowsThatItsOwnLanguageScoresHigher) {
  const Passages passages(1, 1);
  const auto bias = MultiVectorLanguageBias::fit(one(passages.vectors), passages.languages, 1);
  for (const Language& query : passages.languages.languages) {
    float sum = 0;
    for (const Language& document : passages.languages.languages) {
      sum += bias.height(query, document);
      if (document == query) {
        EXPECT_GT(bias.height(query, document), 0.05);
      } else {
        EXPECT_LT(bias.height(query, document), 0);
      }
    }
    EXPECT_NEAR(sum, 0, 0.01);
  }
  EXPECT_EQ(bias.height(kThai, kHindi), bias.height(Language::parse("th-TH"), Language::parse("hi-IN")));
  EXPECT_EQ(bias.height(kThai, Language::parse("ja")), 0) << "no such passage";
  // In a language of no passages: what the others find there.
  EXPECT_NEAR(bias.height(Language::parse("ja"), kHindi),
              (bias.height(kSwahili, kHindi) + bias.height(kThai, kHindi)) / 2, 1e-6);
}

TEST_F(MultiVectorLanguageBiasTest, FindsLittleWhereLanguagesDoNotDiffer) {
  const Passages passages(2, 0);
  const auto bias = MultiVectorLanguageBias::fit(one(passages.vectors), passages.languages, 1);
  for (const Language& query : passages.languages.languages) {
    for (const Language& document : passages.languages.languages) EXPECT_NEAR(bias.height(query, document), 0, 0.02);
  }
}

TEST_F(MultiVectorLanguageBiasTest, OfOneLanguageOrOfNothingIsNothing) {
  Passages passages(3, 1);
  passages.languages.languages = {kSwahili, Language::parse("sw-KE"), Language::parse("sw-TZ")};
  EXPECT_EQ(MultiVectorLanguageBias::fit(one(passages.vectors), passages.languages, 1).height(kSwahili, kSwahili), 0);
  const auto of_nothing = MultiVectorLanguageBias::fit({}, {}, 1);
  EXPECT_EQ(of_nothing.height(kSwahili, kSwahili), 0);
  EXPECT_EQ(of_nothing.unrelated(kSwahili), 0);
}

// A question of 12 random tokens meets 12 others in 16 dimensions: the best of 12 cosines, around 0.4. Tokens that
// share an accent twice their length are alike to 4 / 5 before anything is said.
TEST_F(MultiVectorLanguageBiasTest, KnowsWhatUnrelatedDocumentsScore) {
  for (const auto& [accent, low, high] : {std::tuple{0.0f, 0.3f, 0.5f}, std::tuple{4.6f, 0.75f, 0.95f}}) {
    Passages passages(6, accent);
    passages.languages.languages = {kSwahili, Language::parse("sw-KE"), Language::parse("sw-TZ")};
    // All with one accent.
    World world(6);
    for (auto& passage : passages.vectors) passage = world.passage(1, accent);
    const auto bias = MultiVectorLanguageBias::fit(one(passages.vectors), passages.languages, 1);
    EXPECT_GT(bias.unrelated(kSwahili), low);
    EXPECT_LT(bias.unrelated(kSwahili), high);
    EXPECT_EQ(bias.unrelated(Language::parse("ja")), bias.unrelated(kSwahili)) << "no such passages: as all others";
  }
}

TEST_F(MultiVectorLanguageBiasTest, IsTheSameAtAnyNumberOfThreadsAndDoesNotAskWhatWasRemoved) {
  Passages passages(4, 1, 40);
  const auto segments = one(passages.vectors);
  EXPECT_EQ(MultiVectorLanguageBias::fit(segments, passages.languages, 1),
            MultiVectorLanguageBias::fit(segments, passages.languages, 3));
  // All but 13 of each are removed; the codebook is that of all in both.
  passages.languages.live.assign(passages.vectors.size(), 0);
  std::vector<std::uint8_t> kept(passages.vectors.size());
  for (std::size_t i = 0; i < 39; ++i) kept[i] = passages.languages.live[i] = 1;
  const auto path = folder_.path() / "left.seg";
  merge_multi_vector_segments(segments, kept, path, kStamp, {.threads = 1});
  const Segments left = {std::make_shared<const MultiVectorSegment>(path, kStamp)};
  const auto removed = MultiVectorLanguageBias::fit(segments, passages.languages, 1);
  passages.languages.live.clear();
  EXPECT_EQ(removed, MultiVectorLanguageBias::fit(left, passages.languages, 1));
}

TEST_F(MultiVectorLanguageBiasTest, IsTheSameAfterItWasKept) {
  const Passages passages(5, 1);
  const auto bias = MultiVectorLanguageBias::fit(one(passages.vectors), passages.languages, 1);
  expect_same_after_it_was_kept(bias, folder_);
}

}  // namespace
}  // namespace dragoman
