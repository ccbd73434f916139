#include "engine/question_languages.h"

#include <gmock/gmock.h>

#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::query;

std::vector<std::pair<std::string, double>> parts(const Query& asked, const std::vector<std::string>& known) {
  std::vector<Language> languages;
  for (const std::string& tag : known) languages.push_back(Language::parse(tag));
  std::vector<std::pair<std::string, double>> parts;
  for (const auto& [language, part] : languages_within(asked, LanguageIdentifier(), languages)) {
    parts.emplace_back(language.tag(), part);
  }
  return parts;
}

using Parts = std::vector<std::pair<std::string, double>>;

// Without a model scripts tell languages, as far as one language alone is written in them.
TEST(LanguagesWithin, AreThePartsOfAQuestionThatIsInSeveral) {
  // Seven characters of 16 are Thai; the space between belongs to what is before it.
  EXPECT_EQ(parts(query("elephant ช้างไทย", "en"), {"en", "th"}), (Parts{{"en", 9.0 / 16}, {"th", 7.0 / 16}}));
  EXPECT_EQ(parts(query("ช้างไทย", "th"), {"en", "th"}), (Parts{{"th", 1}}));
}

TEST(LanguagesWithin, AreTheQuestionsOwnWhereTheCollectionHasNothingInTheOther) {
  EXPECT_EQ(parts(query("elephant ช้างไทย", "en"), {"en", "ja"}), (Parts{{"en", 1}}));
  EXPECT_EQ(parts(query("elephant ช้างไทย", "sw"), {"th"}), (Parts{{"sw", 9.0 / 16}, {"th", 7.0 / 16}}));
}

TEST(LanguagesWithin, OfNothingAreTheQuestionsOwn) {
  EXPECT_EQ(parts(query("", "hi"), {"hi"}), (Parts{{"hi", 1}}));
  EXPECT_EQ(parts(query("12 ?", "de-CH"), {"hi"}), (Parts{{"de", 1}}));
  EXPECT_EQ(parts(query("12 ?"), {"hi"}), (Parts{{"und", 1}}));
}

}  // namespace
}  // namespace dragoman
