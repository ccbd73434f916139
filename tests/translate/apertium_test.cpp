#include "dragoman/translate/apertium.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"
#include "translate/apertium/flushed_pipe.h"
#include "translate/apertium/stream_format.h"

namespace dragoman {
namespace {

using apertium::from_stream;
using apertium::to_stream;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

Language tag(std::string_view text) { return Language::parse(text); }

auto says(std::string text) { return Optional(std::move(text)); }

TEST(ApertiumStream, EscapesWhatHasAMeaningAndKeepsWhatMustNotBeTouched) {
  EXPECT_EQ(to_stream("a/b [1] {x} $5 <b"), "a\\/b \\[1\\] \\{x\\} \\$5 \\<b");
  EXPECT_EQ(to_stream("Vea https://x.org/a?b=c ya"), "Vea [https://x.org/a?b=c] ya");
  EXPECT_EQ(to_stream("<b>pan</b>"), "[<b>]pan[</b>]");
  EXPECT_EQ(to_stream("5 * 4 #1 @me ~"), "5 [*] 4 [#]1 [@]me [~]");
  EXPECT_EQ(to_stream("en 1999"), "en 1999");
  EXPECT_EQ(to_stream(std::string_view("a\0b", 3)), "ab");
}

TEST(ApertiumStream, ReadsMarksEscapesAndSuperblanks) {
  const auto read = from_stream("The *perro said \\@home [@]me “*x” [*] [<b>]take# out \\[1\\]");
  EXPECT_EQ(read.text, "The perro said home @me “x” * <b>take out [1]");
  EXPECT_EQ(read.words, 9u);  // The perro said home me x take out 1
  EXPECT_EQ(read.unknown, 2u);
  EXPECT_EQ(from_stream("*Привет *мир").unknown, 2u);
  EXPECT_EQ(from_stream("unfinished [blank \\").text, "unfinished blank \\");
}

TEST(ApertiumStream, GivesBackEveryTextThatNobodyTranslates) {
  for (const std::string text :
       {"a\\b^c$d/e@f<g>h{i}j[k]l", "مرحبا بالعالم", "北京[大]学 * # ~", "हिन्दी \\ भाषा", "คนไทย <b>@</b>"}) {
    EXPECT_EQ(from_stream(to_stream(text)).text, text);
  }
}

TEST(ApertiumPipeline, AsksEveryProgramToFlush) {
  EXPECT_EQ(apertium::pipeline_of("lt-proc 'a|b.bin' | tagger -g $2 'p' | lt-proc $1 'g'\n"),
            "set -- -g ''; lt-proc -z 'a|b.bin' | tagger -z -g $2 'p' | lt-proc -z $1 'g' ");
  EXPECT_THAT(apertium::files_of("lt-proc 'a|b.bin' | x 'p'"), ElementsAre("a|b.bin", "p"));
}

class ApertiumTest : public testing::Test {
 protected:
  ApertiumTest() { make_mode("sw-en"); }
  void make_mode(const std::string& name) {
    const auto fake = test::source_dir() / "tests" / "translate" / "fake-apertium";
    folder_.write(name + ".mode", fmt::format("'{}' $1 $2 '{}'\n", fake.string(), log().string()));
  }
  std::filesystem::path log() const { return folder_.path() / "log"; }
  std::size_t starts() const {
    const std::string lines = read_file(log());
    return static_cast<std::size_t>(std::ranges::count(lines, '\n'));
  }
  std::unique_ptr<Translator> open() {
    return open_apertium_translator(tag("sw"), tag("en"),
                                    {.folder = folder_.path(), .patience = std::chrono::milliseconds(700)});
  }
  std::vector<std::optional<std::string>> say(Translator& translator, std::vector<std::string> texts) {
    return translator.translate(texts, tag("sw"), tag("en"));
  }
  test::TemporaryFolder folder_;
};

TEST_F(ApertiumTest, KeepsOnePipelineOpenForAllTexts) {
  const auto translator = open();
  EXPECT_THAT(say(*translator, {"maji ni moto. chai", "", "mji\nmwana"}),
              ElementsAre(says("MAJI NI MOTO. CHAI"), says(""), says("MJI\nMWANA")));
  EXPECT_THAT(say(*translator, {"tazama https://x.org sasa"}), ElementsAre(says("TAZAMA https://x.org SASA")));
  EXPECT_EQ(starts(), 1u);
  EXPECT_THAT(translator->notices(), IsEmpty());
}

TEST_F(ApertiumTest, HasNoTranslationForAnotherLanguage) {
  EXPECT_THAT(say(*open(), {"qa qb qc", "qa maji moto", "Aqaa qbbb qccc. Maji moto."}),
              ElementsAre(std::nullopt, says("QA MAJI MOTO"), says("Aqaa qbbb qccc. MAJI MOTO.")));
}

TEST_F(ApertiumTest, StartsAgainWhereItDiedAndLosesNothing) {
  const auto translator = open();
  EXPECT_THAT(say(*translator, {"a", "b FAILONCE", "c"}), ElementsAre(says("A"), says("B FAILONCE"), says("C")));
  EXPECT_EQ(starts(), 2u);
  EXPECT_THAT(translator->notices(), IsEmpty());
}

TEST_F(ApertiumTest, GivesUpOneSentenceAtWhichItDiesTwice) {
  const auto translator = open();
  EXPECT_THAT(say(*translator, {"a", "b DIE", "c"}), ElementsAre(says("A"), std::nullopt, says("C")));
  EXPECT_THAT(
      translator->notices(),
      ElementsAre("apertium sw-en: it ended by itself, twice, and was started again; no translation of \"b DIE\""));
}

TEST_F(ApertiumTest, EndsAPipelineThatHangs) {
  const auto translator = open();
  EXPECT_THAT(say(*translator, {"a", "b HANG", "c"}), ElementsAre(says("A"), std::nullopt, says("C")));
  EXPECT_THAT(translator->notices(), ElementsAre(HasSubstr("it gave no answer for 0.7 s, twice")));
}

TEST_F(ApertiumTest, NoticesAnswersThatBelongToAnotherSentence) {
  const auto translator = open();
  EXPECT_THAT(say(*translator, {"a", "TWICE", "c", "d"}), ElementsAre(says("A"), says("TWICE"), says("C"), says("D")));
}

TEST_F(ApertiumTest, FailsWhereNothingWorks) {
  try {
    say(*open(), {"DIE 1", "DIE 2", "DIE 3", "DIE 4"});
    FAIL() << "no error";
  } catch (const Unavailable& error) {
    EXPECT_THAT(error.what(), HasSubstr("apertium sw-en: it ended by itself, at 3 sentences one after another"));
  }
}

TEST_F(ApertiumTest, CutsTenThousandWordsWithoutAStop) {
  std::string text, expected;
  for (int i = 0; i < 10'000; ++i) {
    text += i == 0 ? "maji" : " maji";
    expected += i == 0 ? "MAJI" : " MAJI";
  }
  EXPECT_EQ(say(*open(), {text})[0], expected);
}

TEST_F(ApertiumTest, TellsPairsByTheNamesOfModes) {
  for (const char* name : {"es-pt", "es-pt_BR", "spa-eng", "spa-eng-tagger", "eco-es-fr", "oc_aran-es"})
    make_mode(name);
  const auto modes = find_apertium_modes(folder_.path());
  std::vector<std::string> names;
  for (const ApertiumMode& mode : modes) names.push_back(mode.name);
  EXPECT_THAT(names, ElementsAre("es-pt", "es-pt_BR", "spa-eng", "sw-en"));
  EXPECT_EQ(find_apertium_mode(modes, tag("es"), tag("pt-BR"))->name, "es-pt_BR");
  EXPECT_EQ(find_apertium_mode(modes, tag("es-MX"), tag("pt-PT"))->name, "es-pt");
  EXPECT_EQ(find_apertium_mode(modes, tag("en"), tag("es")), std::nullopt);
}

TEST_F(ApertiumTest, NamesThePackageOfAPairThatIsNotInstalled) {
  const auto message = [&](const char* from, const char* to) -> std::string {
    try {
      open_apertium_translator(tag(from), tag(to), {.folder = folder_.path()});
    } catch (const NotFound& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message("en", "es"), HasSubstr("install it with: sudo apt install apertium apertium-eng-spa"));
  EXPECT_THAT(message("ro", "es"), HasSubstr("apertium-es-ro"));
  EXPECT_THAT(message("th", "yo"), HasSubstr("Debian has no package with it either"));
}

TEST(InstalledApertium, TranslatesSpanish) {
  const auto modes = find_apertium_modes("/usr/share/apertium/modes");
  if (!find_apertium_mode(modes, tag("es"), tag("en"))) {
    GTEST_SKIP() << "apertium-eng-spa is not installed; get it with: sudo apt install apertium apertium-eng-spa";
  }
  const auto translator = open_apertium_translator(tag("es"), tag("en"), {.folder = "/usr/share/apertium/modes"});
  const std::vector<std::string> texts = {"La biblioteca está en la plaza. El perro come pan.",
                                          "Cuesta 1250 $ [más] o < menos", "Привет, мир", "北京大学"};
  EXPECT_THAT(translator->translate(texts, tag("es"), tag("en")),
              ElementsAre(says("The library is in the square. The dog eats bread."),
                          Optional(HasSubstr("1250 $ [more] or < less")), std::nullopt, std::nullopt));
}

}  // namespace
}  // namespace dragoman
