#include "dragoman/collection/document_filter.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "collection/collection_support.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

TEST(MetadataCondition, IsReadAndPrinted) {
  const auto round = [](std::string_view condition) { return to_string(parse_metadata_condition(condition)); };
  EXPECT_EQ(round("year>=2020"), "year>=2020");
  EXPECT_EQ(round(" source  =  BBC Swahili "), "source=BBC Swahili");
  EXPECT_EQ(round("سنة<1450"), "سنة<1450");
  EXPECT_EQ(round("a!=b=c"), "a!=b=c");
  EXPECT_EQ(round(R"(zip = "02134")"), R"(zip="02134")");
  EXPECT_EQ(round(R"(name="")"), R"(name="")");
  EXPECT_EQ(parse_metadata_condition("x<=1").comparison, Comparison::at_most);
  EXPECT_EQ(parse_metadata_condition("x>1").comparison, Comparison::more);
  EXPECT_TRUE(parse_metadata_condition(R"(zip="1")").is_text);
}

TEST(MetadataCondition, IsRefusedWithTheReasonAndTheForm) {
  const std::string form = "; write MEMBER=VALUE, with one of = != < <= > >=, as year>=2020";
  const auto refusal = [&](const std::string& condition, const std::string& why) {
    EXPECT_THAT([&] { parse_metadata_condition(condition); },
                ThrowsMessage<InvalidArgument>("condition '" + condition + "' " + why + form));
  };
  refusal("year", "compares nothing");
  refusal("", "compares nothing");
  refusal("year!2020", "has no operator");
  refusal("=2020", "names no member of the metadata");
  refusal("year>=", "has no value (\"\" is the empty text)");
  refusal("year==2020", "has '=' where a value belongs (quote it if it is one)");
  refusal("year=>2020", "has '>' where a value belongs (quote it if it is one)");
  refusal("a\"b=1", "has a quote or backslash in its member");
  refusal("a=\"b", "has a quoted value that does not end, or is no JSON string");
}

class FilterTest : public testing::Test {
 protected:
  Collection collection(const std::vector<std::string>& metadata) const {
    Collection collection = Collection::open_for_writing(folder_.path() / "index");
    std::vector<Document> documents;
    for (const std::string& object : metadata) {
      documents.push_back(test::document(std::to_string(documents.size()), "ru", "чай", object));
    }
    collection.add(documents);
    return collection;
  }

  static std::vector<int> matching(const Collection& collection, const std::vector<std::string>& conditions) {
    std::vector<MetadataCondition> parsed;
    for (const std::string& condition : conditions) parsed.push_back(parse_metadata_condition(condition));
    std::vector<int> numbers;
    const auto passed = collection.matching(parsed);
    for (std::size_t i = 0; i < passed.size(); ++i) {
      if (passed[i] != 0) numbers.push_back(static_cast<int>(i));
    }
    return numbers;
  }

  test::TemporaryFolder folder_;
};

TEST_F(FilterTest, ComparesNumbersAsNumbers) {
  const Collection years =
      collection({R"({"year":2020})", R"({"year":"2020"})", R"({"year":900})", R"({"year":2020.5})",
                  R"({"year":"unknown"})", R"({"year":null})", "{}", R"({"Year":2020})"});
  EXPECT_THAT(matching(years, {"year=2020"}), ElementsAre(0, 1));
  EXPECT_THAT(matching(years, {"year>=2020"}), ElementsAre(0, 1, 3));
  EXPECT_THAT(matching(years, {"year<2e3"}), ElementsAre(2));
  EXPECT_THAT(matching(years, {"year>2020"}), ElementsAre(3));
  EXPECT_THAT(matching(years, {"year!=2020"}), ElementsAre(2, 3, 4));
  EXPECT_THAT(matching(years, {R"(year="2020")"}), ElementsAre(1));
  EXPECT_THAT(matching(years, {"year=unknown"}), ElementsAre(4));
  EXPECT_THAT(matching(years, {"year>900", "year<2020.5"}), ElementsAre(0, 1));
  EXPECT_THAT(matching(years, {"month=1"}), ElementsAre());
  EXPECT_THAT(matching(years, {}), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST_F(FilterTest, KeepsWholeNumbersApartThatDoublesCannot) {
  const Collection large = collection({R"({"n":9007199254740992})", R"({"n":9007199254740993})"});
  EXPECT_THAT(matching(large, {"n=9007199254740993"}), ElementsAre(1));
}

TEST_F(FilterTest, ComparesTextsByTheirBytes) {
  const Collection texts = collection({R"({"date":"2020-01-31","ulimi":"Kiswahili cha Mombasa","ok":true})",
                                       R"({"date":"2020-02-01","来源":"新华社","ok":false})"});
  EXPECT_THAT(matching(texts, {"date<2020-02"}), ElementsAre(0));
  EXPECT_THAT(matching(texts, {"date>=2020-01-31", "date<=2020-02-01"}), ElementsAre(0, 1));
  EXPECT_THAT(matching(texts, {"ulimi=Kiswahili cha Mombasa"}), ElementsAre(0));
  EXPECT_THAT(matching(texts, {"来源=新华社"}), ElementsAre(1));
  EXPECT_THAT(matching(texts, {"ok=true"}), ElementsAre(0));
  EXPECT_THAT(matching(texts, {"ok!=true"}), ElementsAre(1));
}

TEST_F(FilterTest, KnowsNoRemovedDocuments) {
  Collection some = collection({R"({"a":1})", R"({"a":1})", R"({"a":1})"});
  some.remove(std::vector<std::string>{"1"});
  EXPECT_THAT(matching(some, {"a=1"}), ElementsAre(0, 2));
  EXPECT_THAT(matching(some, {}), ElementsAre(0, 2));
}

}  // namespace
}  // namespace dragoman
