#include "encode/tokenize/trie.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace dragoman {
namespace {

using namespace std::string_view_literals;

TEST(Trie, FindsKeysAndNothingElse) {
  const Trie trie({{"水", 1}, {"water", 2}, {"wat", 3}, {"\0"sv, 4}});
  EXPECT_EQ(trie.find("水"), 1u);
  EXPECT_EQ(trie.find("water"), 2u);
  EXPECT_EQ(trie.find("wat"), 3u);
  EXPECT_EQ(trie.find("\0"sv), 4u);
  for (const auto text : {""sv, "w"sv, "wate"sv, "waters"sv, "wat\0"sv, "\0\0"sv, "\xE6\xB0"sv, "\xFF"sv}) {
    EXPECT_EQ(trie.find(text), Trie::kNoValue) << testing::PrintToString(text);
  }
}

TEST(Trie, FindsTheLongestPrefix) {
  const Trie trie({{"ma", 1}, {"maji", 2}, {"majira", 3}});
  EXPECT_EQ(trie.longest_prefix("majini").bytes, 4u);
  EXPECT_EQ(trie.longest_prefix("majini").value, 2u);
  EXPECT_EQ(trie.longest_prefix("maj").value, 1u);
  EXPECT_EQ(trie.longest_prefix("hati").bytes, 0u);
}

TEST(Trie, KeepsTheFirstOfEqualKeysAndLeavesOutTheEmptyOne) {
  const Trie trie({{"a", 7}, {"", 1}, {"a", 9}});
  EXPECT_EQ(trie.find("a"), 7u);
  EXPECT_EQ(trie.find(""), Trie::kNoValue);
}

TEST(Trie, OfNoKeysFindsNothing) {
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(Trie().find(std::string(1, static_cast<char>(byte))), Trie::kNoValue);
  }
}

// Against a map that is obviously right; few letters make crowded nodes, all bytes make wide ones.
TEST(Trie, AgreesWithAMapOnRandomKeys) {
  for (const int letters : {2, 5, 256}) {
    std::mt19937 random(static_cast<std::mt19937::result_type>(letters));
    const auto word = [&] {
      std::string text(1 + random() % 9, ' ');
      for (char& byte : text) byte = static_cast<char>(random() % static_cast<unsigned>(letters));
      return text;
    };
    std::map<std::string, std::uint32_t> expected;
    for (std::uint32_t i = 0; i < 20'000; ++i) expected.emplace(word(), i);
    std::vector<Trie::Key> keys;
    for (const auto& [text, value] : expected) keys.push_back({text, value});
    const Trie trie(std::move(keys));
    for (const auto& [text, value] : expected) ASSERT_EQ(trie.find(text), value);
    for (int i = 0; i < 50'000; ++i) {
      const std::string text = word();
      const auto found = expected.find(text);
      ASSERT_EQ(trie.find(text), found == expected.end() ? Trie::kNoValue : found->second);
    }
  }
}

}  // namespace
}  // namespace dragoman
