#include <gmock/gmock.h>

#include "collection/collection_support.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::document;
using testing::ElementsAre;
using testing::IsEmpty;

const Language kEnglish = Language::parse("en"), kFrench = Language::parse("fr");

DocumentTranslation said(DocumentNumber number, std::string text) {
  return {.document = number,
          .to = kEnglish,
          .translated = true,
          .text = std::move(text),
          .route = "fake:sw-en",
          .stamp = "v1",
          .made = 1'800'000'000};
}

std::vector<DocumentNumber> numbers(const std::vector<Collection::Untranslated>& documents) {
  std::vector<DocumentNumber> numbers;
  for (const auto& one : documents) numbers.push_back(one.document);
  return numbers;
}

class DocumentTranslationsTest : public testing::Test {
 protected:
  DocumentTranslationsTest() {
    Collection collection = writer();
    collection.add(std::vector{document("a", "sw", "maji"), document("b", "en-GB", "water"), document("c", "th", "น้ำ"),
                               document("d", "sw", "chai")});
  }
  Collection writer() { return Collection::open_for_writing(folder_.path()); }
  Collection reader() { return Collection::open(folder_.path()); }
  test::TemporaryFolder folder_;
};

TEST_F(DocumentTranslationsTest, AreNoneAtFirst) {
  EXPECT_THAT(numbers(reader().untranslated(kEnglish)), ElementsAre(0, 2, 3));
  EXPECT_THAT(numbers(reader().untranslated(kFrench)), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(reader().untranslated(kEnglish)[1].bytes, 9u);  // Three letters of three bytes.
  EXPECT_EQ(reader().translation(0, kEnglish), std::nullopt);
  EXPECT_THAT(reader().translated(kEnglish), IsEmpty());
  EXPECT_THAT(reader().translation_counts(), IsEmpty());
}

TEST_F(DocumentTranslationsTest, AreKeptWithWhoMadeThem) {
  writer().add_translations(std::vector{said(0, "water"), DocumentTranslation{.document = 2, .to = kEnglish}});
  const auto kept = reader().translation(0, kEnglish);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->text, "water");
  EXPECT_EQ(kept->route, "fake:sw-en");
  EXPECT_EQ(kept->stamp, "v1");
  EXPECT_EQ(kept->made, 1'800'000'000);
  EXPECT_EQ(reader().translation(0, kFrench), std::nullopt);
  // One that was tried in vain is not tried again, and is no translation.
  EXPECT_THAT(numbers(reader().untranslated(kEnglish)), ElementsAre(3));
  EXPECT_THAT(reader().translated(kEnglish), ElementsAre(1, 0, 0, 0));
  writer().forget_translations(kEnglish, Collection::Forget::failures);
  EXPECT_THAT(numbers(reader().untranslated(kEnglish)), ElementsAre(2, 3));
}

TEST_F(DocumentTranslationsTest, TakeThePlaceOfOlderOnesAndGoWithTheirDocument) {
  writer().add_translations(std::vector{said(0, "water"), said(3, "tea")});
  writer().add_translations(std::vector{said(0, "the water")});
  EXPECT_EQ(reader().translation(0, kEnglish)->text, "the water");
  writer().remove(std::vector<std::string>{"a"});
  EXPECT_EQ(reader().translation(0, kEnglish), std::nullopt);
  writer().add(std::vector{document("d", "sw", "chai moto")}, Collection::Known::replace);
  EXPECT_EQ(reader().translation(3, kEnglish), std::nullopt);
  EXPECT_THAT(numbers(reader().untranslated(kEnglish)), ElementsAre(2, 4));
}

TEST_F(DocumentTranslationsTest, OfADocumentThatIsNotThereAreRefusedWithAllOthers) {
  EXPECT_THROW(writer().add_translations(std::vector{said(0, "water"), said(9, "x")}), InvalidArgument);
  EXPECT_EQ(reader().translation(0, kEnglish), std::nullopt);
}

}  // namespace
}  // namespace dragoman
