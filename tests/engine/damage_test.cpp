#include <gmock/gmock.h>

#include <string>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::ids;
using test::kTeaCorpus;
using test::search_words;
using test::segment_files;
using test::words_only;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;
using testing::ThrowsMessage;

/// A collection of the tea corpus whose lexical segment a test damages.
class DamageTest : public testing::Test {
 protected:
  DamageTest()
      : path_(folder_.path() / "index"), options_(words_only(folder_.write("corpus.jsonl", kTeaCorpus), path_)) {
    index_corpus(options_);
    whole_ = segment_files(path_).at(0).second;
  }

  void overwrite(const std::string& bytes) const {
    std::filesystem::remove(segment());
    folder_.write("index/segments/lexical-0000000000.seg", bytes);
  }

  std::filesystem::path segment() const { return path_ / "segments" / "lexical-0000000000.seg"; }

  std::vector<std::string> search() const {
    return ids(Engine(path_).search({.id = "q", .text = "玉露", .language = {}}, search_words()));
  }

  template <class Refusal>
  void expect_refused_until_rebuilt() {
    EXPECT_THAT([&] { search(); },
                ThrowsMessage<Refusal>(
                    AllOf(StartsWith(segment().string() + ": "),
                          EndsWith("make it again with: dragoman index --rebuild --into " + path_.string()))));
    options_.corpus.clear();
    options_.rebuild = true;
    index_corpus(options_);
    EXPECT_EQ(segment_files(path_).at(0).second, whole_);
    EXPECT_THAT(search(), ElementsAre("ja-tea"));
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_;
  IndexOptions options_;
  std::string whole_;
};

TEST_F(DamageTest, OfOneBitIsRefusedUntilRebuilt) {
  std::string damaged = whole_;
  damaged[64] = static_cast<char>(damaged[64] ^ 1);
  overwrite(damaged);
  expect_refused_until_rebuilt<InvalidData>();
}

TEST_F(DamageTest, OfACutFileIsRefusedUntilRebuilt) {
  overwrite(whole_.substr(0, whole_.size() / 2));
  expect_refused_until_rebuilt<InvalidData>();
}

TEST_F(DamageTest, OfALostFileIsRefusedUntilRebuilt) {
  std::filesystem::remove(segment());
  expect_refused_until_rebuilt<NotFound>();
}

TEST_F(DamageTest, LeavesAnEngineAliveThatHasOpenedTheIndexBefore) {
  const Engine engine(path_);
  const Query query{.id = "q", .text = "玉露", .language = {}};
  engine.search(query, search_words());
  options_.rebuild = true;
  index_corpus(options_);  // Replaces the file that the engine has mapped.
  EXPECT_THAT(ids(engine.search(query, search_words())), ElementsAre("ja-tea"));
}

TEST_F(DamageTest, OfAnEngineIsOverWithTheNextSearch) {
  const Engine engine(path_);
  const Query query{.id = "q", .text = "玉露", .language = {}};
  overwrite("");
  EXPECT_THROW(engine.search(query, search_words()), InvalidData);
  overwrite(whole_);
  EXPECT_THAT(ids(engine.search(query, search_words())), ElementsAre("ja-tea"));
}

}  // namespace
}  // namespace dragoman
