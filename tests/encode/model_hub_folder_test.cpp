#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "encode/huggingface_support.h"
#include "encode/local_server.h"
#include "encode/model_fetch.h"
#include "translate/tiny_seq2seq.h"

namespace dragoman {
namespace {

using test::golden_folder;
using test::ImportedModel;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

/// A hub with the repository owner/tiny: a folder of tests/golden/models and whatever else lies there.
struct HubFolderTest : testing::Test {
  test::TemporaryFolder folder;
  ModelStore store{folder.path() / "models"};
  std::mutex mutex;
  std::map<std::string, std::string> files;  ///< By path.
  std::set<std::string> busy;                ///< Answered with 503.
  std::multiset<std::string> sent;           ///< Paths, each time the bytes went out.

  test::LocalServer server{
      [this](const httplib::Request& request, httplib::Response& response) { answer(request, response); }};
  HubSettings hub{.endpoint = server.url(),
                  .token = "",
                  .cache = folder.path() / "hub",
                  .offline = false,
                  .pause = std::chrono::milliseconds(1)};

  void serve(std::string_view name) { serve_folder(golden_folder(name)); }

  /// A translator, whose folder is given back.
  std::filesystem::path serve_translator(test::TinyFamily family) {
    const auto root = folder.path() / "translator";
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
    test::TinySeq2Seq(family, 3).write(root);
    serve_folder(root);
    return root;
  }

  void serve_folder(const std::filesystem::path& root) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) {
        files[std::filesystem::relative(entry.path(), root).generic_string()] = read_file(entry.path());
      }
    }
    files["modeling.py"] = "raise SystemExit";
    files["onnx/model.onnx"] = std::string(1000, 'x');
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex);
    const std::string root = "/owner/tiny/resolve/main/";
    const auto found = request.path.starts_with(root) ? files.find(request.path.substr(root.size())) : files.end();
    response.status = found == files.end() ? 404 : busy.contains(found->first) ? 503 : 200;
    if (response.status != 200) return;
    if (request.method == "GET") sent.insert(found->first);
    response.set_header("ETag", '"' + sha256(found->second) + '"');
    response.set_content(found->second, "application/octet-stream");
  }

  Model pull(const PullOptions& options = {}) { return pull_model(store, "hf:owner/tiny", options, {}, hub); }
};

TEST_F(HubFolderTest, MakesTheSameFileAsOfAFolderOnTheDisk) {
  for (const char* name : {"bert", "xlm-roberta", "labse", "bge-m3", "splade", "distilbert"}) {
    files.clear();
    serve(name);
    const Model model = pull({.licence = "Apache-2.0", .name = name});
    EXPECT_EQ(read_file(model.file), ImportedModel(golden_folder(name)).bytes) << name;
    EXPECT_EQ(model.source, "hf:owner/tiny");
    EXPECT_EQ(model.licence, "Apache-2.0");
    store.verify(store.find(name));
  }
}

TEST_F(HubFolderTest, TakesTheRepositorysNameAndItsPrompts) {
  serve("bert");
  const Model model = pull();
  EXPECT_EQ(model.name, "tiny");
  EXPECT_EQ(model.query_prompt, "query: ");
  EXPECT_EQ(model.max_tokens, 48u);
}

TEST_F(HubFolderTest, TakesTheUsersWordFirst) {
  serve("bert");
  const Model model = pull({.pooling = Pooling::cls, .query_prompt = "सवाल: ", .max_tokens = 32});
  EXPECT_EQ(model.query_prompt, "सवाल: ");
  EXPECT_EQ(model.passage_prompt, "passage: ");
  EXPECT_EQ(model.max_tokens, 32u);
  EXPECT_EQ(read_file(model.file), ImportedModel(golden_folder("bert"), {.pooling = Pooling::cls}).bytes);
}

TEST_F(HubFolderTest, FetchesNothingThatItDoesNotRead) {
  serve("labse");
  pull();
  EXPECT_THAT(sent, AllOf(Contains("2_Dense/pytorch_model.bin"), Not(Contains("modeling.py")),
                          Not(Contains("onnx/model.onnx")), Not(Contains("expected.json"))));
  EXPECT_EQ(std::set(sent.begin(), sent.end()).size(), sent.size());
}

TEST_F(HubFolderTest, AsksNobodyTheSecondTimeAndLeavesNothingBehind) {
  serve("bert");
  pull();
  sent.clear();
  pull();
  EXPECT_TRUE(sent.empty());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "models" / ".tiny.files"));
}

TEST_F(HubFolderTest, RefusesBeforeTheWeightsCome) {
  serve("bert");
  Json config = Json::parse(files["config.json"]);
  config["hidden_act"] = "mish";
  files["config.json"] = config.dump();
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<InvalidData>(HasSubstr("unknown activation \"mish\"")));
  EXPECT_THAT(sent, Not(Contains("model.safetensors")));
}

TEST_F(HubFolderTest, GoesOnWithWhatHasCome) {
  serve("labse");
  busy.insert("2_Dense/pytorch_model.bin");
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<Unavailable>(HasSubstr("answered 503")));
  EXPECT_THAT(sent, Contains("pytorch_model.bin"));
  EXPECT_TRUE(store.list().empty());
  busy.clear();
  sent.clear();
  EXPECT_EQ(read_file(pull().file), ImportedModel(golden_folder("labse")).bytes);
  EXPECT_THAT(sent, AllOf(Contains("2_Dense/pytorch_model.bin"), Not(Contains("pytorch_model.bin"))));
}

TEST_F(HubFolderTest, FetchesAgainWhatHasChangedMeanwhile) {
  serve("labse");
  busy.insert("2_Dense/pytorch_model.bin");
  EXPECT_THROW(pull(), Unavailable);
  busy.clear();
  files.clear();
  serve("bert");
  EXPECT_EQ(read_file(pull().file), ImportedModel(golden_folder("bert")).bytes);
}

TEST_F(HubFolderTest, MakesATranslatorOfAFolderAsAddDoes) {
  for (const auto family : {test::TinyFamily::marian, test::TinyFamily::m2m}) {
    files.clear();
    sent.clear();
    const std::string name = family == test::TinyFamily::marian ? "pair" : "many";
    const auto root = serve_translator(family);
    std::vector<std::string> languages;
    if (family == test::TinyFamily::marian) languages = {"sw", "en"};
    const Model pulled = pull({.name = name, .languages = languages});
    Model added;
    added.file = root;
    added.languages = languages;
    added.name = name;
    ModelStore other(folder.path() / "added");
    added = other.add(added);
    EXPECT_EQ(pulled.sha256, added.sha256);
    EXPECT_EQ(pulled.languages, added.languages);
    EXPECT_EQ(pulled.source, "hf:owner/tiny");
    EXPECT_THAT(sent, Not(Contains("modeling.py")));
    store.verify(store.find(name));
  }
}

TEST_F(HubFolderTest, RefusesATranslatorBeforeItsWeightsCome) {
  serve_translator(test::TinyFamily::marian);
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<InvalidArgument>(HasSubstr("--languages en fr")));
  EXPECT_THAT(sent, Not(Contains("model.safetensors")));
  files.erase("source.spm");
  EXPECT_THAT([&] { pull({.languages = {"sw", "en"}}); }, ThrowsMessage<NotFound>(HasSubstr("has no source.spm")));
  files["config.json"] = R"({"model_type": "t5", "is_encoder_decoder": true})";
  EXPECT_THAT([&] { pull({.languages = {"sw", "en"}}); }, ThrowsMessage<InvalidData>(HasSubstr("t5")));
  EXPECT_THAT(sent, Not(Contains("model.safetensors")));
}

TEST_F(HubFolderTest, SaysThatARepositoryHoldsNoEncoder) {
  files["README.md"] = "# नमस्ते";
  EXPECT_THAT([&] { pull(); },
              ThrowsMessage<NotFound>("hf:owner/tiny: has no config.json; a model as a single file is named "
                                      "hf:OWNER/NAME/FILE.gguf, and another kind of folder is installed from the "
                                      "disk: dragoman model add FOLDER"));
}

TEST_F(HubFolderTest, NamesAPieceThatIsMissing) {
  serve("xlm-roberta");
  files.erase("model-00002-of-00002.safetensors");
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<NotFound>(HasSubstr("has no model-00002-of-00002.safetensors")));
}

TEST_F(HubFolderTest, TakesAFolderOutOfTheSharedCache) {
  const auto repository = folder.path() / "hub" / "models--owner--tiny";
  folder.write("hub/models--owner--tiny/refs/main", "0123abcd");
  std::filesystem::create_directories(repository / "snapshots");
  std::filesystem::copy(golden_folder("gte"), repository / "snapshots" / "0123abcd",
                        std::filesystem::copy_options::recursive);
  hub.offline = true;
  EXPECT_EQ(read_file(pull().file), ImportedModel(golden_folder("gte")).bytes);
}

TEST_F(HubFolderTest, DownloadsNothingOffline) {
  hub.offline = true;
  EXPECT_THAT([&] { pull(); },
              ThrowsMessage<Unavailable>(AllOf(HasSubstr("hf:owner/tiny/config.json: not in the cache"),
                                               HasSubstr("HF_HUB_OFFLINE forbids downloading"))));
}

TEST_F(HubFolderTest, TakesNoHashForManyFiles) {
  EXPECT_THAT([&] { pull({.sha256 = std::string(64, '0')}); },
              ThrowsMessage<InvalidArgument>(HasSubstr("a hash belongs to one file")));
}

}  // namespace
}  // namespace dragoman
