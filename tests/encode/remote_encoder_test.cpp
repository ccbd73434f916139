#include "encode/remote_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/evp.h>

#include <atomic>
#include <cmath>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/encode/model_store.h"
#include "encode/embeddings_answer.h"
#include "encode/local_server.h"
#include "encode/model_support.h"
#include "encode/token_estimate.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::ScopedVariable;
using testing::AllOf;
using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::ThrowsMessage;

/// An endpoint on this machine whose vector of a text is (3, 4 * bytes), which behaves as told.
class Endpoint {
 public:
  Endpoint() {
    server_.Post("/v1/embeddings",
                 [this](const httplib::Request& request, httplib::Response& response) { answer(request, response); });
    listening_.emplace(server_);
  }
  std::string url() const { return listening_->url() + "/v1"; }

  std::deque<int> statuses;  ///< Of the next answers; then 200. 0 closes the connection without a word.
  std::string body;          ///< The answer, if not the right one.
  std::string refusal = R"({"error": {"message": "too busy"}})";
  std::string redirect;     ///< Sends on to here with 307.
  std::string retry_after;  ///< Goes with every status but 200.
  bool knows_dimensions = true, backwards = false, base64 = false, counts = true;

  std::vector<Json> requests;          ///< As they came.
  std::vector<std::string> keys;       ///< Authorization, of each.
  std::atomic<int> now = 0, most = 0;  ///< Requests at the same time.
  std::chrono::milliseconds takes{0};
  std::mutex mutex;

 private:
  static std::string to_base64(const std::vector<float>& numbers) {
    const auto bytes = numbers.size() * sizeof(float);
    std::string text((bytes + 2) / 3 * 4 + 1, '\0');
    text.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                         reinterpret_cast<const unsigned char*>(numbers.data()),
                                                         static_cast<int>(bytes))));
    return text;
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    const int together = ++now;
    for (int before = most; before < together && !most.compare_exchange_weak(before, together);) {
    }
    std::this_thread::sleep_for(takes);
    const std::lock_guard lock(mutex);
    --now;
    requests.push_back(Json::parse(request.body));
    keys.push_back(request.get_header_value("Authorization"));
    if (!redirect.empty()) return response.set_redirect(redirect, 307);
    if (!statuses.empty()) {
      const int status = statuses.front();
      statuses.pop_front();
      if (status == 0) {
        response.set_content_provider(1000, "application/json",
                                      [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
        return;
      }
      if (status != 200) {
        response.status = status;
        if (!retry_after.empty()) response.set_header("Retry-After", retry_after);
        response.set_content(refusal, "application/json");
        return;
      }
    }
    if (!body.empty()) return response.set_content(body, "application/json");
    Json data = Json::array();
    const Json& input = requests.back().at("input");
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < input.size(); ++i) {
      const auto bytes = input[i].get_ref<const std::string&>().size();
      tokens += 10;
      std::vector<float> vector = {3, static_cast<float>(4 * bytes), 0, 0};
      if (knows_dimensions && requests.back().contains("dimensions")) vector.resize(requests.back()["dimensions"]);
      Json item = {{"index", i}, {"object", "embedding"}};
      item["embedding"] = base64 ? Json(to_base64(vector)) : Json(vector);
      data.push_back(std::move(item));
    }
    if (backwards) std::reverse(data.begin(), data.end());
    Json all = {{"object", "list"}, {"data", std::move(data)}};
    if (counts) all["usage"] = {{"prompt_tokens", tokens}, {"total_tokens", tokens}};
    response.set_content(all.dump(), "application/json");
  }

  httplib::Server server_;
  std::optional<test::Listening> listening_;
};

struct RemoteEncoderTest : testing::Test {
  ScopedVariable no_key{"DRAGOMAN_API_KEY", ""}, no_other_key{"OPENAI_API_KEY", ""}, no_proxy{"no_proxy", "*"};
  Endpoint endpoint;
  RemoteOptions remote{.pause = std::chrono::milliseconds(1), .stall = std::chrono::seconds(2)};

  Model model() const {
    Model model;
    model.name = "far-away";
    model.endpoint = endpoint.url();
    model.endpoint_model = "tiny";
    model.dimension = 4;
    return model;
  }
  std::unique_ptr<Encoder> open() { return open_remote_encoder(model(), {}, remote); }
  std::vector<Encoding> encode(std::vector<std::string_view> texts, const EncodeOptions& options = {}) {
    return open()->encode(texts, EncodeAs::passage, options);
  }
  std::string place() const { return endpoint.url() + " (model 'tiny')"; }
};

// 水 has three bytes: (3, 12), which is (1, 4) / sqrt(17) at unit length; one byte gives (3, 4), which is (0.6, 0.8).
TEST_F(RemoteEncoderTest, GivesUnitVectorsInTheOrderOfTheTexts) {
  endpoint.backwards = true;
  const auto encodings = encode({"a", "水"});
  EXPECT_THAT(encodings[0].dense, ElementsAre(FloatEq(0.6f), FloatEq(0.8f), 0, 0));
  EXPECT_THAT(encodings[1].dense, ElementsAre(FloatEq(1 / std::sqrt(17.0f)), FloatEq(4 / std::sqrt(17.0f)), 0, 0));
  EXPECT_EQ(endpoint.requests.at(0),
            Json::parse(R"({"model": "tiny", "input": ["a", "水"], "encoding_format": "float"})"));
}

TEST_F(RemoteEncoderTest, ReadsBase64) {
  const auto floats = encode({"a", "मौसम"});
  endpoint.base64 = true;
  EXPECT_EQ(encode({"a", "मौसम"}), floats);
}

TEST_F(RemoteEncoderTest, PutsPromptsBeforeTexts) {
  Model prompted = model();
  prompted.query_prompt = "query: ";
  const auto encoder = open_remote_encoder(prompted, {}, remote);
  encoder->encode(std::vector<std::string_view>{"где?"}, EncodeAs::query);
  encoder->encode(std::vector<std::string_view>{"здесь"}, EncodeAs::passage);
  EXPECT_EQ(endpoint.requests.at(0)["input"][0], "query: где?");
  EXPECT_EQ(endpoint.requests.at(1)["input"][0], "здесь");
}

// The server counts ten tokens a text.
TEST_F(RemoteEncoderTest, TakesTheServersTokenCounts) {
  const auto encodings = encode({"one", "one", "two"});
  EXPECT_EQ(encodings[0].tokens_read + encodings[1].tokens_read + encodings[2].tokens_read, 30u);
  EXPECT_EQ(encodings[0].tokens_read, 10u);
  endpoint.counts = false;
  EXPECT_EQ(encode({"one"})[0].tokens_read, 1u + 2u);  // Three letters, and the ends of the text.
}

TEST_F(RemoteEncoderTest, CutsWhatIsLongerThanTheModelReads) {
  endpoint.counts = false;
  Model brief = model();
  brief.max_tokens = 12;
  const auto encoder = open_remote_encoder(brief, {}, remote);
  EXPECT_EQ(encoder->passage_budget(), 10u);
  const std::string text = "ยาวมากเกินไป";  // Twelve code points of one token and a half.
  const auto encodings = encoder->encode(std::vector<std::string_view>{text}, EncodeAs::passage);
  EXPECT_EQ(endpoint.requests.at(0)["input"][0], "ยาวมาก");  // Six of them make nine tokens.
  EXPECT_EQ(encodings[0].tokens_read, 11u);
  EXPECT_EQ(encodings[0].tokens_total, 20u);
}

TEST_F(RemoteEncoderTest, SendsSomethingForATextWithoutAnything) {
  encode({""});
  EXPECT_EQ(endpoint.requests.at(0)["input"][0], " ");
}

TEST_F(RemoteEncoderTest, AsksForFewerDimensions) {
  const auto encodings = encode({"a"}, {.dense_dimension = 2});
  EXPECT_EQ(endpoint.requests.at(0)["dimensions"], 2);
  EXPECT_THAT(encodings[0].dense, ElementsAre(FloatEq(0.6f), FloatEq(0.8f)));
  endpoint.knows_dimensions = false;
  EXPECT_EQ(encode({"a"}, {.dense_dimension = 2}), encodings);
}

TEST_F(RemoteEncoderTest, AsksForTheDimensionWhereItIsNotKnown) {
  Model unknown = model();
  unknown.dimension = 0;
  EXPECT_EQ(open_remote_encoder(unknown, {}, remote)->dimension(), 4u);
  EXPECT_EQ(endpoint.requests.size(), 1u);
}

TEST_F(RemoteEncoderTest, PacksTextsByNumberAndLengthAndSendsSomeAtATime) {
  remote.batch_texts = 3;
  remote.in_flight = 2;
  endpoint.takes = std::chrono::milliseconds(20);
  std::vector<std::string> texts;
  for (int i = 0; i < 10; ++i) texts.push_back(std::string(static_cast<std::size_t>(i + 1), 'a'));
  const auto encodings = encode({texts.begin(), texts.end()});
  EXPECT_EQ(endpoint.requests.size(), 4u);
  EXPECT_EQ(endpoint.most, 2);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_FLOAT_EQ(encodings[i].dense[1] / encodings[i].dense[0], 4.0f * static_cast<float>(i + 1) / 3.0f);
  }
  remote.batch_texts = 64;
  remote.batch_tokens = 5;
  endpoint.requests.clear();
  encode({"aaa", "aaa", "bbb"});  // One token and two ends each.
  EXPECT_EQ(endpoint.requests.size(), 3u);
}

TEST_F(RemoteEncoderTest, TriesAgainWhenTheServerIsBusyOrBreaksOff) {
  endpoint.statuses = {429, 503, 0};
  EXPECT_THAT(encode({"a"})[0].dense, ElementsAre(FloatEq(0.6f), FloatEq(0.8f), 0, 0));
  EXPECT_EQ(endpoint.requests.size(), 4u);
}

TEST_F(RemoteEncoderTest, WaitsAsLongAsTheServerAsks) {
  endpoint.statuses = {429};
  endpoint.retry_after = "1";
  const auto began = std::chrono::steady_clock::now();
  encode({"a"});
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
}

TEST_F(RemoteEncoderTest, GivesUpWithTheServersWords) {
  endpoint.statuses = {503, 503, 503, 503, 503};
  EXPECT_THAT([&] { encode({"a"}); },
              ThrowsMessage<Unavailable>(place() + ": the server answered 503 (\"too busy\"), 5 times in a row; see "
                                                   "whether the endpoint is up, and run the same command again"));
}

TEST_F(RemoteEncoderTest, GivesUpWhenNobodyListens) {
  Model nobody = model();
  nobody.endpoint = "http://127.0.0.1:9/v1";
  EXPECT_THAT(
      [&] { open_remote_encoder(nobody, {}, remote)->encode(std::vector<std::string_view>{"a"}, EncodeAs::query); },
      ThrowsMessage<Unavailable>(AllOf(HasSubstr("http://127.0.0.1:9/v1 (model 'tiny')"),
                                       HasSubstr("5 times in a row; see whether the endpoint is up"))));
}

TEST_F(RemoteEncoderTest, NamesTheRemedyOfARefusal) {
  const auto expect = [&](int status, const std::string& remedy) {
    endpoint.statuses = {status};
    endpoint.requests.clear();
    EXPECT_THAT([&] { encode({"a"}); },
                ThrowsMessage<Error>(AllOf(HasSubstr("answered " + std::to_string(status)), HasSubstr(remedy))));
    EXPECT_EQ(endpoint.requests.size(), 1u) << "not tried again";
  };
  expect(401, "set DRAGOMAN_API_KEY to a key for it");
  expect(404, "check the address, which often ends with /v1, and the model's name");
  expect(400, "smaller --max-tokens");
  endpoint.refusal = "<html>\x1b[31mNot a model\r\n" + std::string(1000, 'x');
  endpoint.statuses = {400};
  EXPECT_THAT([&] { encode({"a"}); }, ThrowsMessage<Error>(AllOf(HasSubstr("<html>\\x1b[31mNot a model\\x0d\\x0a"),
                                                                 Not(HasSubstr(std::string(201, 'x'))))));
}

TEST_F(RemoteEncoderTest, SendsTheKeyAndNeverShowsIt) {
  const ScopedVariable openai("OPENAI_API_KEY", "sk-other");
  encode({"a"});
  EXPECT_EQ(endpoint.keys.back(), "Bearer sk-other");
  const ScopedVariable own("DRAGOMAN_API_KEY", "sk-secret");
  encode({"a"});
  EXPECT_EQ(endpoint.keys.back(), "Bearer sk-secret");
  endpoint.statuses = {401};
  endpoint.refusal = R"({"error": {"message": "Incorrect API key provided: sk-secret. sk-secret!"}})";
  EXPECT_THAT([&] { encode({"a"}); }, ThrowsMessage<Unavailable>(AllOf(
                                          HasSubstr("(\"Incorrect API key provided: ***. ***!\")"),
                                          HasSubstr("another key, this one is refused"), Not(HasSubstr("secret")))));
  const ScopedVariable bad("DRAGOMAN_API_KEY", "sk\r\nHost: evil");
  EXPECT_THAT([&] { open(); },
              ThrowsMessage<InvalidArgument>(AllOf(HasSubstr("DRAGOMAN_API_KEY"), Not(HasSubstr("evil")))));
}

TEST_F(RemoteEncoderTest, KeepsTheKeyFromTheHostThatItIsSentOnTo) {
  const ScopedVariable key("DRAGOMAN_API_KEY", "sk-secret");
  Endpoint other;
  endpoint.redirect = other.url() + "/embeddings";
  EXPECT_THAT(encode({"a"})[0].dense, ElementsAre(FloatEq(0.6f), FloatEq(0.8f), 0, 0));
  EXPECT_THAT(endpoint.keys, ElementsAre("Bearer sk-secret"));
  EXPECT_THAT(other.keys, ElementsAre(""));
}

TEST_F(RemoteEncoderTest, RefusesWrongAnswers) {
  const auto expect = [&](const std::string& body, const std::string& message) {
    endpoint.body = body;
    endpoint.requests.clear();
    EXPECT_THAT([&] { encode({"a", "b"}); }, ThrowsMessage<InvalidData>(AllOf(HasSubstr(place()), HasSubstr(message))));
    EXPECT_EQ(endpoint.requests.size(), 1u);
  };
  const std::string good = R"({"index": 0, "embedding": [1, 0, 0, 0]})";
  expect("<html>Welcome</html>", "JSON");
  expect("{}", "the answer has no list \"data\"");
  expect(R"({"data": [)" + good + "]}", "1 embeddings came for 2 texts");
  expect(R"({"data": [)" + good + "," + good + "]}", "two embeddings have the index 0");
  expect(R"({"data": [)" + good + R"(, {"index": 2, "embedding": [1, 0, 0, 0]}]})", "the index 2 of 2 texts");
  expect(R"({"data": [)" + good + R"(, {"embedding": [1, 0, 0, 0]}]})", "an embedding has no index");
  expect(R"({"data": [)" + good + R"(, {"index": 1, "embedding": [1, 0, 0]}]})", "several dimensions");
  expect(R"({"data": [)" + good + R"(, {"index": 1, "embedding": []}]})", "an embedding is empty");
  expect(R"({"data": [)" + good + R"(, {"index": 1, "embedding": [1, null, 0, 0]}]})", "no number");
  expect(R"({"data": [)" + good + R"(, {"index": 1, "embedding": [1, 1e39, 0, 0]}]})", "too large");
  expect(R"({"data": [)" + good + R"(, {"index": 1, "embedding": [1, NaN, 0, 0]}]})", "JSON");
  expect(R"({"data": [)" + good + R"(, {"index": 1, "embedding": "AAAA*AAA"}]})", "not base64");
  expect(R"({"data": [)" + good + R"(, {"index": 1, "embedding": "AAAA"}]})", "no row of 32-bit floats");
  // AADAfw== is a NaN of 32 bits.
  expect(R"({"data": [{"index": 1, "embedding": "AADAfw=="}, {"index": 0, "embedding": "AADAfw=="}]})", "not finite");
  expect(R"({"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1]}]})",
         "vectors of 1 dimensions came, not of 4");
  expect(std::string(std::size_t{3} << 20, ' '), "more than what was asked for could have");
}

TEST_F(RemoteEncoderTest, SaysWhatItCannot) {
  EXPECT_THAT([&] { open()->tokenize("a", EncodeAs::query); },
              ThrowsMessage<InvalidArgument>(HasSubstr("an endpoint shows no tokens")));
  EXPECT_THAT([&] { encode({"a"}, {.heads = {.dense = true, .sparse = true, .multi_vector = false}}); },
              ThrowsMessage<InvalidArgument>("the model has no sparse head"));
  EXPECT_THAT([&] { open_remote_encoder(model(), {.precision = Precision::int8}); },
              ThrowsMessage<InvalidArgument>("far-away: an endpoint chooses its own precision; leave --precision out"));
}

TEST_F(RemoteEncoderTest, WorksThroughTheCache) {
  const test::TemporaryFolder folder;
  const std::vector<std::string_view> texts = {"tisa", "تسعة"};
  const auto cold = open_encoder(model(), {.cache = folder.path()})->encode(texts, EncodeAs::query);
  EXPECT_EQ(open_encoder(model(), {.cache = folder.path()})->encode(texts, EncodeAs::query), cold);
  EXPECT_EQ(endpoint.requests.size(), 1u);
  Model other = model();
  other.endpoint_model = "other";
  open_encoder(other, {.cache = folder.path()})->encode(texts, EncodeAs::query);
  EXPECT_EQ(endpoint.requests.size(), 2u);
}

TEST_F(RemoteEncoderTest, IsInstalledByAManifest) {
  const test::TemporaryFolder folder;
  const ModelStore store(folder.path());
  Model wanted;
  wanted.endpoint = endpoint.url() + "/";
  wanted.endpoint_model = "tiny";
  wanted.query_prompt = "query: ";
  const Model added = store.add(wanted);
  EXPECT_EQ(added.dimension, 4u);
  const Model found = store.find("tiny");
  EXPECT_EQ(found.endpoint, endpoint.url());
  EXPECT_EQ(found.query_prompt, "query: ");
  EXPECT_EQ(found.dimension, 4u);
  EXPECT_EQ(store.list().size(), 1u);
  EXPECT_THAT([&] { store.verify(found); }, ThrowsMessage<InvalidArgument>(HasSubstr("no file to hash")));
  EXPECT_EQ(open_encoder(found)->dimension(), 4u);
}

TEST_F(RemoteEncoderTest, IsFoundByItsAddress) {
  const test::TemporaryFolder folder;
  const ModelStore store(folder.path());
  const Model found = store.find(endpoint.url() + "/#org/tiny");
  EXPECT_EQ(found.endpoint, endpoint.url());
  EXPECT_EQ(found.endpoint_model, "org/tiny");
  EXPECT_THAT([&] { store.find("http://127.0.0.1/v1"); }, ThrowsMessage<InvalidArgument>(HasSubstr("names no model")));
  EXPECT_THAT([&] { store.find("http://ada:pass@127.0.0.1/v1#m"); },
              ThrowsMessage<InvalidArgument>(AllOf(HasSubstr("DRAGOMAN_API_KEY"), Not(HasSubstr("pass@")))));
  EXPECT_THAT([&] { store.find("http://#m"); }, ThrowsMessage<InvalidArgument>(HasSubstr("no address of an endpoint")));
}

// By the rule: letters a third, blanks a sixth, digits and marks one, Cyrillic one, Han and Devanagari one and a half.
TEST(TokenEstimate, CountsByScript) {
  EXPECT_EQ(estimate_tokens(""), 0u);
  EXPECT_EQ(estimate_tokens("abcdef"), 2u);
  EXPECT_EQ(estimate_tokens("2024!"), 5u);
  EXPECT_EQ(estimate_tokens("погода"), 6u);
  EXPECT_EQ(estimate_tokens("天気予報"), 6u);
  EXPECT_EQ(estimate_tokens("मौसम"), 6u);
  EXPECT_EQ(estimate_tokens("🌦"), 3u);
}

TEST(TokenEstimate, PrefixCutsNoCodePoint) {
  EXPECT_EQ(estimated_prefix("天気予報", 3), "天気");
  EXPECT_EQ(estimated_prefix("天気予報", 4), "天気");
  EXPECT_EQ(estimated_prefix("abc погода", 3), "abc п");
  EXPECT_EQ(estimated_prefix("abc", 100), "abc");
  EXPECT_EQ(estimated_prefix("abc", 0), "");
}

}  // namespace
}  // namespace dragoman
