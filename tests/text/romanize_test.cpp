#include "dragoman/text/romanize.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace dragoman {
namespace {

std::string latin(std::string_view text, std::string_view language = "und") {
  return romanize(text, Language::parse(language));
}

TEST(Romanize, LeavesLatinTextAsItIs) {
  EXPECT_EQ(latin("Ærøskøbing, naïve café — 12 %"), "Ærøskøbing, naïve café — 12 %");
  EXPECT_EQ(latin(""), "");
}

TEST(Romanize, ReadsCyrillicAsNewspapersDo) {
  EXPECT_EQ(latin("Москва Хрущёв Достоевский"), "Moskva Khrushchyov Dostoevsky");
  EXPECT_EQ(latin("Щука ЩУКА"), "Shchuka SHCHUKA");
}

TEST(Romanize, ReadsCyrillicByLanguage) {
  EXPECT_EQ(latin("Харків Київ Їжак", "uk"), "Kharkiv Kyiv Yizhak");
  EXPECT_EQ(latin("Търново Пловдив", "bg"), "Tarnovo Plovdiv");
  EXPECT_EQ(latin("Београд Живковић", "sr"), "Beograd Živković");
  EXPECT_EQ(latin("Горад", "be"), "Horad");
}

TEST(Romanize, ReadsGreekLettersTogether) {
  EXPECT_EQ(latin("Αθήνα ουρανός Ευαγγελία αυτός Γκάνα"), "Athina ouranos Evangelia aftos Gana");
}

TEST(Romanize, ReadsTheAlphabetsOfTheCaucasus) {
  EXPECT_EQ(latin("Երևան Ոսկի"), "Yerevan Voski");
  EXPECT_EQ(latin("თბილისი საქართველო"), "tbilisi sakartvelo");
}

TEST(Romanize, ReadsEthiopicSyllables) { EXPECT_EQ(latin("አዲስ አበባ ሰላም"), "adis abeba selam"); }

TEST(Romanize, PutsVowelsIntoArabic) {
  EXPECT_EQ(latin("محمد القاهرة كتاب", "ar"), "muhammad al-qahira kitab");
  EXPECT_EQ(latin("حرب سعيد طويل", "ar"), "harb said tawil");  // A list has the first; rules give the others.
  EXPECT_EQ(latin("مُدَرِّس", "ar"), "mudarris");                  // Vowels that are written are read.
}

TEST(Romanize, ReadsLettersOfPersianAndUrduInTheirWay) {
  EXPECT_EQ(latin("پوتین تهران خانه", "fa"), "putin tehran khane");
  EXPECT_EQ(latin("لڑکا گھر اچھا لڑکے", "ur"), "larka ghar achha larke");
}

TEST(Romanize, PutsVowelsIntoHebrewAndReadsPoints) {
  EXPECT_EQ(latin("שלום תל אביב עולם", "he"), "shalom tel aviv olam");
  EXPECT_EQ(latin("בְּרֵאשִׁית", "he"), "breshit");
}

TEST(Romanize, DropsTheVowelsThatHindiDoesNotSpeak) {
  EXPECT_EQ(latin("किताब भारत नमकीन कलकत्ता लड़का", "hi"), "kitab bharat namkin kalkatta larka");
  EXPECT_EQ(latin("मित्र प्रिय ज्ञान", "hi"), "mitra priya gyan");  // Where they are spoken.
  EXPECT_EQ(latin("धर्म योग", "sa"), "dharma yoga");              // Sanskrit speaks them all.
}

TEST(Romanize, ReadsTheOtherScriptsOfIndia) {
  EXPECT_EQ(latin("কলকাতা বাংলাদেশ", "bn"), "kolkata bangladesh");
  EXPECT_EQ(latin("ਪੰਜਾਬ ਪੱਕਾ", "pa"), "panjab pakka");
  EXPECT_EQ(latin("ગુજરાત", "gu"), "gujrat");
  EXPECT_EQ(latin("சென்னை இந்தியா மதுரை", "ta"), "chennai indhiya madhurai");
  EXPECT_EQ(latin("తెలుగు", "te"), "telugu");
  EXPECT_EQ(latin("ಬೆಂಗಳೂರು", "kn"), "bengaluru");
  EXPECT_EQ(latin("കേരളം", "ml"), "keralam");
  EXPECT_EQ(latin("ଓଡ଼ିଶା", "or"), "orisha");
  EXPECT_EQ(latin("ශ්‍රී ලංකා", "si"), "shri lanka");
}

TEST(Romanize, ReadsThaiVowelsWhereTheyAreSpoken) {
  EXPECT_EQ(latin("กรุงเทพ"), "krungthep");
  EXPECT_EQ(latin("เชียงใหม่"), "chiangmai");
  EXPECT_EQ(latin("ขอบคุณ"), "khopkhun");
  EXPECT_EQ(latin("ถนน"), "thanon");  // No vowel is written.
  EXPECT_EQ(latin("จันทร์"), "chan");   // The last two letters are crossed out.
  EXPECT_EQ(latin("ธรรม กรรมการ"), "tham kamkan");
}

TEST(Romanize, ReadsLaoKhmerAndBurmese) {
  EXPECT_EQ(latin("ວຽງຈັນ"), "viangchan");
  EXPECT_EQ(latin("កម្ពុជា"), "kampuchea");
  EXPECT_EQ(latin("ភ្នំពេញ"), "phnumpenh");
  EXPECT_EQ(latin("မြန်မာ"), "myanma");
}

TEST(Romanize, JoinsKoreanSyllables) {
  EXPECT_EQ(latin("서울 부산 한국어"), "seoul busan hangugeo");
  EXPECT_EQ(latin("신라 독립문 백마 좋다 같이"), "silla dongnimmun baengma jota gachi");
}

TEST(Romanize, GivesPinyinWithoutTonesAndSpacesBetweenWords) {
  EXPECT_EQ(latin("北京 重庆 西安 女"), "beijing chongqing xi'an nü");
  EXPECT_EQ(latin("北京2008年"), "beijing 2008 nian");
}

TEST(Romanize, ReadsKanaByHepburn) {
  EXPECT_EQ(latin("トウキョウ ホッカイドウ シンイチ サッチャー", "ja"), "tokyo hokkaido shin'ichi satcha");
  EXPECT_EQ(latin("しんじゅく"), "shinjuku");
  EXPECT_EQ(latin("ヴェトナム ファイル"), "vetonamu fairu");
}

TEST(Romanize, ReadsKanjiOfItsListInJapaneseTextsOnly) {
  EXPECT_EQ(latin("東京", "ja"), "tokyo");
  EXPECT_EQ(latin("東京", "zh"), "dongjing");
  EXPECT_EQ(latin("東京タワー"), "tokyotawa");  // Kana tell that it is Japanese.
  EXPECT_EQ(latin("闇", "ja"), "an");           // Not in the list: pinyin, which is wrong.
}

TEST(Romanize, ReadsDigitsAndPunctuationOfAllScripts) {
  EXPECT_EQ(latin("१२३ ٤٥٦ ๗๘ ９"), "123 456 78 9");
  EXPECT_EQ(latin("كم؟ नहीं।", "und"), "kam? nahin.");
}

TEST(Romanize, ResolvesCompatibilityForms) {
  EXPECT_EQ(latin("ﻣﺤﻤﺪ"), "muhammad");
  EXPECT_EQ(latin("ｶﾀｶﾅ"), "katakana");
}

TEST(Romanize, LeavesScriptsThatNobodyReads) {
  EXPECT_EQ(latin("ދިވެހި"), "divehi");  // ICU reads Thaana.
  EXPECT_EQ(latin("ᏣᎳᎩ"), "ᏣᎳᎩ");     // It has no Latin for Cherokee.
}

TEST(Romanize, IllFormedBytesBecomeReplacementCharacters) {
  EXPECT_EQ(latin("а\xFF"
                  "б"),
            "a\xEF\xBF\xBD"
            "b");
}

// A word's reading does not depend on what stands around it, in scripts that have spaces.
TEST(Romanize, ReadsEachWordByItself) {
  const std::vector<std::string_view> words = {"Москва", "كتاب",    "किताब", "Αθήνα", "서울",
                                               "שלום",   "ქართული", "тест",  "abc"};
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    std::string text, expected;
    for (int i = 0; i < 5; ++i) {
      const std::string_view word = words[random.below(words.size())];
      text += (i == 0 ? "" : " ") + std::string(word);
      expected += (i == 0 ? "" : " ") + latin(word);
    }
    EXPECT_EQ(latin(text), expected) << text;
  }
}

}  // namespace
}  // namespace dragoman
