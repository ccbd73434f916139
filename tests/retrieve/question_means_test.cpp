#include "dragoman/retrieve/question_means.h"

#include <gmock/gmock.h>

#include <vector>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pointwise;
using testing::ThrowsMessage;

std::vector<Language> languages(const std::vector<std::string>& tags) {
  std::vector<Language> languages;
  for (const std::string& tag : tags) languages.push_back(Language::parse(tag));
  return languages;
}

// 30 questions each in Hausa and Yoruba. Of their means, (1, 0) and (0, 1), the centre is (0.5, 0.5), and 30 / 40 of
// the way from there is theirs: (0.875, 0.125) and its mirror image. Three quarters of it are taken off.
class OfTwoLanguages : public testing::Test {
 protected:
  OfTwoLanguages() {
    for (int i = 0; i < 30; ++i) {
      for (const float x : {i % 2 == 0 ? 1.5f : 0.5f, 0.0f, 0.0f, 1.0f}) vectors_.push_back(x);
      for (const char* tag : {"ha", "yo-NG"}) languages_.push_back(Language::parse(tag));
    }
  }
  std::vector<float> common(const std::vector<LanguageProbability>& parts) const {
    return QuestionMeans(vectors_, languages_, 2).common(parts);
  }
  std::vector<float> vectors_;
  std::vector<Language> languages_;
};

MATCHER_P(About, values, "") {
  return testing::ExplainMatchResult(Pointwise(FloatNear(1e-6f), std::vector<float>(values)), arg, result_listener);
}

TEST_F(OfTwoLanguages, SharesTheMeanOfItsLanguage) {
  EXPECT_THAT(common({{Language::parse("ha"), 1}}), About(std::vector<float>{0.75f * 0.875f, 0.75f * 0.125f}));
  EXPECT_THAT(common({{Language::parse("yo"), 1}}), About(std::vector<float>{0.75f * 0.125f, 0.75f * 0.875f}));
}

TEST_F(OfTwoLanguages, SharesTheMeanOfAllInALanguageThatTheSampleDoesNotHave) {
  EXPECT_THAT(common({{Language::parse("ig"), 1}}), About(std::vector<float>{0.375f, 0.375f}));
  EXPECT_THAT(common({}), About(std::vector<float>{0.375f, 0.375f}));
}

TEST_F(OfTwoLanguages, SharesOfEachLanguageByItsPart) {
  EXPECT_THAT(common({{Language::parse("ha"), 0.5}, {Language::parse("yo"), 0.5}}),
              About(std::vector<float>{0.375f, 0.375f}));
  EXPECT_THAT(common({{Language::parse("ha"), 0.5}, {Language::parse("en"), 0.5}}),
              About(std::vector<float>{0.75f * 0.6875f, 0.75f * 0.3125f}));
}

TEST_F(OfTwoLanguages, NamesItsLanguagesWithoutRegions) {
  EXPECT_THAT(QuestionMeans(vectors_, languages_, 2).languages(),
              ElementsAre(Language::parse("ha"), Language::parse("yo")));
}

TEST(QuestionMeans, TrustsAMeanOfFewQuestionsLess) {
  // One question in Thai beside 90 in Hindi: a 91st of the centre's weight that full trust would give, times 10 / 11.
  std::vector<float> vectors(180, 0.0f);
  for (std::size_t i = 0; i < 90; ++i) vectors[2 * i] = 1;
  vectors.insert(vectors.end(), {0, 1});
  std::vector<Language> tags(90, Language::parse("hi"));
  tags.push_back(Language::parse("th"));
  const auto thai =
      QuestionMeans(vectors, tags, 2).common(std::vector<LanguageProbability>{{Language::parse("th"), 1}});
  EXPECT_GT(thai[0], 0.5f) << "mostly what the others share";
  EXPECT_LT(thai[1], 0.25f);
}

TEST(QuestionMeans, RefusesNothingAndVectorsThatDoNotFit) {
  EXPECT_THAT([] { QuestionMeans({}, {}, 2); }, ThrowsMessage<InvalidArgument>(HasSubstr("at least one")));
  const std::vector<float> three = {1, 2, 3};
  EXPECT_THAT([&] { QuestionMeans(three, languages({"sw"}), 2); },
              ThrowsMessage<InvalidArgument>(HasSubstr("3 values are not 1 vectors of 2 dimensions")));
}

}  // namespace
}  // namespace dragoman
