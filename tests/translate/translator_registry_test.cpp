#include "dragoman/translate/translator_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "dragoman/base/error.h"
#include "dragoman/translate/learn_table.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

Language tag(std::string_view text) { return Language::parse(text); }

class TranslatorRegistryTest : public testing::Test {
 protected:
  TranslatorRegistryTest() {
    std::filesystem::create_directories(folder_.path() / "models");
    std::filesystem::create_directories(folder_.path() / "modes");
    for (const char* name : {"pt-es", "es-fr", "es-en", "es-en_US", "en-fr"}) {
      const auto fake = test::source_dir() / "tests" / "translate" / "fake-apertium";
      folder_.write(fmt::format("modes/{}.mode", name),
                    fmt::format("'{}' $1 $2 '{}'", fake.string(), (folder_.path() / name).string()));
    }
  }
  TranslatorRegistryOptions options(std::vector<std::string> providers = {}) const {
    return {.models = folder_.path() / "models",
            .providers = std::move(providers),
            .apertium = {.folder = folder_.path() / "modes"}};
  }
  static std::vector<std::string> names(const std::vector<TranslationRoute>& routes) {
    std::vector<std::string> names;
    for (const auto& route : routes) names.push_back(route.name());
    return names;
  }
  template <typename E>
  std::string message(const std::function<void()>& call) {
    try {
      call();
    } catch (const E& error) {
      return error.what();
    }
    return "no error";
  }
  test::TemporaryFolder folder_;
};

TEST_F(TranslatorRegistryTest, GoesOverAThirdLanguageWhereNothingIsDirect) {
  const TranslatorRegistry registry(options());
  EXPECT_THAT(names(registry.routes(tag("pt"), tag("fr"))), ElementsAre("apertium:pt-es>apertium:es-fr"));
  const auto translator = registry.open(tag("pt"), tag("fr"));
  const std::vector<std::string> texts = {"olá mundo", "qa qb qc", ""};
  EXPECT_THAT(translator->translate(texts, tag("pt"), tag("fr")),
              ElementsAre(Optional(std::string("OLÁ MUNDO")), std::nullopt, Optional(std::string(""))));
  EXPECT_EQ(translator->name(), "apertium+apertium");
  EXPECT_THAT(translator->stamp(), HasSubstr("> es >"));
}

TEST_F(TranslatorRegistryTest, GivesARegionOnlyToThoseWhoAskForIt) {
  const TranslatorRegistry registry(options());
  EXPECT_THAT(names(registry.routes(tag("es"), tag("en"))), ElementsAre("apertium:es-en"));
  EXPECT_THAT(names(registry.routes(tag("es"), tag("en-US"))), ElementsAre("apertium:es-en", "apertium:es-en_US"));
}

TEST_F(TranslatorRegistryTest, PutsDirectWaysBeforeLongOnesUnlessItIsMeasuredOtherwise) {
  TranslatorRegistry registry(options());
  EXPECT_THAT(names(registry.routes(tag("es"), tag("fr"))),
              ElementsAre("apertium:es-fr", "apertium:es-en>apertium:en-fr"));
  registry.keep_quality({.route = "apertium:es-fr", .from = tag("es"), .to = tag("fr"), .chrf = 20, .bleu = 3});
  registry.keep_quality({.route = "apertium:es-en>apertium:en-fr", .from = tag("es"), .to = tag("fr"), .chrf = 30});
  const auto again = TranslatorRegistry(options()).routes(tag("es"), tag("fr"));
  EXPECT_THAT(names(again), ElementsAre("apertium:es-en>apertium:en-fr", "apertium:es-fr"));
  EXPECT_EQ(again[1].measured->bleu, 3);
  registry.keep_quality({.route = "apertium:es-fr", .from = tag("es"), .to = tag("fr"), .chrf = 40});
  EXPECT_EQ(registry.qualities().size(), 2u);
  EXPECT_EQ(registry.routes(tag("es"), tag("fr"))[0].expected_chrf, 40);
}

TEST_F(TranslatorRegistryTest, ConsidersWhatIsNamedAlone) {
  EXPECT_TRUE(TranslatorRegistry(options({"lexicon"})).routes(tag("es"), tag("fr")).empty());
  EXPECT_THAT(names(TranslatorRegistry(options({"apertium:es-fr"})).routes(tag("es"), tag("fr"))),
              ElementsAre("apertium:es-fr"));
  const auto any = TranslatorRegistry(options({"apertium", "libretranslate:http://127.0.0.1:1"}));
  EXPECT_THAT(names(any.routes(tag("th"), tag("yo"))), ElementsAre("libretranslate:http://127.0.0.1:1"));
}

TEST_F(TranslatorRegistryTest, SaysWhatIsMissingAndWhereToGetIt) {
  const TranslatorRegistry registry(options());
  const auto missing = [&](const char* from, const char* to) {
    return message<NotFound>([&] { registry.open(tag(from), tag(to)); });
  };
  EXPECT_EQ(missing("pt", "en-GB").find("no error"), 0u);  // Over Spanish.
  EXPECT_THAT(missing("en", "gl"), HasSubstr("get what does with: sudo apt install apertium apertium-en-gl"));
  EXPECT_THAT(missing("en", "pt"), HasSubstr("dragoman model pull marian-en-pt"));
  EXPECT_THAT(missing("th", "yo"), HasSubstr("no package or model is known that does"));
  EXPECT_THAT(message<InvalidArgument>([&] { registry.open(tag("en-GB"), tag("en-US")); }),
              HasSubstr("are one language"));
  EXPECT_THAT(message<InvalidArgument>([&] { TranslatorRegistry bad(options({"oracle"})); }),
              HasSubstr("no provider 'oracle'; choose of marian, libretranslate, openai, apertium, llm, lexicon"));
  EXPECT_THAT(message<InvalidArgument>([&] { TranslatorRegistry bad(options({"llm"})); }), HasSubstr("llm:MODEL"));
  EXPECT_THAT(message<NotFound>([&] { TranslatorRegistry bad(options({"apertium:aa-bb"})); }),
              HasSubstr("translate list"));
}

TEST_F(TranslatorRegistryTest, RefusesADamagedQualityFile) {
  std::filesystem::create_directories(folder_.path() / "translation");
  for (const char* content :
       {"{}", "[1]", R"({"routes":[7]})", R"({"routes":[{"route":"x","from":"not a tag","to":"en"}]})",
        R"({"routes":[{"route":"x","from":"es","to":"en","chrf":-1}]})"}) {
    folder_.write("translation/quality.json", content);
    EXPECT_THAT(message<InvalidData>([&] { TranslatorRegistry bad(options()); }), HasSubstr("quality.json")) << content;
  }
}

}  // namespace
}  // namespace dragoman
