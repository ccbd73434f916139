#include "dragoman/text/language.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ThrowsMessage;

std::string tag_of(std::string_view text) { return Language::parse(text).tag(); }

TEST(Language, IsUndeterminedAtFirst) {
  EXPECT_EQ(Language().tag(), "und");
  EXPECT_TRUE(Language().undetermined());
}

TEST(Language, ReadsEveryKindOfCodeAsTheShortest) {
  for (const char* german : {"de", "deu", "ger", "de-Latn", "deu_Latn", "deu-Latn", "DE"}) {
    EXPECT_EQ(tag_of(german), "de") << german;
  }
}

TEST(Language, ReadsIndividualLanguagesAsTheOneThatPeopleMean) {
  EXPECT_EQ(tag_of("arb_Arab"), "ar");
  EXPECT_EQ(tag_of("cmn"), "zh");
  EXPECT_EQ(tag_of("zho_Hans"), "zh");
  EXPECT_EQ(tag_of("swh_Latn"), "sw");
  EXPECT_EQ(tag_of("pes_Arab"), "fa");
  EXPECT_EQ(tag_of("pbt_Arab"), "ps");
  EXPECT_EQ(tag_of("zsm_Latn"), "ms");
  EXPECT_EQ(tag_of("tgl_Latn"), "tl");
  EXPECT_EQ(tag_of("iw"), "he");
}

TEST(Language, KeepsAScriptThatIsNotTheUsualOne) {
  EXPECT_EQ(tag_of("urd_Latn"), "ur-Latn");
  EXPECT_EQ(tag_of("zho_Hant"), "zh-Hant");
  EXPECT_EQ(tag_of("kas_Deva"), "ks-Deva");
  EXPECT_EQ(tag_of("und-Cyrl"), "und-Cyrl");
}

TEST(Language, KeepsARegionAndDropsVariantsAndExtensions) {
  EXPECT_EQ(tag_of("pt_BR"), "pt-BR");
  EXPECT_EQ(tag_of("es-419"), "es-419");
  EXPECT_EQ(tag_of("de-AT-1996-u-co-phonebk"), "de-AT");
}

TEST(Language, ReadsItsOwnTagsUnchanged) {
  for (const char* tag : {"en", "zh-Hant", "zh-TW", "ur-Latn", "pt-BR", "fa-AF", "und", "und-Deva", "quy", "mul"}) {
    EXPECT_EQ(tag_of(tag), tag);
  }
}

TEST(Language, RefusesWhatIsNoTagAndSaysWhatIs) {
  EXPECT_THAT([] { Language::parse("english"); },
              ThrowsMessage<InvalidArgument>("'english' is not a language tag; legal ones look like en, eng, pt-BR, "
                                             "zh-Hant, eng_Latn or und"));
  for (const char* wrong : {"", "-", "e", "en-", "en--US", "en US", "12", "日本語", "../etc", "english"}) {
    EXPECT_THROW(Language::parse(wrong), InvalidArgument) << wrong;
  }
  EXPECT_THROW(Language::parse(std::string_view("en\0us", 5)), InvalidArgument);
}

TEST(Language, KnowsTheScriptWrittenOrImplied) {
  EXPECT_EQ(Language::parse("sr").script(), "Cyrl");
  EXPECT_EQ(Language::parse("sr-Latn").script(), "Latn");
  EXPECT_EQ(Language::parse("zh-TW").script(), "Hant");
  EXPECT_EQ(Language::parse("und-Thai").script(), "Thai");
  EXPECT_EQ(Language::parse("quy").script(), "Latn");
  EXPECT_EQ(Language().script(), "");
}

TEST(Language, KnowsThePrimarySubtag) { EXPECT_EQ(Language::parse("zho_Hant").primary(), "zh"); }

TEST(Language, KnowsTheCodeOfThreeLetters) {
  EXPECT_EQ(Language::parse("de").iso_639_3(), "deu");
  EXPECT_EQ(Language::parse("zh-Hant").iso_639_3(), "zho");
  EXPECT_EQ(Language::parse("sw").iso_639_3(), "swa");
  EXPECT_EQ(Language::parse("hau_Latn").iso_639_3(), "hau");
  EXPECT_EQ(Language::parse("ast").iso_639_3(), "ast");
  EXPECT_EQ(Language().iso_639_3(), "und");
}

TEST(Language, ReadsEveryFloresLabelKeepingItsScript) {
  const auto path = test::shared_dir() / "data/lid/lid.tsv.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "needs " << path;
  LineReader reader(path.string());
  std::set<std::string> labels;
  for (std::string_view line; reader.next(line);) labels.emplace(line.substr(0, line.find('\t')));
  EXPECT_EQ(labels.size(), 205u);
  for (const std::string& label : labels) {
    const std::string script = Language::parse(label).script();
    EXPECT_EQ(script == "Kore" ? "Hang" : script, label.substr(4)) << label;
  }
}

TEST(LanguageMatches, TakesEveryRegionAndScriptUnlessOneIsNamed) {
  const auto matching = [](const char* wanted, const char* document) {
    return matches(Language::parse(wanted), Language::parse(document));
  };
  EXPECT_TRUE(matching("zh", "zh-Hant"));
  EXPECT_FALSE(matching("zh-Hant", "zh"));
  EXPECT_TRUE(matching("zh-Hant", "zh-TW"));
  EXPECT_TRUE(matching("pt", "pt-BR"));
  EXPECT_FALSE(matching("pt-BR", "pt-PT"));
  EXPECT_FALSE(matching("ur-Latn", "ur"));
  EXPECT_FALSE(matching("hi", "ur"));
  EXPECT_TRUE(matching("arb_Arab", "ar"));
}

std::string guess(std::string_view text) { return identify_language(text).language.tag(); }

TEST(IdentifyLanguage, NamesTheLanguageThatDominatesAScript) {
  EXPECT_EQ(guess("한국어 문장입니다"), "ko");
  EXPECT_EQ(guess("東京都に住んでいます"), "ja");
  EXPECT_EQ(guess("カタカナ"), "ja");
  EXPECT_EQ(guess("我住在北京"), "zh");
  EXPECT_EQ(guess("ภาษาไทย"), "th");
  EXPECT_EQ(guess("Καλημέρα κόσμε"), "el");
  EXPECT_EQ(guess("שלום עולם"), "he");
}

TEST(IdentifyLanguage, NamesOnlyTheScriptThatManyLanguagesShare) {
  EXPECT_EQ(guess("Habari ya asubuhi"), "und-Latn");
  EXPECT_EQ(guess("Доброе утро"), "und-Cyrl");
  EXPECT_EQ(guess("सुप्रभात"), "und-Deva");
  EXPECT_EQ(guess("صباح الخير"), "und-Arab");
  EXPECT_EQ(guess("ሰላም"), "und-Ethi");
}

TEST(IdentifyLanguage, KnowsNothingOfATextWithoutLetters) {
  EXPECT_EQ(guess(""), "und");
  EXPECT_EQ(guess("12:30 – 😀!"), "und");
  EXPECT_EQ(identify_language("123").confidence, 0.0f);
}

TEST(IdentifyLanguage, GivesTheShareOfLettersAsConfidence) {
  EXPECT_FLOAT_EQ(identify_language("abc где").confidence, 0.5f);
  EXPECT_FLOAT_EQ(identify_language("abcd").confidence, 1.0f);
}

TEST(IdentifyLanguage, IsNeverSureOfAGuessedLanguage) {
  EXPECT_FLOAT_EQ(identify_language("ภาษาไทย").confidence, 0.9f);
}

TEST(IdentifyLanguage, DecidesACodeSwitchedTextByItsMostLetters) {
  EXPECT_EQ(guess("Yaar, मुझे iPhone का battery बदलना है"), "und-Latn");
  EXPECT_EQ(guess("iPhoneの電池を交換したいのですが、どこに行けばいいですか"), "ja");
}

TEST(IdentifyLanguage, TakesOneKanaInAChineseTextForAQuotation) {
  EXPECT_EQ(guess("这家名叫の的奶茶店在上海开了第一百家分店生意非常好"), "zh");
}

TEST(IdentifyLanguage, ReadsIllFormedBytesAsNoLetters) { EXPECT_EQ(guess("\xFF\xFE\xE3\x81"), "und"); }

TEST(IdentifyLanguage, LooksAtTheFirst64KiBOnly) {
  EXPECT_EQ(guess(std::string(64 << 10, 'a') + "ภาษาไทย"), "und-Latn");
  EXPECT_FLOAT_EQ(identify_language(std::string(64 << 10, 'a') + "ภาษาไทย").confidence, 1.0f);
}

}  // namespace
}  // namespace dragoman
