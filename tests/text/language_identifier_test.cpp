#include "dragoman/text/language_identifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ThrowsMessage;

/// Trained for a blink on de, en, sw, ru, ar, hi, ja and th.
std::filesystem::path tiny() { return test::source_dir() / "tests/golden/fasttext/softmax.bin"; }

double sum(const LanguagePosterior& posterior) {
  double all = 0;
  for (const LanguageProbability& item : posterior.languages) all += item.probability;
  return all;
}

double share(const LanguagePosterior& posterior, std::string_view tag) {
  for (const LanguageProbability& item : posterior.languages) {
    if (item.language.tag() == tag) return item.probability;
  }
  return 0;
}

Language lang(const char* tag) { return Language::parse(tag); }

TEST(LanguageIdentifier, KnowsTheScriptWithoutAModel) {
  const LanguageIdentifier identifier;
  EXPECT_FALSE(identifier.has_model());
  EXPECT_EQ(identifier.posterior("Где вода?").guess().language.tag(), "und-Cyrl");
  EXPECT_EQ(identifier.posterior("น้ำอยู่ที่ไหน").guess().language.tag(), "th");
  EXPECT_FALSE(identifier.posterior("น้ำ").by_model);
  EXPECT_TRUE(identifier.posterior("123").languages.empty());
  EXPECT_EQ(identifier.posterior("123").guess().language.tag(), "und");
}

TEST(LanguageIdentifier, NamesWithoutAModelWhatIdentifyLanguageNames) {
  const LanguageIdentifier identifier;
  for (const char* text : {"", "123", "abc", "abc где", "Где вода?", "น้ำ", "水", "水は", "한국어 漢字", "ελληνικά",
                           "ሰላም", "नमस्ते", "שלום", "سلام", "\xFF", "🙂", "ⲁⲃⲅ"}) {
    EXPECT_EQ(identifier.posterior(text).guess().language, identify_language(text).language) << text;
  }
}

TEST(LanguageIdentifier, SaysWhichLanguagesItKnows) {
  std::string tags;
  for (const Language& language : LanguageIdentifier(tiny()).known_languages()) tags += language.tag() + " ";
  EXPECT_EQ(tags, "ar de en hi ja ru sw th ");
}

// The model has eight languages; of them only one each is written in Thai, Arabic, Cyrillic letters.
TEST(LanguageIdentifier, NeverOverrulesTheScript) {
  const LanguageIdentifier identifier(tiny());
  for (const char* text : {"น้ำ", "Wo ist the น้ำอยู่ที่ไหนครับผมวันนี้โรงเรียนปิด", "ไม่"}) {
    const LanguagePosterior posterior = identifier.posterior(text);
    EXPECT_EQ(posterior.script, "Thai");
    for (const LanguageProbability& item : posterior.languages) EXPECT_EQ(item.language.script(), "Thai") << text;
  }
  EXPECT_EQ(identifier.posterior("ελληνικά").guess().language.tag(), "el");  // Of no label, but of a script.
  EXPECT_FALSE(identifier.posterior("ελληνικά").by_model);
  EXPECT_EQ(share(identifier.posterior("Где вода?"), "sw"), 0);
}

TEST(LanguageIdentifier, GivesProbabilities) {
  const LanguageIdentifier identifier(tiny());
  for (const char* text : {"maji yako wapi", "x", "wo ist das Wasser?", "где", "水", "a b c d e f g"}) {
    EXPECT_NEAR(sum(identifier.posterior(text)), 1, 1e-9) << text;
  }
}

TEST(LanguageIdentifier, IsNeverSureOfThreeWordsInLatinLetters) {
  const LanguageIdentifier identifier(tiny());
  for (const char* text : {"where is the", "wo ist das", "maji yako wapi", "the the the"}) {
    EXPECT_LT(identifier.posterior(text).best().confidence, 0.9f) << text;
  }
}

TEST(LanguageIdentifier, ReadsCapitalsAndAddressesAsTheyAreMeant) {
  const LanguageIdentifier identifier(tiny());
  const auto posterior = [&](const char* text) { return share(identifier.posterior(text), "de"); };
  EXPECT_EQ(posterior("WO IST DAS WASSER"), posterior("wo ist das wasser"));
  EXPECT_EQ(share(identifier.posterior("где вода a@b.de"), "ru"), share(identifier.posterior("где вода"), "ru"));
}

TEST(LanguagePosterior, GuessesOnlyWhatHasMoreThanHalf) {
  LanguagePosterior posterior{{{lang("sw"), 0.4}, {lang("id"), 0.35}, {lang("und-Latn"), 0.25}}, "Latn", true};
  EXPECT_EQ(posterior.guess().language.tag(), "und-Latn");
  EXPECT_FLOAT_EQ(posterior.guess().confidence, 0.6f);
  EXPECT_EQ(posterior.best().language.tag(), "sw");
  posterior.languages[0].probability = 0.51;
  EXPECT_EQ(posterior.guess().language.tag(), "sw");
}

TEST(LanguagePrior, MakesACollectionsLanguagesLikelier) {
  const LanguageIdentifier identifier(tiny());
  const LanguagePrior swahili{{{lang("sw"), 100}}, {}, {}}, german{{{lang("de"), 100}}, {}, {}};
  const char* text = "hotel radio";
  const double alone = share(identifier.posterior(text), "sw");
  EXPECT_GT(share(identifier.posterior(text, swahili), "sw"), alone);
  EXPECT_LT(share(identifier.posterior(text, german), "sw"), alone);
}

TEST(LanguagePrior, KnowsLanguagesThatTheModelDoesNot) {
  const LanguageIdentifier identifier(tiny());
  const LanguagePrior yoruba{{{lang("yo"), 100}}, {}, {}};
  EXPECT_EQ(share(identifier.posterior("omi wa nibo"), "yo"), 0);
  EXPECT_GT(share(identifier.posterior("omi wa nibo", yoruba), "yo"), 0.05);
}

// Half of the documents are Zulu, half Xhosa. "amanzi" is as usual in both, "phi" is a Zulu word here.
TEST(LanguagePrior, ListensToTheCollectionsWords) {
  const LanguageIdentifier identifier(tiny());
  LanguagePrior prior{{{lang("zu"), 100}, {lang("xh"), 100}}, {}, {}};
  EXPECT_DOUBLE_EQ(share(identifier.posterior("amanzi phi", prior), "zu"),
                   share(identifier.posterior("amanzi phi", prior), "xh"));
  prior.document_frequencies = [](std::string_view) -> std::vector<std::vector<double>> { return {{30, 30}, {40, 0}}; };
  const LanguagePosterior posterior = identifier.posterior("amanzi phi", prior);
  EXPECT_GT(share(posterior, "zu"), 4 * share(posterior, "xh"));
  EXPECT_NEAR(sum(posterior), 1, 1e-9);
}

// An English collection has "hotel", but none of the other words: they are those of another language.
TEST(LanguagePrior, HearsThatTheCollectionLacksWords) {
  const LanguageIdentifier identifier(tiny());
  LanguagePrior prior{{{lang("en"), 100}}, {}, {}};
  const double before = share(identifier.posterior("hotel maji yako", prior), "en");
  prior.document_frequencies = [](std::string_view) -> std::vector<std::vector<double>> { return {{7}, {0}, {0}}; };
  EXPECT_LT(share(identifier.posterior("hotel maji yako", prior), "en"), before);
}

TEST(LanguagePrior, AllowsNothingElseThanWhatIsAllowed) {
  const LanguageIdentifier identifier(tiny());
  const LanguagePrior prior{{{lang("de"), 1000}}, {}, {lang("sw"), lang("hi")}};
  const auto tags = [&](const char* text) {
    std::vector<std::string> list;
    for (const LanguageProbability& item : identifier.posterior(text, prior).languages) {
      list.push_back(item.language.tag());
    }
    std::ranges::sort(list);
    return list;
  };
  EXPECT_THAT(tags("wo ist das wasser"), testing::ElementsAre("hi", "sw"));  // Latin letters may romanise Hindi.
  EXPECT_THAT(tags("पानी कहाँ है"), testing::ElementsAre("hi"));
  EXPECT_THAT(tags("123"), testing::ElementsAre("hi", "sw"));
  EXPECT_THAT(tags("где вода"), testing::ElementsAre("hi", "sw"));  // Neither is written so; one of them it must be.
}

TEST(LanguageIdentifier, RefusesLabelsThatAreNoLanguages) {
  EXPECT_THAT(
      [] { LanguageIdentifier(test::source_dir() / "tests/golden/fasttext/quantised_output.ftz"); },
      ThrowsMessage<InvalidData>(testing::HasSubstr("\" is no language; a model that tells languages is needed")));
  EXPECT_THROW(LanguageIdentifier("no/such.ftz"), NotFound);
}

TEST(Segment, CoversTheTextWithoutGaps) {
  for (const LanguageIdentifier& identifier : {LanguageIdentifier(), LanguageIdentifier(tiny())}) {
    for (const std::string text :
         {"wo ist das wasser where is the water", "  где the\n\nвода 水はどこですか。东京! ", "น้ำ", "a"}) {
      std::size_t end = 0;
      for (const LanguageSpan& span : identifier.segment(text)) {
        EXPECT_EQ(span.range.begin, end);
        EXPECT_GT(span.range.end, span.range.begin);
        end = span.range.end;
      }
      EXPECT_EQ(end, text.size());
    }
    EXPECT_TRUE(identifier.segment("").empty());
    EXPECT_TRUE(identifier.segment("12 34").empty());
  }
}

TEST(Segment, CutsByScriptFirst) {
  std::string spans;
  const std::string text = "Где вода? 水はどこですか น้ำอยู่ที่ไหน";
  for (const LanguageSpan& span : LanguageIdentifier(tiny()).segment(text)) {
    spans += span.language.tag() + ":" + std::string(span.range.of(text)) + "|";
  }
  EXPECT_EQ(spans, "ru:Где вода? |ja:水はどこですか |th:น้ำอยู่ที่ไหน|");
}

}  // namespace
}  // namespace dragoman
