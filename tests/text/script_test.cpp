#include "dragoman/text/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman {
namespace {

using testing::ElementsAre;

/// "Latn:abc |Cyrl:где": scripts with their parts of the text.
std::string spans(std::string_view text) {
  std::string all;
  for (const ScriptSpan& span : script_spans(text)) {
    all += (all.empty() ? "" : "|") + span.script + ":" + std::string(span.range.of(text));
  }
  return all;
}

TEST(ScriptSpans, AreCutWhereTheScriptChanges) {
  EXPECT_EQ(spans("Где the вода?"), "Cyrl:Где |Latn:the |Cyrl:вода?");
  EXPECT_EQ(spans("น้ำ water"), "Thai:น้ำ |Latn:water");
  EXPECT_EQ(spans("سلام 123 hello!"), "Arab:سلام 123 |Latn:hello!");
  EXPECT_EQ(spans("\"हिन्दी\" और English"), "Deva:\"हिन्दी\" और |Latn:English");
}

TEST(ScriptSpans, KeepTogetherWhatIsWrittenTogether) {
  EXPECT_EQ(spans("東京タワーへ行く"), "Jpan:東京タワーへ行く");
  EXPECT_EQ(spans("东京铁塔"), "Hani:东京铁塔");
  EXPECT_EQ(spans("한국어 漢字"), "Kore:한국어 漢字");
}

TEST(ScriptSpans, NeedLetters) {
  EXPECT_EQ(spans(""), "");
  EXPECT_EQ(spans("123 -- 🙂"), "");
  EXPECT_EQ(spans("\xFF\xFE"), "");
  EXPECT_EQ(spans("1. Wapi"), "Latn:1. Wapi");
}

TEST(DominantScript, IsThatOfMostLetters) {
  EXPECT_EQ(dominant_script("abc где-то").script, "Cyrl");
  EXPECT_DOUBLE_EQ(dominant_script("abc где").share, 0.5);
  EXPECT_EQ(dominant_script("abc где").letters, 6u);
  EXPECT_EQ(dominant_script("123").script, "");
  EXPECT_EQ(dominant_script("ここ").script, "Jpan");
  EXPECT_EQ(dominant_script("한국").script, "Kore");
}

TEST(ScriptsOf, BeginsWithTheUsualOne) {
  EXPECT_THAT(scripts_of(Language::parse("sr")).scripts, ElementsAre("Cyrl", "Latn"));
  EXPECT_THAT(scripts_of(Language::parse("sr-Latn")).scripts, ElementsAre("Latn"));
  EXPECT_THAT(scripts_of(Language::parse("de")).scripts, ElementsAre("Latn"));
  EXPECT_THAT(scripts_of(Language::parse("ja")).scripts, ElementsAre("Jpan"));
}

TEST(WrittenIn, NamesAScriptThatIsNotTheUsualOne) {
  const auto written = [](const char* language, const char* script) {
    return written_in(Language::parse(language), script).tag();
  };
  EXPECT_EQ(written("sr", "Cyrl"), "sr");
  EXPECT_EQ(written("sr", "Latn"), "sr-Latn");
  EXPECT_EQ(written("uz", "Cyrl"), "uz-Cyrl");
  EXPECT_EQ(written("sr-Latn", "Cyrl"), "und");
  EXPECT_EQ(written("ru", "Thai"), "und");
  EXPECT_EQ(written("zh", "Hani"), "zh");
  EXPECT_EQ(written("ja", "Hani"), "ja");
  EXPECT_EQ(written("ja", "Jpan"), "ja");
  EXPECT_EQ(written("zh", "Jpan"), "und");
  EXPECT_EQ(written("ko", "Kore"), "ko");
  EXPECT_EQ(written("hi", "Latn"), "und");
}

TEST(LanguageOfScript, IsTheOneThatDominatesIt) {
  EXPECT_EQ(language_of_script("Thai").tag(), "th");
  EXPECT_EQ(language_of_script("Hang").tag(), "ko");
  EXPECT_EQ(language_of_script("Latn").tag(), "und");
  EXPECT_EQ(language_of_script("Cyrl").tag(), "und");
}

}  // namespace
}  // namespace dragoman
