#include "base/json.h"

#include <gmock/gmock.h>

#include <string>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::StartsWith;
using testing::Throws;
using testing::ThrowsMessage;

std::string nested(int levels) {
  std::string text = "{\"a\":";
  for (int i = 1; i < levels; ++i) text += "[";
  text += "0";
  for (int i = 1; i < levels; ++i) text += "]";
  return text + "}";
}

TEST(ParseJsonObject, ReadsAnyScript) {
  const Json object = parse_json_object(R"({"text": "नमस्ते", "title": "\u4f60\u597d \ud83d\ude42"})", "x:1");
  EXPECT_EQ(object["text"], "नमस्ते");
  EXPECT_EQ(object["title"], "你好 🙂");
}

TEST(ParseJsonObject, RefusesWhatIsNoObject) {
  EXPECT_THAT([] { parse_json_object("[1]", "corpus.jsonl:3"); },
              ThrowsMessage<InvalidData>("corpus.jsonl:3: expected a JSON object, got array"));
  EXPECT_THAT([] { parse_json_object("\"สวัสดี\"", "corpus.jsonl:3"); },
              ThrowsMessage<InvalidData>("corpus.jsonl:3: expected a JSON object, got string"));
}

TEST(ParseJsonObject, BeginsEveryMessageWithThePlace) {
  for (const std::string text :
       {"", " ", "{", "{\"a\"}", "{\"a\":1,}", "{} {}", "{'a':1}", "{\"a\":1e999}", "{\"a\":\"\n\"}", "nul"}) {
    EXPECT_THAT([&] { parse_json_object(text, "corpus.jsonl:3"); },
                ThrowsMessage<InvalidData>(StartsWith("corpus.jsonl:3: not valid JSON: ")))
        << text;
  }
}

TEST(ParseJsonObject, KeepsTheMessageOnOneLine) {
  try {
    parse_json_object("{\"a\":\"\x01\n\xFF", "x:1");
    FAIL();
  } catch (const InvalidData& error) {
    EXPECT_EQ(std::string(error.what()).find_first_of("\n\x01\xFF"), std::string::npos) << error.what();
  }
}

TEST(ParseJsonObject, RefusesIllFormedUtf8) {
  EXPECT_THAT([] { parse_json_object("{\"a\":\"\xC0\xAF\"}", "x:1"); }, Throws<InvalidData>());
  EXPECT_THAT([] { parse_json_object("{\"a\":\"\xED\xA0\x80\"}", "x:1"); }, Throws<InvalidData>());
  EXPECT_THAT([] { parse_json_object("{\"\xFF\":1}", "x:1"); }, Throws<InvalidData>());
}

TEST(ParseJsonObject, RefusesLoneSurrogateEscapes) {
  for (const char* text : {R"({"a":"\ud83d"})", R"({"a":"\ude42"})", R"({"a":"\ud83dx"})", R"({"a":"\ud83d\u0041"})"}) {
    EXPECT_THAT([&] { parse_json_object(text, "x:1"); }, ThrowsMessage<InvalidData>(StartsWith("x:1: not valid JSON")))
        << text;
  }
}

TEST(ParseJsonObject, TakesSixtyFourLevelsAndNoMore) {
  EXPECT_NO_THROW(parse_json_object(nested(64), "x:1"));
  EXPECT_THAT([] { parse_json_object(nested(65), "x:1"); },
              ThrowsMessage<InvalidData>("x:1: JSON nested more than 64 levels deep"));
  EXPECT_THAT([] { parse_json_object(nested(1'000'000), "x:1"); },
              ThrowsMessage<InvalidData>("x:1: JSON nested more than 64 levels deep"));
}

TEST(StringMember, TakesStringsAndTheDigitsOfNumbers) {
  const Json object = parse_json_object(R"({"a": "एक", "b": 17, "c": -1.5, "d": null})", "x:1");
  EXPECT_EQ(string_member(object, "a", "x:1"), "एक");
  EXPECT_EQ(string_member(object, "b", "x:1"), "17");
  EXPECT_EQ(string_member(object, "c", "x:1"), "-1.5");
  EXPECT_EQ(string_member(object, "d", "x:1"), std::nullopt);
  EXPECT_EQ(string_member(object, "e", "x:1"), std::nullopt);
}

TEST(StringMember, NamesTheMemberThatHasAnotherType) {
  const Json object = parse_json_object(R"({"text": ["a"], "title": true})", "x:1");
  EXPECT_THAT([&] { string_member(object, "text", "x:1"); },
              ThrowsMessage<InvalidData>("x:1: \"text\" must be a string, not array"));
  EXPECT_THAT([&] { string_member(object, "title", "x:1"); },
              ThrowsMessage<InvalidData>("x:1: \"title\" must be a string, not boolean"));
}

TEST(RequiredString, NamesTheMemberThatIsMissing) {
  EXPECT_THAT([] { required_string(Json::object(), "name", "x:1"); },
              ThrowsMessage<InvalidData>("x:1: \"name\" is missing"));
}

TEST(ToLine, WritesOneLineOfUtf8) {
  EXPECT_EQ(to_line(Json{{"b", "ภาษา\n"}, {"a", 1}}), R"({"a":1,"b":"ภาษา\n"})");
  EXPECT_EQ(to_line(OrderedJson{{"b", 2}, {"a", 1}}), R"({"b":2,"a":1})");
  EXPECT_EQ(to_line(Json{{"a", "x\xFFy"}}), "{\"a\":\"x\uFFFDy\"}");
}

}  // namespace
}  // namespace dragoman
