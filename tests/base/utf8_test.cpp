#include "dragoman/base/utf8.h"

#include <gmock/gmock.h>

#include <string>

namespace dragoman {
namespace {

using testing::EndsWith;
using testing::StartsWith;

TEST(Utf8, TakesEveryScript) {
  for (const char* text : {"", "habari", "مرحبا", "你好", "नमस्ते", "こんにちは", "สวัสดี", "привет", "𝒳 🙂", "\x7F",
                           "\u0080", "\u07FF", "\u0800", "\uD7FF", "\uE000", "\uFFFF", "\U00010000", "\U0010FFFF"}) {
    EXPECT_EQ(find_invalid_utf8(text), std::string_view::npos) << text;
  }
  EXPECT_EQ(find_invalid_utf8(std::string_view("a\0b", 3)), std::string_view::npos);
}

struct IllFormed {
  const char* name;
  std::string_view bytes;
};
void PrintTo(const IllFormed& sequence, std::ostream* out) { *out << sequence.name; }

class IllFormedUtf8 : public testing::TestWithParam<IllFormed> {};

TEST_P(IllFormedUtf8, IsFoundWhereItBegins) {
  const std::string bytes(GetParam().bytes);
  EXPECT_EQ(find_invalid_utf8(bytes), 0u);
  EXPECT_EQ(find_invalid_utf8("Ω" + bytes), 2u);
  EXPECT_EQ(find_invalid_utf8("漢a" + bytes + "b"), 4u);
}

// Eight bytes are looked at together.
TEST_P(IllFormedUtf8, IsFoundAtAnyPlaceOfALongLine) {
  for (std::size_t before = 0; before < 20; ++before) {
    const std::string text = std::string(before, 'a') + std::string(GetParam().bytes) + std::string(20 - before, 'b');
    EXPECT_EQ(find_invalid_utf8(text), before);
  }
}

TEST_P(IllFormedUtf8, IsPrintedAsNumbers) {
  const std::string shown = printable("Ω" + std::string(GetParam().bytes) + "x");
  EXPECT_THAT(shown, StartsWith("Ω\\x"));
  EXPECT_THAT(shown, EndsWith("x"));
  EXPECT_EQ(find_invalid_utf8(shown), std::string_view::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Utf8, IllFormedUtf8,
    testing::Values(IllFormed{"LoneContinuation", "\x80"}, IllFormed{"LastContinuation", "\xBF"},
                    IllFormed{"OverlongSlash", "\xC0\xAF"}, IllFormed{"OverlongTwo", "\xC1\xBF"},
                    IllFormed{"OverlongThree", "\xE0\x9F\xBF"}, IllFormed{"OverlongFour", "\xF0\x8F\xBF\xBF"},
                    IllFormed{"FirstSurrogate", "\xED\xA0\x80"}, IllFormed{"LastSurrogate", "\xED\xBF\xBF"},
                    IllFormed{"SurrogatePair", "\xED\xA0\xBD\xED\xB8\x80"},
                    IllFormed{"BeyondUnicode", "\xF4\x90\x80\x80"}, IllFormed{"FiveBytes", "\xF8\x88\x80\x80\x80"},
                    IllFormed{"Never", "\xFE"}, IllFormed{"NeverEither", "\xFF"}, IllFormed{"CutAfterOneOfTwo", "\xC3"},
                    IllFormed{"CutAfterOneOfThree", "\xE6"}, IllFormed{"CutAfterTwoOfThree", "\xE6\xBC"},
                    IllFormed{"CutAfterThreeOfFour", "\xF0\x9F\x99"}),
    [](const auto& test) { return test.param.name; });

TEST(Utf8Prefix, CutsBetweenCodePoints) {
  EXPECT_EQ(utf8_prefix("aé漢🙂", 0), "");
  EXPECT_EQ(utf8_prefix("aé漢🙂", 2), "a");
  EXPECT_EQ(utf8_prefix("aé漢🙂", 3), "aé");
  EXPECT_EQ(utf8_prefix("aé漢🙂", 5), "aé");
  EXPECT_EQ(utf8_prefix("aé漢🙂", 9), "aé漢");
  EXPECT_EQ(utf8_prefix("aé漢🙂", 10), "aé漢🙂");
  EXPECT_EQ(utf8_prefix("aé漢🙂", 1000), "aé漢🙂");
}

TEST(Utf8Prefix, NeverCutsACodePoint) {
  const std::string text = "Дом 東京 ภาษาไทย 🙂 हिन्दी";
  for (std::size_t size = 0; size <= text.size() + 1; ++size) {
    const auto prefix = utf8_prefix(text, size);
    EXPECT_EQ(find_invalid_utf8(prefix), std::string_view::npos) << size;
    EXPECT_LE(prefix.size(), size);
    EXPECT_GT(prefix.size() + 4, std::min(size, text.size()));
  }
}

TEST(Utf8, CountsCodePointsNotBytes) {
  EXPECT_EQ(count_code_points(""), 0u);
  EXPECT_EQ(count_code_points("aé漢🙂"), 4u);
  EXPECT_EQ(count_code_points("नि"), 2u);  // One thing to see, two code points.
}

TEST(Printable, LeavesReadableTextAlone) { EXPECT_EQ(printable("naïve 東京 कमल"), "naïve 東京 कमल"); }

TEST(Printable, ShowsControlCharactersAsNumbers) {
  EXPECT_EQ(printable("a\tb\nc\x1B[31m\x7F"), "a\\x09b\\x0ac\\x1b[31m\\x7f");
  // U+009B begins a command to a terminal just as ESC [ does.
  EXPECT_EQ(printable("a\u009Bb\u00A0c"), "a\\xc2\\x9bb\u00A0c");
}

TEST(Printable, CutsLongTextBetweenCodePoints) {
  EXPECT_EQ(printable("漢漢漢", 9), "漢漢漢");
  EXPECT_EQ(printable("漢漢漢a", 9), "漢漢漢...");
  EXPECT_EQ(printable("漢漢漢", 8), "漢漢...");
  EXPECT_EQ(printable("ab\n", 4), "ab...");
}

}  // namespace
}  // namespace dragoman
