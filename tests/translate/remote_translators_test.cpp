#include "dragoman/translate/remote_translators.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "encode/local_server.h"
#include "translate/remote_answer.h"
#include "translate/translation_prompt.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

const Language kSwahili = Language::parse("sw"), kEnglish = Language::parse("en");

auto says(std::string text) { return Optional(std::move(text)); }

std::vector<std::optional<std::string>> say(Translator& translator, std::vector<std::string> texts) {
  return translator.translate(texts, kSwahili, kEnglish);
}

std::string why(Translator& translator) {
  try {
    say(translator, {"maji"});
  } catch (const Unavailable& error) {
    return error.what();
  }
  return "no error";
}

const RemoteTranslatorOptions kImpatient = {
    .attempts = 3, .pause = std::chrono::milliseconds(1), .stall = std::chrono::seconds(1)};

/// A LibreTranslate server that puts languages around each text, unless `spoil` answers in its place.
class LibreTranslate {
 public:
  using Spoil = std::function<bool(const Json& request, httplib::Response& response)>;
  explicit LibreTranslate(Spoil spoil = {}) {
    server_.Post("/translate", [this, spoil](const httplib::Request& request, httplib::Response& response) {
      const Json json = Json::parse(request.body);
      ++requests;
      last = json;
      if (spoil && spoil(json, response)) return;
      Json answer = {{"translatedText", Json::array()}};
      for (const std::string text : json["q"]) {
        answer["translatedText"].push_back(fmt::format("<{}>", text));
      }
      response.set_content(answer.dump(), "application/json");
    });
    listening_.emplace(server_);
  }
  std::unique_ptr<Translator> open(RemoteTranslatorOptions options = kImpatient) {
    options.in_flight = 1;
    return open_libretranslate_translator(listening_->url(), options);
  }

  std::atomic<int> requests = 0;
  Json last;

 private:
  httplib::Server server_;
  std::optional<test::Listening> listening_;
};

TEST(LibreTranslate, AsksForSentencesOfAllTextsTogether) {
  LibreTranslate server;
  EXPECT_THAT(say(*server.open(), {"Maji ni moto. Chai pia.", "", "北京大学\nคนไทย"}),
              ElementsAre(says("<Maji ni moto.> <Chai pia.>"), says(""), says("<北京大学>\n<คนไทย>")));
  EXPECT_EQ(server.requests, 1);
  EXPECT_EQ(server.last["source"], "sw");
  EXPECT_EQ(server.last["target"], "en");
  EXPECT_EQ(server.last["format"], "text");
}

TEST(LibreTranslate, CutsTenThousandWordsWithoutAStopAndLosesNone) {
  LibreTranslate server;
  std::string text = "maji";
  for (int i = 1; i < 10'000; ++i) text += " maji";
  std::string said = say(*server.open(), {text})[0].value();
  std::erase_if(said, [](char c) { return c == '<' || c == '>'; });
  EXPECT_EQ(said, text);
  EXPECT_GT(server.requests, 5);
}

TEST(LibreTranslate, TriesAgainWhatMayPass) {
  int failures = 0;
  LibreTranslate server([&](const Json&, httplib::Response& response) {
    if (++failures == 3) return false;
    response.status = failures == 1 ? 429 : 500;
    return true;
  });
  EXPECT_THAT(say(*server.open(), {"maji"}), ElementsAre(says("<maji>")));
  EXPECT_EQ(server.requests, 3);
}

TEST(LibreTranslate, SaysWhatIsWrongWithAHostileServer) {
  struct Case {
    const char* body;
    const char* message;
  };
  for (const Case& one : {Case{"{\"translatedText\": [\"a\", \"b\"]}", "2 translations came for 1 texts"},
                          Case{"{\"translatedText\": \"a\"}", "has no list \"translatedText\""},
                          Case{"{\"translatedText\": [7]}", "a translation is no text"},
                          Case{"<html>garbage\xFF", "3 times in a row"}, Case{"", "3 times in a row"}}) {
    LibreTranslate server([&](const Json&, httplib::Response& response) {
      response.set_content(one.body, "application/json");
      return true;
    });
    EXPECT_THAT(why(*server.open()), HasSubstr(one.message)) << one.body;
    EXPECT_EQ(server.requests, 3);
  }
}

TEST(LibreTranslate, RepeatsWhatARefusalSays) {
  LibreTranslate server([](const Json&, httplib::Response& response) {
    response.status = 400;
    response.set_content("{\"error\": \"sw is not supported\"}", "application/json");
    return true;
  });
  EXPECT_THAT(why(*server.open()), HasSubstr("the server answered 400 (\"sw is not supported\")"));
  EXPECT_EQ(server.requests, 1);
}

TEST(LibreTranslate, WaitsNoLongerThanItIsTold) {
  // libcurl means a stall by its average speed over five seconds, the request's own bytes among them.
  std::atomic<bool> given_up = false;
  LibreTranslate server([&](const Json&, httplib::Response&) {
    for (int i = 0; i < 300 && !given_up; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return false;
  });
  RemoteTranslatorOptions options = kImpatient;
  options.attempts = 1;
  const auto began = std::chrono::steady_clock::now();
  const std::string message = why(*server.open(options));
  given_up = true;
  EXPECT_THAT(message, HasSubstr("see whether the endpoint is up"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(25));
}

TEST(LibreTranslate, RefusesAnAddressThatIsNone) {
  EXPECT_THROW(open_libretranslate_translator("file:///etc"), InvalidArgument);
  EXPECT_THROW(open_libretranslate_translator("http://user:secret@127.0.0.1"), InvalidArgument);
}

TEST(ChatTranslator, AsksASentenceARequestWithTheShippedPrompt) {
  httplib::Server server;
  Json last;
  server.Post("/v1/chat/completions", [&](const httplib::Request& request, httplib::Response& response) {
    last = Json::parse(request.body);
    const std::string content = last["messages"].back()["content"];
    const std::string text = content.substr(content.rfind('\n') + 1);
    response.set_content(Json{{"choices", {{{"message", {{"content", " \"[" + text + "]\"\n"}}}}}}}.dump(),
                         "application/json");
  });
  const test::Listening listening(server);
  const auto translator = open_chat_translator(listening.url() + "/v1#m", {.attempts = 1, .in_flight = 1});
  EXPECT_THAT(say(*translator, {"Maji moto. Ignore {text} now."}),
              ElementsAre(says("[Maji moto.] [Ignore {text} now.]")));
  EXPECT_EQ(last["model"], "m");
  EXPECT_EQ(last["temperature"], 0);
  EXPECT_THAT(std::string(last["messages"].back()["content"]), HasSubstr("from Swahili to English"));
  EXPECT_EQ(translator->name(), "openai");
}

/// A chat endpoint that says what `answer` makes of the last line of what it is asked.
class ChatEndpoint {
 public:
  explicit ChatEndpoint(std::function<std::string(const std::string& sentence)> answer) {
    server_.Post("/v1/chat/completions", [this, answer](const httplib::Request& request, httplib::Response& response) {
      ++requests;
      const std::string content = Json::parse(request.body)["messages"].back()["content"];
      const std::string text = answer(content.substr(content.rfind('\n') + 1));
      response.set_content(Json{{"choices", {{{"message", {{"content", text}}}}}}}.dump(), "application/json");
    });
    listening_.emplace(server_);
  }
  std::unique_ptr<Translator> open(RemoteTranslatorOptions options = kImpatient) {
    options.in_flight = 1;
    return open_chat_translator(listening_->url() + "/v1#m", options);
  }

  std::atomic<int> requests = 0;

 private:
  httplib::Server server_;
  std::optional<test::Listening> listening_;
};

TEST(ChatTranslator, HasNothingToSayWhereTheEndpointHasNot) {
  const std::string copied = "это другой язык совсем";
  ChatEndpoint endpoint([&](const std::string& sentence) {
    return sentence == copied ? copied : sentence == "kimya" ? "" : "hot water";
  });
  EXPECT_THAT(say(*endpoint.open(), {"maji moto", copied, "kimya", "", "1998 + 2"}),
              ElementsAre(says("hot water"), std::nullopt, std::nullopt, says(""), says("1998 + 2")));
  EXPECT_EQ(endpoint.requests, 3) << "nothing is asked for where there are no words";
}

TEST(ChatTranslator, CutsTenThousandWordsWithoutAStopAndLosesNone) {
  ChatEndpoint endpoint([](const std::string& sentence) { return "[" + sentence + "]"; });
  std::string text = "maji";
  for (int i = 1; i < 10'000; ++i) text += " maji";
  std::string said = say(*endpoint.open(), {text})[0].value();
  std::erase_if(said, [](char c) { return c == '[' || c == ']'; });
  EXPECT_EQ(said, text);
  EXPECT_GT(endpoint.requests, 20);
}

TEST(ChatTranslator, WaitsNoLongerThanItIsTold) {
  std::atomic<bool> given_up = false;
  ChatEndpoint endpoint([&](const std::string&) {
    for (int i = 0; i < 300 && !given_up; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return "late";
  });
  RemoteTranslatorOptions options = kImpatient;
  options.attempts = 1;
  const auto began = std::chrono::steady_clock::now();
  const std::string message = why(*endpoint.open(options));
  given_up = true;
  EXPECT_THAT(message, HasSubstr("see whether the endpoint is up"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(25));
}

TEST(ChatAnswer, MustHaveAMessage) {
  EXPECT_EQ(read_chat_text(R"({"choices":[{"message":{"content":"moto"}}]})", "x"), "moto");
  for (const char* body :
       {"{}", R"({"choices":[]})", R"({"choices":[{"message":{"content":null}}]})", R"({"choices":[7]})"}) {
    EXPECT_THROW(read_chat_text(body, "x"), InvalidData) << body;
  }
}

TEST(TranslationIn, IsNoCopyAndNoQuotation) {
  EXPECT_EQ(translation_in(" hot\nwater ", "maji moto"), "hot water");
  EXPECT_EQ(translation_in("“hot water”", "maji moto"), "hot water");
  EXPECT_EQ(translation_in("\"hot\" he said", "x"), "\"hot\" he said");
  EXPECT_EQ(translation_in("Berlin", "Berlin"), "Berlin");
  EXPECT_EQ(translation_in("maji ni moto sana", "maji ni moto sana"), std::nullopt);
  EXPECT_EQ(translation_in(" \n", "maji"), std::nullopt);
}

TEST(EnglishName, IsThatOfTheLanguage) {
  EXPECT_EQ(english_name(Language::parse("sw")), "Swahili");
  EXPECT_EQ(english_name(Language::parse("pt-BR")), "Portuguese (Brazil)");
}

}  // namespace
}  // namespace dragoman
