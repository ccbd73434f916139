#include <gmock/gmock.h>

#include "dragoman/base/error.h"
#include "dragoman/translate/remote_translators.h"
#include "rerank/fake_language_model.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

/// Says a sentence as `answer` tells, or does not come to an end.
class ScriptedModel final : public test::FakeLanguageModel {
 public:
  using Answer = std::function<std::optional<std::string>(const std::string& sentence)>;
  explicit ScriptedModel(Answer answer) : FakeLanguageModel({}, 8192), answer_(std::move(answer)) {}

  std::optional<std::vector<TokenId>> generate_text(std::span<const TokenId> prompt, std::size_t shared,
                                                    std::size_t most) override {
    EXPECT_LT(shared, prompt.size());
    const std::string text = detokenize(prompt);
    const auto answer = answer_(text.substr(text.rfind('\n') + 1));
    if (!answer || answer->size() > most) return std::nullopt;
    return tokenize(*answer);
  }

 private:
  Answer answer_;
};

auto says(std::string text) { return Optional(std::move(text)); }

std::vector<std::optional<std::string>> say(const std::vector<std::string>& texts, ScriptedModel::Answer answer) {
  const auto translator = make_language_model_translator(std::make_unique<ScriptedModel>(std::move(answer)));
  return translator->translate(texts, Language::parse("sw"), Language::parse("en"));
}

TEST(LanguageModelTranslator, HasNothingToSayWhereTheModelHasNot) {
  const std::string copied = "これは 別の 言語 です";
  const auto said = say({"maji moto", "endless", copied, "", "  \n", "12.5"}, [&](const std::string& sentence) {
    if (sentence == "endless") return std::optional(std::string(10'000, 'x'));
    return std::optional<std::string>(sentence == copied ? copied : "hot water");
  });
  EXPECT_THAT(said, ElementsAre(says("hot water"), std::nullopt, std::nullopt, says(""), says("  \n"), says("12.5")));
}

TEST(LanguageModelTranslator, LosesNoAddressNumberOrTag) {
  // A model that says "water" whatever it is asked.
  const auto water = [](const std::string&) { return std::optional<std::string>("water"); };
  EXPECT_THAT(say({"maji <b>1250</b> https://a.example/maji"}, water),
              ElementsAre(says("water <b>1250</b> https://a.example/maji")));
}

TEST(LanguageModelTranslator, CutsTenThousandWordsWithoutAStop) {
  std::string text = "maji";
  for (int i = 1; i < 10'000; ++i) text += " maji";
  std::size_t asked = 0, longest = 0;
  const auto said = say({text}, [&](const std::string& sentence) {
    ++asked;
    longest = std::max(longest, sentence.size());
    std::string loud = sentence;
    for (char& c : loud) c = c == ' ' ? ' ' : static_cast<char>(c - 32);
    return std::optional(loud);
  });
  ASSERT_TRUE(said[0].has_value());
  EXPECT_EQ(std::ranges::count(*said[0], 'J'), 10'000);
  EXPECT_EQ(said[0]->size(), text.size());
  EXPECT_GT(asked, 40u);
  EXPECT_LE(longest, 1200u);
}

TEST(LanguageModelTranslator, RefusesAPairOfOneLanguage) {
  const auto translator = make_language_model_translator(
      std::make_unique<ScriptedModel>([](const std::string& sentence) { return std::optional(sentence); }));
  EXPECT_THROW(translator->translate(std::vector<std::string>{"a"}, Language::parse("en"), Language::parse("en")),
               InvalidArgument);
}

}  // namespace
}  // namespace dragoman
