#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/encode/model_store.h"
#include "encode/local_server.h"
#include "rerank/rerank_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A server on this machine that answers as a model which knows what passages are worth, or badly.
class Server {
 public:
  using Handler = std::function<void(const Json& request, httplib::Response& response)>;

  explicit Server(Handler handler) : handler_(std::move(handler)) {
    server_.Post("/v1/.*", [this](const httplib::Request& request, httplib::Response& response) {
      {
        const std::lock_guard lock(mutex);
        requests.push_back(Json::parse(request.body));
        paths.push_back(request.path);
        keys.push_back(request.get_header_value("Authorization"));
      }
      const int together = ++now_;
      for (int before = most; before < together && !most.compare_exchange_weak(before, together);) {
      }
      handler_(Json::parse(request.body), response);
      --now_;
    });
    listening_.emplace(server_);
  }

  Model model(const std::string& path = "/v1") const {
    return ModelStore("/nowhere").find(listening_->url() + path + "#judge");
  }

  std::mutex mutex;
  std::vector<Json> requests;
  std::vector<std::string> paths, keys;
  std::atomic<int> most = 0;  ///< Requests at the same time.

 private:
  Handler handler_;
  std::atomic<int> now_ = 0;
  httplib::Server server_;
  std::optional<test::Listening> listening_;
};

std::string prompt_of(const Json& request) { return request.at("messages").back().at("content").get<std::string>(); }

void say(httplib::Response& response, const std::string& text, const Json& top = nullptr) {
  Json choice = {{"index", 0}, {"message", {{"role", "assistant"}, {"content", text}}}};
  if (!top.is_null()) choice["logprobs"] = {{"content", Json::array({{{"token", text}, {"top_logprobs", top}}})}};
  response.set_content(
      Json{{"choices", Json::array({choice})},
           {"usage",
            {{"prompt_tokens", 50}, {"completion_tokens", 1}, {"prompt_tokens_details", {{"cached_tokens", 20}}}}}}
          .dump(),
      "application/json");
}

Json top_token(const std::string& token, double log_prob) { return {{"token", token}, {"logprob", log_prob}}; }

/// What the model in these tests thinks of each kind of prompt.
void planted(const Json& request, httplib::Response& response) {
  const std::string prompt = prompt_of(request);
  const bool probabilities = request.contains("top_logprobs");
  if (prompt.find("Passage A:") != prompt.npos) {
    const int a = test::worth(test::between(prompt, "Passage A:", "\n\n"));
    const int b = test::worth(test::between(prompt, "Passage B:", "\n\n"));
    const Json top = {top_token(a >= b ? " A" : "B", -0.1), top_token(a >= b ? "B" : "A", -3)};
    return say(response, a >= b ? "A" : "B", probabilities ? top : Json());
  }
  if (prompt.find("Passages:") != prompt.npos) {
    std::vector<std::pair<int, int>> ranks;
    for (int rank = 1;; ++rank) {
      const std::string line = test::between(prompt, "\n[" + std::to_string(rank) + "] ", "\n");
      if (line.empty()) break;
      ranks.emplace_back(-test::worth(line), rank);
    }
    std::ranges::sort(ranks);
    std::string text;
    for (const auto& [value, rank] : ranks) text += (text.empty() ? "[" : " > [") + std::to_string(rank) + "]";
    return say(response, text);
  }
  const double yes = -0.01 * (100 - test::worth(test::between(prompt, "Passage:", "\n\n")));
  say(response, "Yes", probabilities ? Json{top_token("Yes", yes), top_token("No", -2)} : Json());
}

RerankEndpointOptions quick() { return {.attempts = 2, .pause = std::chrono::milliseconds(1)}; }

RerankResult ask(const Server& server, const RerankOptions& options, const RerankEndpointOptions& how = quick(),
                 const std::string& path = "/v1",
                 const std::vector<Candidate>& list = test::candidates({3, 9, 1, 7, 5})) {
  Query query;
  query.text = "Was gibt es Neues?";
  return make_reranker(options, open_rerank_endpoint(server.model(path), how))->rerank(query, list);
}

RerankOptions method(RerankMethod method) {
  RerankOptions options;
  options.method = method;
  return options;
}

const std::vector<std::size_t> kBest = {1, 3, 4, 0, 2}, kFirstStage = {0, 1, 2, 3, 4};

TEST(EndpointJudge, ReadsProbabilitiesOfLabels) {
  Server server(planted);
  const auto result = ask(server, method(RerankMethod::pointwise));
  EXPECT_EQ(test::order(result), kBest);
  EXPECT_NEAR(result.order.front().score, -0.91 + 2, 1e-5);
  EXPECT_EQ(result.report.calls, 5u);
  EXPECT_EQ(result.report.tokens_evaluated, 5u * 31);
  EXPECT_EQ(result.report.tokens_reused, 5u * 20);
  EXPECT_EQ(result.report.repaired + result.report.skipped, 0u);
  EXPECT_EQ(server.paths.front(), "/v1/chat/completions");
  const Json& request = server.requests.front();
  EXPECT_EQ(request.at("model"), "judge");
  EXPECT_EQ(request.at("max_tokens"), 1);
  EXPECT_EQ(request.at("messages").at(0).at("role"), "system");
}

TEST(EndpointJudge, AsksSeveralAtATime) {
  std::atomic<int> came = 0;
  Server server([&](const Json& request, httplib::Response& response) {
    ++came;
    for (int i = 0; i < 500 && came < 4; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    planted(request, response);
  });
  EXPECT_EQ(test::order(ask(server, method(RerankMethod::pointwise))), kBest);
  EXPECT_EQ(server.most, 4);
}

TEST(EndpointJudge, ComparesPairsAndWritesPermutations) {
  Server server(planted);
  EXPECT_EQ(test::order(ask(server, method(RerankMethod::pairwise))), kBest);
  EXPECT_EQ(test::order(ask(server, method(RerankMethod::listwise))), kBest);
}

// As a model in this process is asked: RankLLM's prompts of several turns show the passages before the last of them.
TEST(EndpointJudge, SendsEveryTurnOfAPrompt) {
  Server server([](const Json&, httplib::Response& response) { say(response, "[2] > [1]"); });
  const test::TemporaryFolder folder;
  RerankOptions options = method(RerankMethod::listwise);
  options.prompt =
      folder.write("turns.yaml",
                   "method: listwise\nprefix: '{num} for {query}'\nprefix_assistant: 'Go on.'\n"
                   "body: '[{rank}] {candidate}'\nbody_assistant: 'Got [{rank}].'\nsuffix: 'Rank {num}.'\n");
  EXPECT_EQ(test::order(ask(server, options, quick(), "/v1", test::candidates({1, 2}))),
            (std::vector<std::size_t>{1, 0}));
  std::vector<std::string> turns;
  for (const Json& message : server.requests.front().at("messages")) {
    turns.push_back(message.at("role").get<std::string>() + ": " + message.at("content").get<std::string>());
  }
  EXPECT_THAT(
      turns, ElementsAre("user: 2 for Was gibt es Neues?", "assistant: Go on.", "user: [1] habari worth 1 .",
                         "assistant: Got [1].", "user: [2] новость worth 2 .", "assistant: Got [2].", "user: Rank 2."));
}

TEST(EndpointJudge, ReadsTheTextWhereThereAreNoProbabilities) {
  Server server([](const Json& request, httplib::Response& response) {
    const int worth = test::worth(test::between(prompt_of(request), "Passage:", "\n\n"));
    if (request.at("max_tokens") == 1) return say(response, "The");
    say(response, worth > 4 ? "The answer is Yes." : "**No**, it does not.");
  });
  const auto result = ask(server, method(RerankMethod::pointwise));
  EXPECT_EQ(test::order(result), (std::vector<std::size_t>{1, 3, 4, 0, 2}));
  EXPECT_EQ(result.report.repaired, 0u);
}

TEST(EndpointJudge, DoesWithoutProbabilitiesWhereTheyAreRefused) {
  Server server([](const Json& request, httplib::Response& response) {
    if (request.contains("logprobs")) {
      response.status = 400;
      return response.set_content(R"({"error": {"message": "logprobs is not supported"}})", "application/json");
    }
    planted(request, response);
  });
  EXPECT_EQ(test::order(ask(server, method(RerankMethod::pairwise))), kBest);
}

TEST(EndpointJudge, RepairsWhatIsNoPermutation) {
  Server server(
      [](const Json&, httplib::Response& response) { say(response, "<think>[1]?</think> [４] > ② > [2] > [9]"); });
  const auto result = ask(server, method(RerankMethod::listwise));
  EXPECT_EQ(test::order(result), (std::vector<std::size_t>{3, 1, 0, 2, 4}));
  EXPECT_EQ(result.report.repaired, 1u);
}

// Whatever a server does, the first stage's order is what remains.
TEST(EndpointJudge, NeverLosesTheFirstStage) {
  const std::string half = R"({"choices": [{"message": {"content": "Ye)";
  const std::vector<std::pair<std::string, Server::Handler>> hostile = {
      {"garbage", [](const Json&, httplib::Response& r) { r.set_content("\x80\xff<html>", "text/html"); }},
      {"half an answer", [&](const Json&, httplib::Response& r) { r.set_content(half, "application/json"); }},
      {"cut short",
       [](const Json&, httplib::Response& r) {
         r.set_content_provider(1000, "application/json",
                                [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
       }},
      {"another shape",
       [](const Json&, httplib::Response& r) { r.set_content("{\"choices\": [7]}", "application/json"); }},
      {"429", [](const Json&, httplib::Response& r) { r.status = 429; }},
      {"500", [](const Json&, httplib::Response& r) { r.status = 500; }},
      {"503", [](const Json&, httplib::Response& r) { r.status = 503; }},
      {"says nothing", [](const Json&, httplib::Response& r) { say(r, ""); }},
      {"says something else", [](const Json&, httplib::Response& r) { say(r, "पता नहीं、わかりません"); }},
      {"infinite", [](const Json&, httplib::Response& r) {
         r.set_content(R"({"choices": [{"message": {"content": 5}, "logprobs": {"content": [{"top_logprobs": [)"
                       R"({"token": "Yes", "logprob": 1e999}, {"token": 3}, 4]}]}}]})",
                       "application/json");
       }}};
  for (const auto& [name, handler] : hostile) {
    SCOPED_TRACE(name);
    Server server(handler);
    for (const RerankMethod wanted : {RerankMethod::pointwise, RerankMethod::pairwise, RerankMethod::setwise,
                                      RerankMethod::listwise, RerankMethod::tournament}) {
      const auto result = ask(server, method(wanted));
      EXPECT_EQ(test::order(result), kFirstStage);
      EXPECT_GT(result.report.skipped + result.report.repaired, 0u);
    }
  }
}

TEST(EndpointJudge, DoesNotWaitForAServerThatHangs) {
  std::atomic<bool> over = false;
  Server server([&](const Json&, httplib::Response&) {
    for (int i = 0; i < 600 && !over; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  RerankOptions options = method(RerankMethod::listwise);
  options.budget_ms = 200;
  const auto start = std::chrono::steady_clock::now();
  const auto result = ask(server, options);
  over = true;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
  EXPECT_EQ(test::order(result), kFirstStage);
  EXPECT_EQ(result.report.skipped, 1u);
}

TEST(EndpointJudge, TriesAgainAndKeepsToRetryAfter) {
  std::atomic<int> count = 0;
  Server server([&](const Json& request, httplib::Response& response) {
    if (++count == 1) {
      response.status = 429;
      return response.set_header("Retry-After", "1");
    }
    planted(request, response);
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(test::order(ask(server, method(RerankMethod::listwise))), kBest);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(990));
}

TEST(EndpointJudge, AsksADeadServerNoMoreAfterSomeQueries) {
  Server server([](const Json&, httplib::Response& response) { response.status = 500; });
  const auto list = test::candidates({1, 2, 3});
  Query query;
  query.text = "なに？";
  const auto reranker = make_reranker(method(RerankMethod::listwise), open_rerank_endpoint(server.model(), quick()));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(reranker->rerank(query, list).report.skipped, 1u);
  EXPECT_EQ(server.requests.size(), 3u * 2);
}

TEST(EndpointJudge, RefusesWhereTheKeyIsRefused) {
  Server server([](const Json&, httplib::Response& response) { response.status = 401; });
  EXPECT_THAT([&] { ask(server, method(RerankMethod::listwise)); },
              ThrowsMessage<Unavailable>(HasSubstr("the server answered 401; set DRAGOMAN_API_KEY")));
  EXPECT_THAT([&] { ask(server, method(RerankMethod::pointwise)); }, ThrowsMessage<Unavailable>(HasSubstr("401")));
}

TEST(EndpointJudge, KeepsToBudgetsAndSpendingLimits) {
  Server server(planted);
  RerankOptions options = method(RerankMethod::pointwise);
  options.budget_calls = 3;
  const auto budgeted = ask(server, options);
  EXPECT_EQ(budgeted.report.calls, 3u);
  EXPECT_EQ(budgeted.report.skipped, 2u);
  EXPECT_EQ(server.requests.size(), 3u);
  RerankEndpointOptions thrifty = quick();
  thrifty.limits.calls = 4;
  thrifty.in_flight = 1;
  EXPECT_EQ(ask(server, method(RerankMethod::pointwise), thrifty).report.calls, 4u);
  thrifty = quick();
  thrifty.limits.tokens = 100;  // 51 a call.
  thrifty.in_flight = 1;
  EXPECT_EQ(ask(server, method(RerankMethod::pointwise), thrifty).report.calls, 2u);
}

TEST(EndpointJudge, KeepsToARate) {
  Server server(planted);
  RerankEndpointOptions slow = quick();
  slow.limits.requests_per_minute = 600;  // Ten a second.
  const auto start = std::chrono::steady_clock::now();
  ask(server, method(RerankMethod::pointwise), slow);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(390));
}

TEST(EndpointJudge, StopsWhereTheMoneyIsSpent) {
  Server server(planted);  // 50 tokens read and 1 written a call: 50 * 2 + 1 * 10 = 110 millionths.
  RerankEndpointOptions thrifty = quick();
  thrifty.in_flight = 1;
  thrifty.limits = {.cost = 250e-6, .prompt_price = 2, .answer_price = 10};
  const auto service = open_rerank_endpoint(server.model(), thrifty);
  Query query;
  query.text = "Kuna nini kipya?";
  const auto result =
      make_reranker(method(RerankMethod::pointwise), service)->rerank(query, test::candidates({3, 9, 1, 7, 5}));
  EXPECT_EQ(result.report.calls, 3u);  // 110, 220, 330.
  EXPECT_EQ(result.report.skipped, 2u);
  EXPECT_THAT(notices(*service), Contains(HasSubstr("the limit of 0.00025 is reached: 0.00033 is spent")));
  EXPECT_EQ(server.requests.size(), 3u);
}

TEST(EndpointJudge, HoldsALimitWithSeveralRequestsUnderWay) {
  Server server(planted);
  RerankEndpointOptions thrifty = quick();
  thrifty.in_flight = 4;
  thrifty.limits.tokens = 120;  // A prompt is estimated at more than 50, and counted as 51: 51, 102, 153.
  const auto result = ask(server, method(RerankMethod::pointwise), thrifty);
  EXPECT_EQ(result.report.calls, 3u);
  EXPECT_GE(result.report.skipped, 2u);
  EXPECT_EQ(server.requests.size(), 3u);
}

TEST(EndpointJudge, SpacesTokensOverMinutes) {
  Server server(planted);
  RerankEndpointOptions slow = quick();
  slow.in_flight = 1;
  slow.limits.tokens_per_minute = 51 * 600;  // Ten calls a second, by what the server counts.
  const auto start = std::chrono::steady_clock::now();
  ask(server, method(RerankMethod::pointwise), slow);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(390));
}

TEST(EndpointJudge, AsksAsTheServerWantsToBeAsked) {
  // Some servers refuse "max_tokens", and any temperature but their own.
  Server server([](const Json& request, httplib::Response& response) {
    const auto refuse = [&](const char* why) {
      response.status = 400;
      response.set_content(Json{{"error", {{"message", why}}}}.dump(), "application/json");
    };
    if (request.contains("max_tokens")) {
      return refuse("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.");
    }
    if (request.contains("temperature")) return refuse("'temperature' does not support 0 with this model.");
    planted(request, response);
  });
  const test::TemporaryFolder folder;
  RerankEndpointOptions how = quick();
  how.in_flight = 1;
  how.cache = folder.path();
  const auto result = ask(server, method(RerankMethod::pointwise), how);
  EXPECT_EQ(test::order(result), test::order(ask(server, method(RerankMethod::pointwise), how)));
  EXPECT_EQ(result.report.calls, 5u);
  EXPECT_EQ(result.report.skipped, 0u);
  EXPECT_EQ(server.requests.size(), 2u + 5u);  // Told once, and never asked for what is in the cache.
  EXPECT_EQ(server.requests.back().at("max_completion_tokens"), 1);
}

TEST(EndpointJudge, AsksNothingTwiceWithACache) {
  Server server(planted);
  const test::TemporaryFolder folder;
  RerankEndpointOptions cached = quick();
  cached.cache = folder.path();
  const auto first = ask(server, method(RerankMethod::pairwise), cached);
  const auto asked = server.requests.size();
  const auto second = ask(server, method(RerankMethod::pairwise), cached);
  EXPECT_EQ(server.requests.size(), asked);
  EXPECT_EQ(test::order(second), test::order(first));
  EXPECT_EQ(second.report.calls, 0u);
  EXPECT_EQ(second.report.cache_hits, first.report.calls);
}

TEST(EndpointJudge, AsksRerankEndpointsOnceAQuery) {
  Server server([](const Json& request, httplib::Response& response) {
    Json results = Json::array();
    for (std::size_t i = 0; i < request.at("documents").size(); ++i) {
      results.push_back(
          {{"index", i}, {"relevance_score", test::worth(request.at("documents")[i].get<std::string>()) / 10.0}});
    }
    std::ranges::reverse(results);
    response.set_content(Json{{"results", results}, {"usage", {{"total_tokens", 99}}}}.dump(), "application/json");
  });
  const auto result = ask(server, method(RerankMethod::pointwise), quick(), "/v1/rerank");
  EXPECT_EQ(test::order(result), kBest);
  EXPECT_FLOAT_EQ(result.order.front().score, 0.9f);
  EXPECT_EQ(result.report.calls, 1u);
  EXPECT_EQ(result.report.tokens_evaluated, 99u);
  EXPECT_EQ(server.paths, std::vector<std::string>{"/v1/rerank"});
  EXPECT_EQ(server.requests.front().at("query"), "Was gibt es Neues?");
  EXPECT_THAT([&] { ask(server, method(RerankMethod::listwise), quick(), "/v1/rerank"); },
              ThrowsMessage<InvalidArgument>(HasSubstr("use the method pointwise")));
}

TEST(EndpointJudge, PutsWhatARerankEndpointForgetsBehindTheRest) {
  Server server([](const Json&, httplib::Response& response) {
    response.set_content(R"({"results": [{"index": 3, "relevance_score": -5}, {"index": 9, "relevance_score": 1},
                             {"index": 3, "relevance_score": 2}, {"index": 2, "relevance_score": -4}, "x"]})",
                         "application/json");
  });
  const auto result = ask(server, method(RerankMethod::pointwise), quick(), "/v1/rerank");
  EXPECT_EQ(test::order(result), (std::vector<std::size_t>{2, 3, 0, 1, 4}));
  EXPECT_EQ(result.report.repaired, 1u);
}

TEST(EndpointJudge, ReadsDocumentsToTheirEndWhereAskedTo) {
  Server server(planted);
  RerankOptions options = method(RerankMethod::pointwise);
  options.passage_tokens = 40;
  options.documents = DocumentReading::best;
  auto list = test::candidates({3, 0});
  for (int i = 0; i < 6; ++i) list[1].text += " Sentensi ya kujaza nafasi tu.";
  list[1].text += " Jibu worth 50 .";
  const auto result = ask(server, options, quick(), "/v1", list);
  EXPECT_EQ(test::order(result), (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(result.report.truncated, 0u);
  EXPECT_EQ(result.report.pieces, result.report.calls) << "a request a piece";
  EXPECT_GE(result.report.pieces, 3u);
}

TEST(EndpointJudge, CutsPassagesByEstimate) {
  Server server(planted);
  RerankOptions options = method(RerankMethod::pointwise);
  options.passage_tokens = 2;
  const auto result = ask(server, options);
  EXPECT_EQ(result.report.truncated, 5u);
  EXPECT_EQ(prompt_of(server.requests.front()).find("worth"), std::string::npos);
}

}  // namespace
}  // namespace dragoman
