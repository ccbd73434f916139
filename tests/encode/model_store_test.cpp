#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/encode/model_store.h"
#include "encode/model_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::ScopedVariable;
using test::TemporaryFolder;
using test::TinyGguf;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct ModelStoreTest : testing::Test {
  TemporaryFolder folder;
  ModelStore store{folder.path() / "models"};
  std::string encoder = TinyGguf{.architecture = "bert"}.bytes();

  Model add_encoder() {
    Model model;
    model.name = "tiny";
    model.file = folder.write("anything.gguf", encoder);
    model.licence = "MIT";
    model.languages = {"mul", "ur-Latn"};
    model.query_prompt = "प्रश्न: ";
    model.max_tokens = 512;
    return store.add(model);
  }
};

TEST_F(ModelStoreTest, FindsWhatWasAdded) {
  add_encoder();
  const Model model = store.find("tiny");
  EXPECT_EQ(model.kind, ModelKind::encoder);
  EXPECT_EQ(model.file, folder.path() / "models" / "tiny.gguf");
  EXPECT_EQ(model.sha256, sha256(encoder));
  EXPECT_EQ(model.bytes, encoder.size());
  EXPECT_EQ(model.licence, "MIT");
  EXPECT_EQ(model.source, "file");
  EXPECT_EQ(model.query_prompt, "प्रश्न: ");
  EXPECT_EQ(model.max_tokens, 512u);
  EXPECT_THAT(model.languages, testing::ElementsAre("mul", "ur-Latn"));
  EXPECT_EQ(read_file(model.file), encoder);
}

TEST_F(ModelStoreTest, TakesALanguageIdentifier) {
  Model model;
  model.file = test::source_dir() / "tests/golden/fasttext/pruned.ftz";
  model.name = "lid.176";
  EXPECT_FALSE(has_default_identifier(store.folder()));
  store.add(model);
  const Model found = store.find("lid.176");
  EXPECT_EQ(found.kind, ModelKind::language_identifier);
  EXPECT_EQ(found.file, store.folder() / "lid.176.ftz");
  store.verify(found);
  EXPECT_TRUE(has_default_identifier(store.folder()));
  EXPECT_EQ(open_language_identifier(store.folder())->known_languages().size(), 8u);
  EXPECT_FALSE(open_language_identifier(store.folder(), "script")->has_model());
  EXPECT_EQ(store.find(found.file.string()).sha256, found.sha256);
  add_encoder();
  EXPECT_THAT([&] { open_language_identifier(store.folder(), "tiny"); },
              ThrowsMessage<InvalidArgument>(HasSubstr("model 'tiny' is of kind encoder; a language_identifier is")));
}

TEST_F(ModelStoreTest, RefusesAFasttextModelOfOtherThings) {
  Model model;
  model.file = test::source_dir() / "tests/golden/fasttext/quantised_output.ftz";
  EXPECT_THAT([&] { store.add(model); }, ThrowsMessage<InvalidData>(HasSubstr("is no language")));
  EXPECT_TRUE(store.list().empty());
}

TEST_F(ModelStoreTest, ListsByName) {
  add_encoder();
  Model other;
  other.file = folder.write("another.gguf", TinyGguf{}.bytes());
  store.add(other);
  std::vector<std::string> names;
  for (const auto& model : store.list()) names.push_back(model.name);
  EXPECT_THAT(names, testing::ElementsAre("another", "tiny"));
}

TEST_F(ModelStoreTest, ListsNothingWhereThereIsNoFolder) { EXPECT_TRUE(store.list().empty()); }

TEST_F(ModelStoreTest, SaysHowToGetAModelOfTheCatalogue) {
  EXPECT_THAT(
      [&] { store.find("multilingual-e5-small"); },
      ThrowsMessage<NotFound>("model 'multilingual-e5-small' is not installed; get it with: dragoman model pull "
                              "multilingual-e5-small"));
}

TEST_F(ModelStoreTest, SaysWhereToLookForAnUnknownModel) {
  EXPECT_THAT([&] { store.find("nüwa"); },
              ThrowsMessage<NotFound>("model 'nüwa' is not installed, and the catalogue has none of that name; see: "
                                      "dragoman model list"));
}

TEST_F(ModelStoreTest, RefusesACutFileWithBothSizesAndTheRemedy) {
  const Model model = add_encoder();
  std::filesystem::resize_file(model.file, 100);
  EXPECT_THAT([&] { store.find("tiny"); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr("tiny.gguf: 100 bytes, but " + std::to_string(encoder.size())),
                                               HasSubstr("dragoman model add FILE"))));
}

TEST_F(ModelStoreTest, VerifyFindsAChangedByte) {
  const Model model = add_encoder();
  store.verify(model);
  std::string changed = encoder;
  changed.back() ^= 1;
  folder.write("models/tiny.gguf", changed);
  EXPECT_THAT([&] { store.verify(model); }, ThrowsMessage<InvalidData>(HasSubstr("SHA-256 is")));
}

TEST_F(ModelStoreTest, ReadsAFileThatWasNeverInstalled) {
  const Model model = store.find(folder.write("mine.gguf", encoder).string());
  EXPECT_EQ(model.name, "mine");
  EXPECT_EQ(model.kind, ModelKind::encoder);
  EXPECT_EQ(model.sha256, sha256(encoder));
  EXPECT_EQ(model.query_prompt, "");
}

TEST_F(ModelStoreTest, ReadsTheManifestBesideAFile) {
  const Model model = add_encoder();
  EXPECT_EQ(store.find(model.file.string()).query_prompt, "प्रश्न: ");
}

TEST_F(ModelStoreTest, LeavesAnotherProgramsJsonBesideAFileAlone) {
  folder.write("mine.json", R"({"query_prompt": "not ours"})");
  EXPECT_EQ(store.find(folder.write("mine.gguf", encoder).string()).query_prompt, "");
}

TEST_F(ModelStoreTest, RefusesADamagedManifestNamingIt) {
  add_encoder();
  folder.write("models/tiny.json", "{");
  EXPECT_THAT([&] { store.find("tiny"); }, ThrowsMessage<InvalidData>(HasSubstr("tiny.json: not valid JSON")));
}

TEST_F(ModelStoreTest, RefusesAManifestOfALaterVersion) {
  add_encoder();
  folder.write("models/tiny.json", R"({"dragoman_model": 2})");
  EXPECT_THAT([&] { store.find("tiny"); },
              ThrowsMessage<InvalidData>(HasSubstr("manifest version 2; version 1 can be read")));
}

TEST_F(ModelStoreTest, RefusesToAddWhatIsNoModel) {
  Model model;
  model.file = folder.write("notes.gguf", "not a model");
  EXPECT_THAT([&] { store.add(model); }, ThrowsMessage<InvalidData>(HasSubstr("notes.gguf: not a GGUF file")));
  EXPECT_TRUE(store.list().empty());
}

TEST_F(ModelStoreTest, RefusesANameThatLeavesTheFolder) {
  Model model;
  model.name = "../tiny";
  model.file = folder.write("anything.gguf", encoder);
  EXPECT_THAT([&] { store.add(model); }, ThrowsMessage<InvalidArgument>(HasSubstr("model name \"../tiny\"")));
}

TEST_F(ModelStoreTest, ReplacesAModelOfTheSameName) {
  add_encoder();
  encoder = TinyGguf{.architecture = "bert", .floats = 8}.bytes();
  add_encoder();
  EXPECT_EQ(store.find("tiny").bytes, encoder.size());
}

TEST_F(ModelStoreTest, LeavesNoUnfinishedWork) {
  add_encoder();
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "models" / ".tiny.work"));
}

TEST_F(ModelStoreTest, SeveralMayAddAtOnce) {
  const auto file = folder.write("anything.gguf", encoder);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Model model;
      model.name = "tiny";
      model.file = file;
      ModelStore(folder.path() / "models").add(model);
    });
  }
  for (auto& thread : threads) thread.join();
  store.verify(store.find("tiny"));
}

TEST(ModelStore, TakesItsFolderFromTheEnvironment) {
  const ScopedVariable own("DRAGOMAN_MODELS", "/a"), data("XDG_DATA_HOME", "/b"), home("HOME", "/c");
  EXPECT_EQ(ModelStore().folder(), "/a");
  const ScopedVariable unset_own("DRAGOMAN_MODELS", "");
  EXPECT_EQ(ModelStore().folder(), "/b/dragoman/models");
  const ScopedVariable unset_data("XDG_DATA_HOME", "");
  EXPECT_EQ(ModelStore().folder(), "/c/.local/share/dragoman/models");
}

}  // namespace
}  // namespace dragoman
