#include "retrieve/query_forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dragoman {
namespace {

using testing::ElementsAre;

Language lang(const char* tag) { return Language::parse(tag); }

/// Each union as "form|form times".
std::vector<std::string> shown(const QueryForms& forms) {
  std::vector<std::string> lines;
  for (const WordUnion& word : forms.unions()) {
    std::string& line = lines.emplace_back();
    for (const WeightedWord& form : word.words) line += (line.empty() ? "" : "|") + std::string(form.word);
    line += " " + std::to_string(static_cast<int>(word.times));
  }
  return lines;
}

// Turkish takes the first five letters of a word, English a stem, Korean pairs of syllables, which are no alternatives.
TEST(QueryForms, MakesOneOfAllFormsOfAWord) {
  const Analyzer analyzer("multilingual+spans");
  const std::vector<Language> others = {lang("tr"), lang("en"), lang("tr")};
  const QueryForms forms(analyzer, "libraries 도서관은 libraries", lang("en"), others);
  EXPECT_THAT(shown(forms), ElementsAre("libra|librari 2", "관은 1", "도서 1", "도서관은 1", "서관 1"));
  EXPECT_TRUE(forms.has_alternatives());
}

TEST(QueryForms, JoinsWhatASpanAndTheLanguageAroundItMakeOfAWord) {
  const Analyzer analyzer("multilingual+spans");
  const QueryForms forms(analyzer, "вода βιβλιοθήκες", lang("ru"), {});
  EXPECT_THAT(shown(forms), ElementsAre("βιβλιοθήκεσ|βιβλιοθηκ 1", "вод 1"));
  EXPECT_THAT(own_forms(analyzer, "вода βιβλιοθήκες", lang("ru")),
              ElementsAre(testing::Field(&Token::text, "вод"), testing::Field(&Token::text, "βιβλιοθήκεσ")));
}

TEST(QueryForms, GoesWithoutWordsThatOnlyAsk) {
  const Analyzer analyzer;
  const QueryForms forms(analyzer, "what is water", lang("en"), std::vector<Language>{lang("de"), lang("sw")});
  EXPECT_THAT(shown(forms), ElementsAre("wat|water 1"));
  EXPECT_FALSE(QueryForms(analyzer, "水 chai", lang("sw"), {}).has_alternatives());
}

}  // namespace
}  // namespace dragoman
