#include "dragoman/translate/cached_translator.h"

#include <gmock/gmock.h>

#include <fstream>

#include "dragoman/base/error.h"
#include "encode/encoding_database.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

const Language kFrom = Language::parse("sw"), kTo = Language::parse("en");

/// Says each text with its languages around it; knows nothing of what has no "a"; is down from the text `down` on.
class Fake final : public Translator {
 public:
  explicit Fake(std::vector<std::string>& asked, std::string stamp = "v1", std::string down = {})
      : asked_(asked), stamp_(std::move(stamp)), down_(std::move(down)) {}
  std::string_view name() const override { return "fake"; }
  const std::string& stamp() const override { return stamp_; }
  bool serves(const Language& from, const Language& to) const override { return from != to; }
  std::size_t batch_texts() const override { return 2; }
  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override {
    std::vector<std::optional<std::string>> said;
    for (const std::string& text : texts) {
      if (!down_.empty() && text == down_) throw Unavailable("fake: is down");
      asked_.push_back(text);
      said.push_back(text.find('a') == text.npos ? std::nullopt : std::optional(from.tag() + text + to.tag()));
    }
    return said;
  }

 private:
  std::vector<std::string>& asked_;
  std::string stamp_, down_;
};

class CachedTranslatorTest : public testing::Test {
 protected:
  CachedTranslator open(std::string stamp = "v1", std::string down = {}) {
    asked_.clear();
    return CachedTranslator(std::make_unique<Fake>(asked_, std::move(stamp), std::move(down)), folder_.path());
  }
  std::vector<std::string> asked_;
  test::TemporaryFolder folder_;
};

TEST_F(CachedTranslatorTest, AsksForNoTextTwiceWhoeverOpensItAgain) {
  const std::vector<std::string> texts = {"maji", "北京a", "maji", "", "chai"};
  const auto first = open().translate(texts, kFrom, kTo);
  EXPECT_THAT(first, ElementsAre(Optional(std::string("swmajien")), Optional(std::string("sw北京aen")),
                                 Optional(std::string("swmajien")), Optional(std::string("")),
                                 Optional(std::string("swchaien"))));
  EXPECT_THAT(asked_, ElementsAre("maji", "北京a", "chai"));
  auto again = open();
  EXPECT_EQ(again.translate(texts, kFrom, kTo), first);
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_TRUE(again.records()[0].cached);
  EXPECT_EQ(again.records()[0].provider, "fake");
  EXPECT_EQ(again.records()[0].stamp, "v1");
  EXPECT_GT(again.records()[0].made, 1'700'000'000);
}

TEST_F(CachedTranslatorTest, KeysByModelAndBothLanguages) {
  const std::vector<std::string> text = {"maji"};
  open().translate(text, kFrom, kTo);
  open("v2").translate(text, kFrom, kTo);
  EXPECT_THAT(asked_, ElementsAre("maji"));
  auto other = open();
  EXPECT_THAT(other.translate(text, kTo, kFrom), ElementsAre(Optional(std::string("enmajisw"))));
  EXPECT_THAT(asked_, ElementsAre("maji"));
}

TEST_F(CachedTranslatorTest, GoesOnBehindTheLastBatchWhereItWasInterrupted) {
  const std::vector<std::string> texts = {"a1", "a2", "a3", "a4", "a5"};
  EXPECT_THROW(open("v1", "a4").translate(texts, kFrom, kTo), Unavailable);
  EXPECT_THAT(asked_, ElementsAre("a1", "a2", "a3"));
  auto again = open();
  EXPECT_EQ(again.translate(texts, kFrom, kTo).back(), "swa5en");
  EXPECT_THAT(asked_, ElementsAre("a3", "a4", "a5"));
  EXPECT_TRUE(again.records()[1].cached);
  EXPECT_FALSE(again.records()[2].cached);
}

TEST_F(CachedTranslatorTest, AsksAgainForWhatHadNoTranslation) {
  const std::vector<std::string> texts = {"xyz"};
  EXPECT_THAT(open().translate(texts, kFrom, kTo), ElementsAre(std::nullopt));
  auto again = open();
  again.translate(texts, kFrom, kTo);
  EXPECT_THAT(asked_, ElementsAre("xyz"));
  EXPECT_EQ(again.records()[0].made, 0);
}

TEST_F(CachedTranslatorTest, TakesADamagedValueForNone) {
  const std::vector<std::string> texts = {"maji"};
  open().translate(texts, kFrom, kTo);
  const TextDigest digest = digest_of("maji");
  const EncodingDatabase::NewValue damaged{digest, "short and wrong, whatever it says", true};
  EncodingDatabase(folder_.path()).write({"fake", "v1", "translation sw en"}, std::span(&damaged, 1));
  EXPECT_THAT(open().translate(texts, kFrom, kTo), ElementsAre(Optional(std::string("swmajien"))));
  EXPECT_THAT(asked_, ElementsAre("maji"));
}

TEST_F(CachedTranslatorTest, GoesOnWithoutACacheThatCannotBeMade) {
  std::ofstream(folder_.path() / "file") << "no folder";
  CachedTranslator translator(std::make_unique<Fake>(asked_), folder_.path() / "file");
  const std::vector<std::string> texts = {"maji"};
  EXPECT_THAT(translator.translate(texts, kFrom, kTo), ElementsAre(Optional(std::string("swmajien"))));
  ASSERT_EQ(translator.notices().size(), 1u);
  EXPECT_THAT(translator.notices()[0], testing::HasSubstr("so texts are translated without it"));
}

}  // namespace
}  // namespace dragoman
