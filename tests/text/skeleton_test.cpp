#include "dragoman/text/skeleton.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace dragoman {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> terms(std::string_view text, std::string_view language = "und",
                               SkeletonSide side = SkeletonSide::document) {
  std::vector<std::string> keys;
  for (const Token& term : skeleton_terms(text, Language::parse(language), side)) keys.push_back(term.text);
  return keys;
}

void expect_one_skeleton(const std::vector<std::string_view>& spellings) {
  for (const std::string_view spelling : spellings) EXPECT_EQ(skeleton(spelling), skeleton(spellings[0])) << spelling;
}

TEST(Skeleton, IsOneForSpellingsAcrossScripts) {
  expect_one_skeleton({"kitab", "kitaab", "Kitaab", "کتاب", "كتاب", "किताब"});
  expect_one_skeleton({"Moskva", "Moskwa", "Москва"});
  expect_one_skeleton({"Putin", "Poutine", "Pootin", "Путин", "پوتین", "Πούτιν"});
  expect_one_skeleton({"Beijing", "北京"});
  expect_one_skeleton({"Tokyo", "Tookyoo", "Tokio", "トウキョウ"});
  expect_one_skeleton({"Delhi", "Dilli", "दिल्ली"});
  expect_one_skeleton({"Thessaloniki", "Tessaloniki", "Θεσσαλονίκη"});
  expect_one_skeleton({"Yeltsin", "Eltsin", "Ельцин"});
  expect_one_skeleton({"Djokovich", "Đoković", "Ђоковић"});
}

TEST(Skeleton, IsOneForRomanisationsOfRussian) {
  // Popular, scientific (ISO 9) and German.
  expect_one_skeleton({"Pushkin", "Puškin", "Puschkin", "Пушкин"});
  expect_one_skeleton({"Chekhov", "Čekhov", "Tschekhow", "Tchekhov", "Чехов"});
}

TEST(Skeleton, KeepsDifferentWordsApart) {
  EXPECT_NE(skeleton("Minsk"), skeleton("Omsk"));
  EXPECT_NE(skeleton("kitab"), skeleton("katib"));
  EXPECT_NE(skeleton("Paris"), skeleton("Berlin"));
  EXPECT_NE(skeleton("sari"), skeleton("shari"));
}

TEST(Skeleton, ReadsTheDigitsOfArabicChat) {
  EXPECT_EQ(skeleton("7abibi"), "habibi");
  EXPECT_EQ(skeleton("3arab"), "arab");
  EXPECT_EQ(skeleton("mp3"), "mp3");  // Too short for one.
  EXPECT_EQ(skeleton("1984"), "1984");
}

TEST(Skeleton, OfNothingIsNothing) {
  EXPECT_EQ(skeleton(""), "");
  EXPECT_EQ(skeleton("—!"), "");
  EXPECT_EQ(consonant_skeleton("ao"), "");
}

TEST(ConsonantSkeleton, IsOneWhereVowelsDiffer) {
  for (const std::string_view spelling : {"Mohammed", "Muhammad", "Mohamed", "محمد", "Мухаммед", "मोहम्मद"}) {
    EXPECT_EQ(consonant_skeleton(spelling), "MHMD") << spelling;
  }
  EXPECT_EQ(consonant_skeleton("Putin"), consonant_skeleton("بوتين", Language::parse("ar")));
  EXPECT_EQ(consonant_skeleton("ka"), "");  // Says too little.
}

TEST(SkeletonTerms, AreTheKeysOfEachWordWithItsRange) {
  const auto keys = skeleton_terms("नई किताब", Language::parse("hi"), SkeletonSide::document);
  EXPECT_THAT(keys, ElementsAre(Token{"nai", 0, 6}, Token{"kitab", 7, 22}, Token{"KTB", 7, 22}));
}

TEST(SkeletonTerms, OfChineseAreNeighbouringSyllables) {
  EXPECT_THAT(terms("旧金山", "zh"), ElementsAre("jiujin", "jinxan"));
  EXPECT_THAT(terms("jiujinshan", "und", SkeletonSide::query), testing::IsSupersetOf({"jiujin", "jinxan"}));
  EXPECT_THAT(terms("jiu jin shan", "und", SkeletonSide::query), testing::IsSupersetOf({"jiujin", "jinxan"}));
  // ü is typed as v.
  EXPECT_THAT(terms("lvyou", "und", SkeletonSide::query), Contains(terms("旅游", "zh").at(0)));
}

TEST(SkeletonTerms, OfChineseHaveTheBytesOfTheirCharacters) {
  // The mark has two bytes, and joins the word it stands in.
  EXPECT_THAT(skeleton_terms("中\u0301国人", {}, SkeletonSide::document),
              ElementsAre(Token{"jung", 0, 5}, Token{"gu", 3, 8}, Token{"gurin", 5, 11}));
}

TEST(SkeletonTerms, OfArabicAreWithoutTheArticle) {
  EXPECT_THAT(terms("والكتاب", "ar"), ElementsAre("kitab", "KTB"));
  EXPECT_THAT(terms("alkitab", "ar-Latn", SkeletonSide::query), Contains("KTB"));
  EXPECT_THAT(terms("alkitab", "ar-Latn"), Not(Contains("KTB")));  // A query alone is given guesses.
}

TEST(SkeletonTerms, OfKatakanaMeetTheSpellingOfOtherLanguages) {
  const std::vector<std::string> murdoch = terms("マードック", "ja");
  EXPECT_THAT(murdoch, Contains("~MDK"));
  EXPECT_THAT(terms("Murdock", "und", SkeletonSide::query), Contains("~MDK"));
  EXPECT_THAT(terms("Rousseau", "und", SkeletonSide::query), Contains(terms("ルソー", "ja").back()));
}

TEST(SkeletonTerms, OfAQueryReadScholarlyRussianAndTypedGreek) {
  EXPECT_THAT(terms("Jel'cin", "und", SkeletonSide::query), Contains(skeleton("Ельцин")));
  EXPECT_THAT(terms("Čajkovskij", "und", SkeletonSide::query), Contains(skeleton("Чайковский")));
  EXPECT_THAT(terms("8essaloniki", "el-Latn", SkeletonSide::query), Contains(skeleton("Θεσσαλονίκη")));
  EXPECT_THAT(terms("kalhmera", "el-Latn", SkeletonSide::query), Contains(skeleton("καλημέρα")));
}

TEST(SkeletonTerms, OfKanjiAreThoseOfTheJapaneseList) {
  EXPECT_THAT(terms("東京は", "ja"), Contains(skeleton("Tokyo")));
  // Chinese or Japanese, nobody can say: both.
  EXPECT_THAT(terms("東京", "und"), testing::IsSupersetOf({skeleton("Tokyo"), skeleton("Dongjing")}));
}

TEST(SkeletonTerms, OfNothingAreNone) {
  EXPECT_THAT(terms(""), IsEmpty());
  EXPECT_THAT(terms(" .,! ", "ru"), IsEmpty());
}

}  // namespace
}  // namespace dragoman
