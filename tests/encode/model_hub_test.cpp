#include "encode/model_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <mutex>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "encode/local_server.h"
#include "encode/model_fetch.h"
#include "encode/model_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::LocalServer;
using test::ScopedVariable;
using test::TemporaryFolder;
using test::TinyGguf;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A hub with one file, owner/tiny-GGUF/tiny.gguf, that writes down what it is asked and misbehaves as told.
struct HubTest : testing::Test {
  TemporaryFolder folder;
  ModelStore store{folder.path() / "models"};
  std::string model = TinyGguf{.architecture = "bert", .floats = 20000}.bytes();

  std::mutex mutex;
  std::vector<std::string> asked;  ///< "GET 100-" for bytes from 100 on.
  std::deque<int> statuses;        ///< Answers to the next requests for the file; then 200.
  std::size_t cut_after = 0;       ///< The next download breaks off after so many bytes.
  std::string token;               ///< As it last came.
  std::string etag = sha256(model);
  bool ranges = true;

  LocalServer server{
      [this](const httplib::Request& request, httplib::Response& response) { answer(request, response); }};
  HubSettings hub{.endpoint = server.url(),
                  .token = "",
                  .cache = folder.path() / "hub",
                  .offline = false,
                  .pause = std::chrono::milliseconds(1)};

  void answer(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex);
    asked.push_back(request.method +
                    (request.ranges.empty() ? "" : " " + std::to_string(request.ranges[0].first) + "-"));
    token = request.get_header_value("Authorization");
    if (request.path != "/owner/tiny-GGUF/resolve/main/tiny.gguf") {
      response.status = 404;
      return;
    }
    if (!statuses.empty()) {
      response.status = statuses.front();
      statuses.pop_front();
      if (response.status != 200) return;
    }
    response.set_header("ETag", '"' + etag + '"');
    if (!ranges) const_cast<httplib::Request&>(request).ranges.clear();
    if (request.method == "GET" && cut_after > 0) {
      response.set_content_provider(
          model.size(), "application/octet-stream",
          [part = model.substr(0, std::exchange(cut_after, 0))](std::size_t, std::size_t, httplib::DataSink& sink) {
            sink.write(part.data(), part.size());
            return false;
          });
      return;
    }
    response.set_content(model, "application/octet-stream");
  }

  Model pull(const PullOptions& options = {}) {
    return pull_model(store, "hf:owner/tiny-GGUF/tiny.gguf", options, {}, hub);
  }
};

TEST_F(HubTest, InstallsUnderTheFilesName) {
  const Model pulled = pull({.licence = "Apache-2.0", .sha256 = "", .name = ""});
  EXPECT_EQ(pulled.name, "tiny");
  EXPECT_EQ(pulled.licence, "Apache-2.0");
  EXPECT_EQ(pulled.source, "hf:owner/tiny-GGUF/tiny.gguf");
  EXPECT_EQ(read_file(store.find("tiny").file), model);
}

TEST_F(HubTest, AsksNobodyTheSecondTime) {
  pull();
  asked.clear();
  pull();
  EXPECT_TRUE(asked.empty());
}

TEST_F(HubTest, GoesOnWhereTheConnectionBroke) {
  cut_after = 1000;
  pull();
  EXPECT_THAT(asked, ElementsAre("HEAD", "GET", "GET 1000-"));
  EXPECT_EQ(read_file(store.find("tiny").file), model);
}

TEST_F(HubTest, GoesOnInAnotherRun) {
  cut_after = 1000;
  statuses = {200, 200, 500, 500, 500, 500};
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<Unavailable>(HasSubstr("the server answered 500, 5 times in a row")));
  asked.clear();
  pull();
  EXPECT_THAT(asked, ElementsAre("HEAD", "GET 1000-"));
  EXPECT_EQ(read_file(store.find("tiny").file), model);
}

TEST_F(HubTest, StartsOverWhenTheFileHasChanged) {
  cut_after = 1000;
  statuses = {200, 200, 500, 500, 500, 500};
  EXPECT_THROW(pull(), Unavailable);
  model = TinyGguf{.architecture = "bert", .floats = 20001}.bytes();
  etag = sha256(model);
  asked.clear();
  pull();
  EXPECT_THAT(asked, ElementsAre("HEAD", "GET"));
  EXPECT_EQ(read_file(store.find("tiny").file), model);
}

TEST_F(HubTest, TakesTheWholeFileFromAServerWithoutRanges) {
  cut_after = 1000;
  ranges = false;
  pull();
  EXPECT_EQ(read_file(store.find("tiny").file), model);
}

TEST_F(HubTest, RefusesAnotherHashThanTheUsersBeforeDownloading) {
  EXPECT_THAT([&] { pull({.licence = "", .sha256 = std::string(64, '0'), .name = ""}); },
              ThrowsMessage<InvalidData>(HasSubstr("nothing was installed")));
  EXPECT_THAT(asked, ElementsAre("HEAD"));
}

TEST_F(HubTest, InstallsNothingThatIsNotWhatTheHubSaid) {
  etag = sha256("something else");
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<InvalidData>(AllOf(HasSubstr("what came has SHA-256 " + sha256(model)),
                                                                HasSubstr("nothing was installed"))));
  EXPECT_TRUE(store.list().empty());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "models" / ".tiny.part"));
}

TEST_F(HubTest, TriesAgainWhenTheServerIsBusy) {
  statuses = {429, 200, 503, 429, 200};
  pull();
  EXPECT_THAT(asked, ElementsAre("HEAD", "HEAD", "GET", "GET", "GET"));
}

TEST_F(HubTest, GivesUpAfterFiveFailures) {
  statuses.assign(20, 503);
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<Unavailable>(HasSubstr("the server answered 503, 5 times in a row")));
  EXPECT_EQ(asked.size(), 5u);
}

TEST_F(HubTest, SaysThatAFileIsMissing) {
  EXPECT_THAT(
      [&] { pull_model(store, "hf:owner/tiny-GGUF/other.gguf", {}, {}, hub); },
      ThrowsMessage<NotFound>("hf:owner/tiny-GGUF/other.gguf: the hub has no such file; check owner, name and path"));
}

TEST_F(HubTest, SaysThatATokenIsNeeded) {
  statuses = {401};
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<Unavailable>(AllOf(HasSubstr("answered 401"), HasSubstr("set HF_TOKEN"))));
}

TEST_F(HubTest, SaysThatTheTokenIsNotEnough) {
  hub.token = "hf_secret";
  statuses = {403};
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<Unavailable>(HasSubstr("HF_TOKEN gives no access to it")));
}

TEST_F(HubTest, SendsTheToken) {
  hub.token = "hf_secret";
  pull();
  EXPECT_EQ(token, "Bearer hf_secret");
}

TEST_F(HubTest, SendsNoTokenToAnotherHost) {
  std::vector<std::string> tokens;
  LocalServer storage([&](const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex);
    tokens.push_back(request.method + " " + request.get_header_value("Authorization"));
    response.set_header("ETag", "\"of the storage\"");
    response.set_content(model, "application/octet-stream");
  });
  LocalServer front([&](const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex);
    token = request.get_header_value("Authorization");
    response.set_header("X-Linked-Etag", '"' + sha256(model) + '"');
    response.set_header("X-Linked-Size", std::to_string(model.size()));
    response.set_redirect(storage.url() + "/signed");
  });
  hub.endpoint = front.url();
  hub.token = "hf_secret";
  pull({.licence = "", .sha256 = sha256(model), .name = "redirected"});
  EXPECT_EQ(token, "Bearer hf_secret");
  EXPECT_THAT(tokens, ElementsAre("GET "));
  EXPECT_EQ(read_file(store.find("redirected").file), model);
}

TEST_F(HubTest, ReportsProgressInBytes) {
  std::uint64_t done = 0, total = 0;
  pull_model(
      store, "hf:owner/tiny-GGUF/tiny.gguf", {},
      [&](const ProgressEvent& event) {
        if (event.stage != "download") return;
        done = event.done;
        total = event.total;
      },
      hub);
  EXPECT_EQ(done, model.size());
  EXPECT_EQ(total, model.size());
}

TEST_F(HubTest, StopsWhenTheCallerSaysSo) {
  const auto stop = [](const ProgressEvent& event) {
    if (event.stage == "download") throw std::runtime_error("stop");
  };
  EXPECT_THAT([&] { pull_model(store, "hf:owner/tiny-GGUF/tiny.gguf", {}, stop, hub); },
              ThrowsMessage<std::runtime_error>("stop"));
}

TEST_F(HubTest, SaysThatNobodyListens) {
  hub.endpoint = "http://127.0.0.1:1";
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<Unavailable>(HasSubstr("check the network, or set HF_ENDPOINT")));
}

TEST_F(HubTest, DownloadsNothingOffline) {
  hub.offline = true;
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<Unavailable>(AllOf(HasSubstr("not in the cache"),
                                                                HasSubstr("HF_HUB_OFFLINE forbids downloading"))));
  EXPECT_TRUE(asked.empty());
}

TEST_F(HubTest, TakesAFileFromTheSharedCache) {
  folder.write("hub/models--owner--tiny-GGUF/refs/main", "0123abcd");
  folder.write("hub/models--owner--tiny-GGUF/snapshots/0123abcd/tiny.gguf", model);
  hub.offline = true;
  EXPECT_EQ(read_file(pull().file), model);
  EXPECT_TRUE(asked.empty());
}

TEST_F(HubTest, LeavesACachedFileOfAnotherVersion) {
  folder.write("hub/models--owner--tiny-GGUF/refs/main", "0123abcd");
  folder.write("hub/models--owner--tiny-GGUF/snapshots/0123abcd/tiny.gguf", TinyGguf{}.bytes());
  EXPECT_EQ(read_file(pull({.licence = "", .sha256 = sha256(model), .name = ""}).file), model);
}

TEST_F(HubTest, OverwritesNoModelFromElsewhere) {
  Model own;
  own.name = "tiny";
  own.file = folder.write("own.gguf", TinyGguf{}.bytes());
  store.add(own);
  EXPECT_THAT([&] { pull(); }, ThrowsMessage<InvalidArgument>(HasSubstr("choose another name")));
}

TEST(HubFile, TakesANameApart) {
  const HubFile file = HubFile::parse("hf:Qwen/Qwen3-0.6B-GGUF@v1.0/sub folder/模型.gguf");
  EXPECT_EQ(file.owner, "Qwen");
  EXPECT_EQ(file.name, "Qwen3-0.6B-GGUF");
  EXPECT_EQ(file.revision, "v1.0");
  EXPECT_EQ(file.path, "sub folder/模型.gguf");
  EXPECT_EQ(file.location(), "hf:Qwen/Qwen3-0.6B-GGUF@v1.0/sub folder/模型.gguf");
}

TEST(HubFile, RefusesWhatIsNoFile) {
  for (const char* name : {"hf:owner/name", "hf:owner/name/", "hf:owner/../x.gguf", "hf:owner/name/../x.gguf",
                           "hf:o@x/name/x.gguf", "hf:owner/name@/x.gguf", "hf:owner/name/x.safetensors"}) {
    EXPECT_THAT([&] { HubFile::parse(name); },
                ThrowsMessage<InvalidArgument>(HasSubstr("expected hf:OWNER/NAME[@REVISION]/PATH/TO/FILE.gguf")))
        << name;
  }
}

TEST(HubSettings, ReadsTheVariablesOfTheHubsOwnTools) {
  const ScopedVariable endpoint("HF_ENDPOINT", "https://mirror.example/"), token("HF_TOKEN", "hf_secret"),
      home("HF_HOME", "/data/hf"), cache("HF_HUB_CACHE", ""), offline("HF_HUB_OFFLINE", "1");
  const HubSettings settings = HubSettings::from_environment();
  EXPECT_EQ(settings.endpoint, "https://mirror.example");
  EXPECT_EQ(settings.token, "hf_secret");
  EXPECT_EQ(settings.cache, "/data/hf/hub");
  EXPECT_TRUE(settings.offline);
}

TEST(HubSettings, RefusesAnEndpointThatIsNone) {
  const ScopedVariable endpoint("HF_ENDPOINT", "mirror.example");
  EXPECT_THAT([] { HubSettings::from_environment(); },
              ThrowsMessage<InvalidArgument>("HF_ENDPOINT is \"mirror.example\"; expected http://... or https://..."));
}

}  // namespace
}  // namespace dragoman
