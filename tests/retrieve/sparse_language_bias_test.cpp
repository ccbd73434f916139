#include "dragoman/retrieve/sparse_language_bias.h"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

#include "base/random.h"
#include "dragoman/sparse/sparse_index.h"
#include "retrieve/kept_bias.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using Weights = std::vector<SparseWeight>;
using Segments = std::vector<std::shared_ptr<const SparseSegment>>;

constexpr const char* kStamp = "1 sparse test";
constexpr std::uint32_t kCommon = 1, kSwahili = 2, kTopic = 3, kHalf = 4;

class SparseLanguageBiasTest : public testing::Test {
 protected:
  /// One passage a document, of documents numbered on from `first`.
  std::shared_ptr<const SparseSegment> segment(const std::vector<Weights>& passages, DocumentNumber first,
                                               std::uint32_t first_passage) {
    SparseSegmentBuilder builder(255);
    for (const Weights& weights : passages) builder.add({first++, {}}, weights);
    const auto path = folder_.path() / ("sparse-" + std::to_string(parts_++) + ".seg");
    builder.write(path, kStamp);
    return std::make_shared<const SparseSegment>(path, kStamp, first_passage);
  }
  Segments one(const std::vector<Weights>& passages) { return {segment(passages, 0, 0)}; }

  test::TemporaryFolder folder_;
  int parts_ = 0;
};

/// 100 passages each in Swahili and Japanese. All have kCommon; every one in Swahili, and no other, kSwahili; one in
/// ten of both kTopic; half of those in Swahili kHalf.
struct TwoLanguages {
  TwoLanguages() {
    languages.languages = {Language::parse("sw"), Language::parse("ja")};
    for (std::size_t i = 0; i < 200; ++i) {
      Weights weights = {{kCommon, 9}};
      if (i % 2 == 0) weights.push_back({kSwahili, 99});
      if (i / 2 % 10 == 0) weights.push_back({kTopic, 50});
      if (i % 4 == 0) weights.push_back({kHalf, 50});
      passages.push_back(weights);
      languages.of.push_back(i % 2);
    }
  }
  std::vector<Weights> passages;
  Collection::DocumentLanguages languages;
};

TEST_F(SparseLanguageBiasTest, TakesAwayWhatOneLanguageAloneHas) {
  const TwoLanguages given;
  const auto bias = SparseLanguageBias::fit(one(given.passages), given.languages);
  EXPECT_EQ(bias.factor(kCommon, 1), 1);
  EXPECT_EQ(bias.factor(kTopic, 1), 1);
  EXPECT_EQ(bias.factor(77, 1), 1) << "of no passage";
  // In (100 + 20 / 2) / 120 of Swahili and (20 / 2) / 120 of Japanese: of a variance of 1/4, (5/12)^2 is between them.
  EXPECT_NEAR(bias.factor(kSwahili, 1), 1 - 4 * 25.0 / 144, 1e-6);
  EXPECT_NEAR(bias.factor(kSwahili, 0.5f), 1 - 2 * 25.0 / 144, 1e-6);
  EXPECT_EQ(bias.factor(kSwahili, 0), 1);
  // (50 + 5) / 120 and 5 / 120, with a mean of 1/4: (5/24)^2 of 3/16.
  EXPECT_NEAR(bias.factor(kHalf, 1), 1 - 25.0 / 576 * 16 / 3, 1e-6);
}

TEST_F(SparseLanguageBiasTest, OfOneLanguageOrOfNothingChangesNothing) {
  TwoLanguages given;
  given.languages.languages = {Language::parse("sw-KE"), Language::parse("sw")};
  EXPECT_EQ(SparseLanguageBias::fit(one(given.passages), given.languages).factor(kSwahili, 1), 1);
  EXPECT_EQ(SparseLanguageBias::fit({}, {}).factor(kSwahili, 1), 1);
}

TEST_F(SparseLanguageBiasTest, IsThatOfAFreshCollectionHoweverItWasCutAndWhateverWasRemoved) {
  Random random(3);
  TwoLanguages given;
  given.languages.live.assign(200, 1);
  std::vector<Weights> left;
  Collection::DocumentLanguages left_languages{.languages = given.languages.languages, .of = {}, .live = {}};
  for (std::size_t i = 0; i < 200; ++i) {
    if (random.below(3) == 0) {
      given.languages.live[i] = 0;
    } else {
      left.push_back(given.passages[i]);
      left_languages.of.push_back(given.languages.of[i]);
    }
  }
  const auto fresh = SparseLanguageBias::fit(one(left), left_languages);
  EXPECT_EQ(SparseLanguageBias::fit(one(given.passages), given.languages), fresh);
  const Segments cut = {segment({given.passages.begin(), given.passages.begin() + 33}, 0, 0),
                        segment({given.passages.begin() + 33, given.passages.end()}, 33, 33)};
  EXPECT_EQ(SparseLanguageBias::fit(cut, given.languages), fresh);
}

TEST_F(SparseLanguageBiasTest, IsTheSameAfterItWasKept) {
  const TwoLanguages given;
  const auto bias = SparseLanguageBias::fit(one(given.passages), given.languages);
  expect_same_after_it_was_kept(bias, folder_);
}

}  // namespace
}  // namespace dragoman
