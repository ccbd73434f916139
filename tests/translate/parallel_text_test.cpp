#include "dragoman/translate/parallel_text.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;

using Pairs = std::vector<std::pair<std::string, std::string>>;

class ParallelTextTest : public testing::Test {
 protected:
  Pairs read(const std::string& place, const char* from, const char* to) {
    Pairs pairs;
    report_ = read_parallel_text(place, Language::parse(from), Language::parse(to), [&](const TextPair& pair) {
      pairs.emplace_back(pair.source, pair.target);
      counts_.push_back(pair.count.value_or(0));
    });
    return pairs;
  }
  std::string at(const char* name) const { return (folder_.path() / name).string(); }

  test::TemporaryFolder folder_;
  ParallelTextReport report_;
  std::vector<double> counts_;
};

TEST_F(ParallelTextTest, ReadsLinesOfTwoFilesThatBelongTogether) {
  folder_.write("train.en", "The tea is hot.\n\nThank you.\n");
  folder_.write("train.sw", "Chai ni moto.\nNdiyo.\nAsante.\n");
  EXPECT_THAT(read(at("train.en") + "," + at("train.sw"), "en", "sw"),
              ElementsAre(Pair("The tea is hot.", "Chai ni moto."), Pair("Thank you.", "Asante.")));
  EXPECT_EQ(report_.one_sided, 1u);

  folder_.write("short.sw", "Chai ni moto.\n");
  EXPECT_THAT([&] { read(at("train.en") + "," + at("short.sw"), "en", "sw"); },
              ThrowsMessage<InvalidData>(HasSubstr("train.en goes on")));
}

TEST_F(ParallelTextTest, GoesByTheLanguagesInAFilesName) {
  folder_.write("deu-eng.tsv", "Katze\tcat\t3\nHund\tdog\t1\n");
  EXPECT_THAT(read(at("deu-eng.tsv"), "en", "de"), ElementsAre(Pair("cat", "Katze"), Pair("dog", "Hund")));
  EXPECT_THAT(counts_, ElementsAre(3, 1));
  EXPECT_THAT(read(at("deu-eng.tsv"), "de", "en-GB"), ElementsAre(Pair("Katze", "cat"), Pair("Hund", "dog")));
  EXPECT_THAT([&] { read(at("deu-eng.tsv"), "fr", "en"); },
              ThrowsMessage<InvalidArgument>(HasSubstr("its name says that it is not in 'fr' and 'en'")));
  // Whoever says the columns knows better.
  EXPECT_THAT(read(at("deu-eng.tsv") + "#2:1", "fr", "en"), ElementsAre(Pair("cat", "Katze"), Pair("dog", "Hund")));
  folder_.write("words.txt", "chai tea\nmaji water\n");
  EXPECT_THAT(read(at("words.txt"), "sw", "en"), ElementsAre(Pair("chai", "tea"), Pair("maji", "water")));
}

TEST_F(ParallelTextTest, FindsLanguagesInAFolder) {
  folder_.write("eng_Latn.tsv", "dev\t7\twater\n");
  folder_.write("zho_Hans.tsv", "dev\t7\t水\n");
  folder_.write("arb_Arab.tsv", "dev\t7\tماء\n");
  folder_.write("arb_Latn.tsv", "dev\t7\tma'\n");
  folder_.write("meta.json", "{}\n");
  EXPECT_THAT(read(folder_.path().string() + "#3", "en", "zh"), ElementsAre(Pair("water", "水")));
  EXPECT_THAT(read(folder_.path().string() + "#3", "ar", "en"), ElementsAre(Pair("ماء", "water")));
  EXPECT_THAT(read(folder_.path().string() + "#3", "en", "yo"), IsEmpty());
  EXPECT_FALSE(report_.has_languages);
  EXPECT_THAT([&] { read(folder_.path().string() + "#4", "en", "zh"); },
              ThrowsMessage<InvalidData>(HasSubstr("expected at least 4 columns")));
  EXPECT_THAT([&] { read(folder_.path().string() + "#x", "en", "zh"); },
              ThrowsMessage<InvalidArgument>(HasSubstr("the number of a column")));
}

TEST_F(ParallelTextTest, ReadsTranslationMemories) {
  folder_.write("memory.tmx", R"(<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header srclang="en"/><body>
<tu><tuv xml:lang="EN-US"><seg>Click <bpt i="1">&lt;b&gt;</bpt>here<ept i="1">&lt;/b&gt;</ept> &amp; wait.</seg></tuv>
    <tuv xml:lang="ja"><seg>ここを
クリック</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>alone</seg></tuv></tu>
<tu><tuv xml:lang="ja"><seg>水</seg></tuv><tuv lang="en"><seg>water</seg></tuv></tu>
</body></tmx>)");
  EXPECT_THAT(read(at("memory.tmx"), "en", "ja"),
              ElementsAre(Pair("Click here & wait.", "ここを クリック"), Pair("water", "水")));
  folder_.write("cut.tmx", "<?xml version=\"1.0\"?>\n<tmx><body><tu>");
  EXPECT_THAT([&] { read(at("cut.tmx"), "en", "ja"); },
              ThrowsMessage<InvalidData>(HasSubstr("cut.tmx:2: malformed XML")));
}

TEST_F(ParallelTextTest, ReadsFreeDict) {
  const std::string water =
      "water /wˈɔːtə/ <n>\n1. Wasser <neut>, Gewässer\n    \"a glass of water\" - ein Glas\n2. (archaic) Harn\n";
  const std::string info = "00databaseshort\nEnglish-German\n";
  folder_.write("en-de.dict", info + water);
  // Base 64: "f" is 31, "Bx" is 113.
  const auto base64 = [](std::size_t number) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return std::string{digits[number / 64], digits[number % 64]};
  };
  folder_.write("en-de.index", "00databaseshort\tA\t" + base64(info.size()) + "\nwater\t" + base64(info.size()) + "\t" +
                                   base64(water.size()) + "\n");
  EXPECT_THAT(read(at("en-de.index"), "en", "de"),
              ElementsAre(Pair("water", "Wasser"), Pair("water", "Gewässer"), Pair("water", "Harn")));
  EXPECT_THAT(counts_, ElementsAre(1, 0.5, testing::DoubleEq(1.0 / 3)));
  folder_.write("en-de.index", "water\tB\t//\n");
  EXPECT_THAT([&] { read(at("en-de.index"), "en", "de"); },
              ThrowsMessage<InvalidData>(HasSubstr("points outside the dictionary's data")));
}

TEST_F(ParallelTextTest, SaysWhereTextIsNoText) {
  EXPECT_THAT([&] { read(at("nowhere"), "en", "de"); }, ThrowsMessage<NotFound>(HasSubstr("no such file or folder")));
  folder_.write("bad.tsv", "fine\tgut\n\xff\tgut\n");
  EXPECT_THAT([&] { read(at("bad.tsv"), "en", "de"); },
              ThrowsMessage<InvalidData>(HasSubstr("bad.tsv:2: byte 1 is not UTF-8")));
  folder_.write("one.tsv", "only one side here\n");
  EXPECT_THAT([&] { read(at("one.tsv"), "en", "de"); },
              ThrowsMessage<InvalidData>(HasSubstr("one.tsv:1: expected two texts")));
}

}  // namespace
}  // namespace dragoman
