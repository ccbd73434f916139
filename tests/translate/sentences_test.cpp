#include "dragoman/translate/sentences.h"

#include <gmock/gmock.h>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;

std::vector<std::string> sentences(const std::string& text, const char* language) {
  std::vector<std::string> found;
  for (const TextPiece& piece : split_sentences(text, Language::parse(language))) {
    if (piece.translate) found.emplace_back(piece.range.of(text));
  }
  return found;
}

std::vector<std::string> guarded(const std::string& text) {
  std::vector<std::string> found;
  for (const TextRange& range : protected_ranges(text)) found.emplace_back(range.of(text));
  return found;
}

bool keeps(const std::string& sentence, const std::string& translation) {
  return keeps_protected(sentence, protected_ranges(sentence), translation);
}

TEST(SplitSentences, EndsThemInEveryScript) {
  EXPECT_THAT(sentences("Es regnet. Der Fluss steigt!", "de"), ElementsAre("Es regnet.", "Der Fluss steigt!"));
  EXPECT_THAT(sentences("下雨了。河水上涨！", "zh"), ElementsAre("下雨了。", "河水上涨！"));
  EXPECT_THAT(sentences("雨です。川は高い。", "ja"), ElementsAre("雨です。", "川は高い。"));
  EXPECT_THAT(sentences("बारिश हो रही है। नदी ऊँची है।", "hi"), ElementsAre("बारिश हो रही है।", "नदी ऊँची है।"));
  EXPECT_THAT(sentences("هل تمطر؟ النهر عالٍ.", "ar"), ElementsAre("هل تمطر؟", "النهر عالٍ."));
  EXPECT_THAT(sentences("Идёт дождь. Река высока.", "ru"), ElementsAre("Идёт дождь.", "Река высока."));
  EXPECT_THAT(sentences("Mvua inanyesha. Mto umejaa.", "sw"), ElementsAre("Mvua inanyesha.", "Mto umejaa."));
}

TEST(SplitSentences, DoesNotEndThemAtAbbreviations) {
  EXPECT_THAT(sentences("Mr. Smith met Mrs. Jones. They left.", "en"),
              ElementsAre("Mr. Smith met Mrs. Jones.", "They left."));
  EXPECT_THAT(sentences("O Sr. Silva chegou. Ele saiu.", "pt"), ElementsAre("O Sr. Silva chegou.", "Ele saiu."));
  EXPECT_THAT(sentences("Das sind z. B. Äpfel. Sie sind rot.", "de"),
              ElementsAre("Das sind z. B. Äpfel.", "Sie sind rot."));
  EXPECT_THAT(sentences("Это проф. Иванов. Он ушёл.", "ru"), ElementsAre("Это проф. Иванов.", "Он ушёл."));
  EXPECT_THAT(sentences("Ni Bw. Juma. Ameondoka.", "sw"), ElementsAre("Ni Bw. Juma.", "Ameondoka."));
}

TEST(SplitSentences, DoesNotEndThemAtInitials) {
  EXPECT_THAT(sentences("A St. Martin ouviu P. Diddy na O.N.U. Genebra. Fim.", "pt"),
              ElementsAre("A St. Martin ouviu P. Diddy na O.N.U. Genebra.", "Fim."));
  EXPECT_THAT(sentences("Это А. С. Пушкин. Это плана Б.", "ru"), ElementsAre("Это А. С. Пушкин.", "Это плана Б."));
}

TEST(SplitSentences, DoesNotEndThemInAnAddress) {
  EXPECT_THAT(sentences("See https://example.org/a?b=1 today. Bye.", "en"),
              ElementsAre("See https://example.org/a?b=1 today.", "Bye."));
}

TEST(SplitSentences, CoverTheText) {
  const std::string text = "  Um.  Dois! \r\n\n—\n123 456\n\tTrês ";
  std::string covered;
  std::size_t end = 0;
  for (const TextPiece& piece : split_sentences(text, Language::parse("pt"))) {
    EXPECT_EQ(piece.range.begin, end);
    end = piece.range.end;
    covered += piece.range.of(text);
  }
  EXPECT_EQ(covered, text);
  EXPECT_THAT(sentences(text, "pt"), ElementsAre("Um.", "Dois!", "Três"));
  EXPECT_TRUE(split_sentences("", Language::parse("pt")).empty());
}

TEST(JoinSentences, KeepsWhatLiesBetween) {
  const std::string text = "Um.  Dois.\n\n* Três.\n";
  const auto pieces = split_sentences(text, Language::parse("pt"));
  const std::vector<std::string> said = {"One.", "Two.", "Three."};
  // The mark of a list has no letters, and ICU takes it into the sentence behind it.
  EXPECT_EQ(join_sentences(text, pieces, said, Language::parse("en")), "One.  Two.\n\nThree.\n");
}

TEST(JoinSentences, PutsSpacesWhereTheTargetWritesThem) {
  const std::string chinese = "下雨了。河水上涨。", english = "It rains. The river rises.";
  const std::vector<std::string> to_english = {"It rains.", "The river rises."},
                                 to_chinese = {"下雨了。", "河水上涨。"};
  EXPECT_EQ(join_sentences(chinese, split_sentences(chinese, Language::parse("zh")), to_english, Language::parse("en")),
            english);
  EXPECT_EQ(join_sentences(english, split_sentences(english, Language::parse("en")), to_chinese, Language::parse("zh")),
            chinese);
}

TEST(ProtectedRanges, FindWhatMustNotChange) {
  EXPECT_THAT(guarded("See https://example.org/a_(b)?q=1, or write to ana.lima@example.com.br."),
              ElementsAre("https://example.org/a_(b)?q=1", "ana.lima@example.com.br"));
  EXPECT_THAT(guarded("<b>Bold</b> &amp; `x = 1` &#8212; a < b"),
              ElementsAre("<b>", "</b>", "&amp;", "`x = 1`", "&#8212;"));
  EXPECT_THAT(guarded("In 1998, 12 people paid 1,250.50 for R2D2."), ElementsAre("1998", "1,250.50"));
  EXPECT_THAT(guarded("b1,005"), ElementsAre());
}

TEST(ProtectedRanges, FindNumbersWhereNoSpacesAreWritten) {
  EXPECT_THAT(guarded("水は100度で沸く"), ElementsAre("100"));
  EXPECT_THAT(guarded("在1998年，有2,500人。"), ElementsAre("1998", "2,500"));
  EXPECT_THAT(guarded("ในปี1998มีคน"), ElementsAre("1998"));
  EXPECT_THAT(guarded("（1998）和“250”"), ElementsAre("1998", "250"));
  EXPECT_THAT(guarded("Танк Т340 и Ту154, मॉडल250"), ElementsAre());  // A digit behind a letter is part of a word.
}

TEST(ProtectedRanges, TellNeighboursApart) {
  EXPECT_THAT(guarded("<b><i>1998</i></b>&amp;&lt;`x`2024"),
              ElementsAre("<b>", "<i>", "1998", "</i>", "</b>", "&amp;", "&lt;", "`x`", "2024"));
  EXPECT_THAT(guarded("https://a.example,https://b.example 100,200;300"),
              ElementsAre("https://a.example,https://b.example", "100,200", "300"));
  EXPECT_THAT(guarded("2024-01-15 +1 (555) 123-4567"), ElementsAre("2024", "555", "123", "4567"));
}

TEST(KeepsProtected, ComparesDigitsOfNumbers) {
  EXPECT_TRUE(keeps("It cost 1,250.50 in 1998.", "Custou 1.250,50 em 1998."));
  EXPECT_TRUE(keeps("A town of 25000 people.", "Uma cidade de 25 000 pessoas."));
  EXPECT_TRUE(keeps("It began at 14.30.", "Começou às 14h30."));
  EXPECT_TRUE(keeps("In 1998:5.", "In 1998:5."));
  EXPECT_FALSE(keeps("It cost 1,250.50 in 1998.", "Custou 1.250,50 em 1999."));
  EXPECT_FALSE(keeps("From 1998 to 1998.", "Em 1998."));
  EXPECT_FALSE(keeps("<i>a</i> see www.example.org", "<i>a see www.example.org"));
}

TEST(SplitAround, LeavesTheProtectedPartsOut) {
  const std::string text = "See www.example.org for 1998.";
  std::vector<std::string> parts;
  for (const TextPiece& piece : split_around(text, protected_ranges(text))) {
    parts.push_back((piece.translate ? "+" : "=") + std::string(piece.range.of(text)));
  }
  EXPECT_THAT(parts, ElementsAre("+See", "= www.example.org ", "+for", "= 1998."));
}

}  // namespace
}  // namespace dragoman
