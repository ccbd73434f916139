#include "translate/by_sentence.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>

#include "dragoman/translate/sentences.h"

namespace dragoman {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Optional;
using testing::SizeIs;

const Language kEnglish = Language::parse("en"), kSwahili = Language::parse("sw");

using Said = std::vector<std::optional<std::string>>;

Said by_sentence(const std::vector<std::string>& texts, const BySentenceOptions& options, const SaySentences& say) {
  return translate_by_sentence(texts, kEnglish, kSwahili, options, say);
}

auto says(std::string text) { return Optional(std::move(text)); }

/// Forgets all but letters, and shouts these.
Said shout_letters(std::span<const std::string_view> sentences) {
  Said said;
  for (const std::string_view sentence : sentences) {
    std::string loud;
    for (const char c : sentence) {
      if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == ' ') {
        loud += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      }
    }
    said.emplace_back(std::move(loud));
  }
  return said;
}

TEST(BySentence, PutsBackWhateverATranslatorLost) {
  EXPECT_THAT(by_sentence({"pay <b><i>1250</i></b>&amp;&lt; at https://a.example/b?c=1 now"}, {}, shout_letters),
              ElementsAre(says("PAY <b><i>1250</i></b>&amp;&lt; AT https://a.example/b?c=1 NOW")));
  EXPECT_THAT(by_sentence({"1998", "<b></b>", "`x` is `y`"}, {}, shout_letters),
              ElementsAre(says("1998"), says("<b></b>"), says("`x` IS `y`")));
}

TEST(BySentence, TakesWhatLooksLikeAMarkForText) {
  // Marks that translators put for what must not change.
  const std::vector<std::string> texts = {"a [=0] [][=1] b", "{0} {text} %s \\1 b", "⟦1⟧ __PH_1__ @@1@@ b"};
  const auto copy = [](std::span<const std::string_view> sentences) {
    return Said(sentences.begin(), sentences.end());
  };
  EXPECT_THAT(by_sentence(texts, {}, copy), ElementsAre(says(texts[0]), says(texts[1]), says(texts[2])));
}

TEST(BySentence, KeepsASentenceThatHasNoTranslationAmongOthers) {
  const auto no_fish = [](std::span<const std::string_view> sentences) {
    Said said = shout_letters(sentences);
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (sentences[i].find("fish") != std::string_view::npos) said[i].reset();
    }
    return said;
  };
  EXPECT_THAT(by_sentence({"a bird\nthe fish\na cat", "the fish", "", " \n ", "12 + 3"}, {}, no_fish),
              ElementsAre(says("A BIRD\nthe fish\nA CAT"), std::nullopt, says(""), says(" \n "), says("12 + 3")));
}

TEST(BySentence, DoesNotCutWhatIsProtected) {
  std::vector<std::string> parts;
  const auto listen = [&](std::span<const std::string_view> sentences) {
    parts.insert(parts.end(), sentences.begin(), sentences.end());
    return shout_letters(sentences);
  };
  const std::string text = "maji maji maji <a title=\"maji moto\" href=\"x\"> maji maji";
  EXPECT_THAT(by_sentence({text}, {.most_bytes = 24}, listen),
              ElementsAre(says("MAJI MAJI MAJI <a title=\"maji moto\" href=\"x\"> MAJI MAJI")));
  EXPECT_THAT(parts, Each(SizeIs(testing::Le(24u))));
  // One address that is longer than a part may be.
  const std::string address = "https://a.example/" + std::string(100, 'x');
  EXPECT_THAT(by_sentence({address + " maji maji"}, {.most_bytes = 24}, shout_letters),
              ElementsAre(says(address + " MAJI MAJI")));
}

TEST(BySentence, CutsTenThousandWordsInAnyScriptAndLosesNone) {
  for (const std::string word : {"maji ", "水", "น้ำ", "ماء ", "पानी "}) {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += word;
    std::size_t longest = 0, parts = 0;
    const auto said = by_sentence({text}, {.most_bytes = 1000}, [&](std::span<const std::string_view> sentences) {
      for (const auto sentence : sentences) longest = std::max(longest, sentence.size());
      parts += sentences.size();
      return Said(sentences.begin(), sentences.end());
    });
    // Where none was written, a space may come between two parts, as between two sentences.
    std::string back = said.at(0).value_or("");
    std::erase(back, ' ');
    std::erase(text, ' ');
    EXPECT_TRUE(back == text) << word;
    EXPECT_LE(longest, 1000u);
    EXPECT_GE(parts, text.size() / 1000) << word;
  }
}

}  // namespace
}  // namespace dragoman
