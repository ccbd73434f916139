#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unicode/uchar.h>

#include <random>
#include <string>
#include <vector>

#include "dragoman/base/utf8.h"
#include "dragoman/text/analyzer.h"
#include "text/analysis/folding.h"
#include "text/slow_analyzer.h"

namespace dragoman {
namespace {

/// A character of each kind that word boundaries and folding tell apart, in many scripts.
const std::vector<std::string> kPieces = {
    "a",      "B",      "z",      "é",       "ß",      "İ",      "I",      "ı",      "ﬁ",      "ſ",      "Σ",
    "ς",      "ж",      "Ё",      "й",       "א",      "ל",      "ش",      "ة",      "ک",      "न",      "क",
    "ি",      "\u094D", "\u093C", "ཀ",       "ก",      "ข",      "ำ",      "ๆ",      "ພ",      "ក",      "က",
    "中",     "國",     "の",     "カ",      "ー",     "ｶ",      "ﾞ",      "々",     "ㄅ",     "한",     "ㅏ",
    "0",      "9",      "٣",      "५",       "²",      "½",      "'",      "’",      "\u02BC", "\"",     ".",
    ",",      ":",      ";",      "·",       "_",      "‿",      "-",      "@",      "#",      "/",      "(",
    "\u00AB", " ",      "\t",     "\n",      "\r",     "\u00A0", "\u3000", "\u2028", "\u0301", "\u0307", "\u0323",
    "\u200D", "\u200C", "\u00AD", "\u200B",  "\uFE0F", "❤",      "😀",      "👩",      "🇩",      "🇪",      "$",
    "€",      "+",      "\u0640", "\u064E",  "\u0651", "\u05B8", "\uFDFA", "㈱",     "ﾟ",      "゛",     "\u3099",
    "\xE3",   "\x81",   "\xFF",   "\xF0\x9F"};

std::string random_text(std::mt19937& random, std::size_t pieces) {
  std::string text;
  for (std::size_t i = 0; i < pieces; ++i) text += kPieces[random() % kPieces.size()];
  return text;
}

std::string shown(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) text += fmt::format("[{}]{}-{} ", printable(token.text), token.begin, token.end);
  return text;
}

void expect_agreement(const Analyzer& analyzer, const std::string& text) {
  const auto expected = slow::analyze(text);
  const auto tokens = analyzer.analyze(text);
  ASSERT_TRUE(tokens == expected) << printable(text, 2000) << "\n" << shown(tokens) << "\n" << shown(expected);
}

TEST(SlowTwin, AgreesOnRandomMixtures) {
  const Analyzer analyzer("icu");
  std::mt19937 random(11);
  for (int round = 0; round < 60'000; ++round) expect_agreement(analyzer, random_text(random, 1 + random() % 12));
  for (int round = 0; round < 300; ++round) expect_agreement(analyzer, random_text(random, 400));
}

TEST(SlowTwin, AgreesOnEveryPairOfKinds) {
  const Analyzer analyzer("icu");
  for (const std::string& first : kPieces) {
    for (const std::string& second : kPieces) {
      expect_agreement(analyzer, first + second);
      expect_agreement(analyzer, "x" + first + second + "y");
      expect_agreement(analyzer, "1" + first + second + "2");
    }
  }
}

TEST(SlowTwin, AgreesOnEveryCodePoint) {
  const Analyzer analyzer("icu");
  for (char32_t code_point = 1; code_point <= 0x10FFFF; ++code_point) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
    // Unassigned code points are all alike; every 97th of them will do.
    if (u_charType(static_cast<UChar32>(code_point)) == U_UNASSIGNED && code_point % 97 != 0) continue;
    // Of the 100,000 ideographs and syllables every 13th.
    if (u_charType(static_cast<UChar32>(code_point)) == U_OTHER_LETTER && code_point > 0x3400 && code_point % 13 != 0) {
      continue;
    }
    std::string character;
    append_code_point(code_point, character);
    expect_agreement(analyzer, character);
    expect_agreement(analyzer, "a" + character + "i" + character + character);
  }
}

TEST(SlowTwin, FoldsCharacterByCharacterAsWholeWords) {
  for (const Fold folds :
       {Fold::basic, Fold::turkish_i, Fold::arabic_letters, Fold::persian_letters, Fold::urdu_letters,
        Fold::devanagari_marks, Fold::simplified_han, Fold::cyrillic_yo, Fold::romanian_cedilla}) {
    const Folder folder(folds);
    std::mt19937 random(5);
    for (int round = 0; round < 5'000; ++round) {
      const std::string word = random_text(random, 1 + random() % 6);
      std::string fast, whole;
      folder.fold(word, fast);
      folder.fold_whole(word, whole);
      ASSERT_EQ(fast, whole) << printable(word, 200) << " with folds " << static_cast<std::uint32_t>(folds);
    }
  }
}

}  // namespace
}  // namespace dragoman
