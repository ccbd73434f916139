#include "encode/cached_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/encode/encoding_cache.h"
#include "encode/encoding_value.h"
#include "encode/fake_encoder.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::FakeEncoder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

constexpr Heads kDense = {.dense = true, .sparse = false, .multi_vector = false};
constexpr Heads kAllHeads = {.dense = true, .sparse = true, .multi_vector = true};

/// "Good morning" in many scripts, romanised, and with two languages in one sentence.
const std::vector<std::string_view> kGreetings = {"صباح الخير",        "早上好",           "सुप्रभात",
                                                  "おはよう",          "สวัสดีตอนเช้า",       "Доброе утро",
                                                  "Habari za asubuhi", "subah ka namaste", "Good morning भाई, कैसे हो?"};

struct CachedEncoderTest : testing::Test {
  test::TemporaryFolder folder;
  std::int64_t now = 1'000'000;

  struct Opened {
    std::unique_ptr<Encoder> encoder;
    const FakeEncoder* inner;
  };

  Opened open(const std::string& stamp = "fake", std::uint64_t max_bytes = kDefaultCacheBytes) {
    auto inner = std::make_unique<FakeEncoder>();
    inner->name = stamp;
    const FakeEncoder* fake = inner.get();
    auto database = std::make_shared<EncodingDatabase>(
        folder.path(), EncodingDatabaseOptions{.max_bytes = max_bytes, .clock = [this] { return now; }});
    return {make_cached_encoder(std::move(inner), std::move(database), "model"), fake};
  }

  std::filesystem::path file() const { return folder.path() / "encodings" / "encodings.sqlite"; }
  void run_sql(const char* sql) const { Database(file(), DatabaseAccess::write).execute(sql); }
};

TEST_F(CachedEncoderTest, AnswersFromTheCacheWithTheSameBits) {
  const EncodeOptions options{.heads = kAllHeads};
  const auto cold = open().encoder->encode(kGreetings, EncodeAs::passage, options);
  const auto [encoder, inner] = open();
  EXPECT_EQ(encoder->encode(kGreetings, EncodeAs::passage, options), cold);
  EXPECT_THAT(inner->asked(), IsEmpty());
  EXPECT_EQ(cold, FakeEncoder().encode(kGreetings, EncodeAs::passage, options));
  EXPECT_EQ(encoder->usage().cached, kGreetings.size());
}

TEST_F(CachedEncoderTest, ComputesATextThatStandsTwiceOnce) {
  const auto [encoder, inner] = open();
  const std::vector<std::string_view> texts = {"水", "вода", "水", "水"};
  const auto encodings = encoder->encode(texts, EncodeAs::passage);
  EXPECT_THAT(inner->asked(), ElementsAre("水", "вода"));
  EXPECT_EQ(encodings, FakeEncoder().encode(texts, EncodeAs::passage, {}));
  EXPECT_EQ(encoder->usage().repeated, 2u);
}

TEST_F(CachedEncoderTest, AsksForWhatIsMissingAlone) {
  open().encoder->encode(std::vector<std::string_view>{"maji", "moto"}, EncodeAs::passage);
  const auto [encoder, inner] = open();
  encoder->encode(std::vector<std::string_view>{"moto", "upepo", "maji"}, EncodeAs::passage);
  EXPECT_THAT(inner->asked(), ElementsAre("upepo"));
}

// Dense vectors that are there are not made again for the sake of sparse ones; afterwards each can be had alone.
TEST_F(CachedEncoderTest, KeepsTheHeadsApart) {
  const std::vector<std::string_view> old = {"ยา"}, both = {"ยา", "दवा"};
  open().encoder->encode(old, EncodeAs::passage, {.heads = kDense});
  const auto [encoder, inner] = open();
  const EncodeOptions two{.heads = {.dense = true, .sparse = true, .multi_vector = false}};
  EXPECT_EQ(encoder->encode(both, EncodeAs::passage, two), FakeEncoder().encode(both, EncodeAs::passage, two));
  EXPECT_EQ(inner->calls(), 2u);  // One for what lacks the sparse head, one for what lacks both.
  inner->asked();
  encoder->encode(both, EncodeAs::passage, {.heads = {.dense = false, .sparse = true, .multi_vector = false}});
  EXPECT_THAT(inner->asked(), IsEmpty());
}

TEST_F(CachedEncoderTest, TellsQueriesPassagesModelsAndOptionsApart) {
  const std::vector<std::string_view> text = {"Guten Morgen"};
  const auto computes = [&](const std::string& stamp, EncodeAs as, const EncodeOptions& options) {
    const auto [encoder, inner] = open(stamp);
    EXPECT_EQ(encoder->encode(text, as, options), FakeEncoder().encode(text, as, options));
    return inner->asked().size() == 1;
  };
  EXPECT_TRUE(computes("a", EncodeAs::passage, {.heads = kAllHeads}));
  EXPECT_TRUE(computes("a", EncodeAs::query, {.heads = kAllHeads}));
  EXPECT_TRUE(computes("b", EncodeAs::query, {.heads = kAllHeads}));
  EXPECT_TRUE(computes("a", EncodeAs::passage, {.heads = kAllHeads, .dense_dimension = 2}));
  EXPECT_TRUE(computes("a", EncodeAs::passage, {.heads = kAllHeads, .sparse_weights = 1}));
  EXPECT_TRUE(computes("a", EncodeAs::passage, {.heads = kAllHeads, .token_pooling = 2}));
  EXPECT_FALSE(computes("a", EncodeAs::passage, {.heads = kAllHeads}));
  // Queries are not pooled, so the option changes nothing for them.
  EXPECT_FALSE(computes("a", EncodeAs::query, {.heads = kAllHeads, .token_pooling = 2}));
}

TEST_F(CachedEncoderTest, ChangesNothingByAByte) {
  const std::vector<std::string_view> texts = {"é", "e\xCC\x81", "é ", ""};  // Composed, decomposed, a blank, nothing.
  open().encoder->encode(std::vector<std::string_view>{"é"}, EncodeAs::passage);
  const auto [encoder, inner] = open();
  encoder->encode(texts, EncodeAs::passage);
  EXPECT_THAT(inner->asked(), ElementsAre("e\xCC\x81", "é ", ""));
}

TEST_F(CachedEncoderTest, RefusesWhatTheModelCannot) {
  EXPECT_THAT([&] { open().encoder->encode(kGreetings, EncodeAs::query, {.dense_dimension = 5}); },
              ThrowsMessage<InvalidArgument>("a vector of 4 dimensions cannot be cut to 5"));
}

TEST_F(CachedEncoderTest, ComputesADamagedValueAgain) {
  open().encoder->encode(kGreetings, EncodeAs::passage);
  run_sql("UPDATE vectors SET value=substr(value, 1, 8) || zeroblob(16) || substr(value, 25) WHERE id=2");
  {
    const auto [encoder, inner] = open();
    EXPECT_EQ(encoder->encode(kGreetings, EncodeAs::passage), FakeEncoder().encode(kGreetings, EncodeAs::passage, {}));
    EXPECT_THAT(inner->asked(), ElementsAre("早上好"));
  }
  const auto [encoder, inner] = open();
  encoder->encode(kGreetings, EncodeAs::passage);
  EXPECT_THAT(inner->asked(), IsEmpty());
  EXPECT_EQ(encoding_cache_summary(folder.path()).encodings, kGreetings.size());
}

// Whole and valid, but another text's: the checksum covers the key.
TEST_F(CachedEncoderTest, ComputesAgainWhereAValueIsAnotherTexts) {
  open().encoder->encode(kGreetings, EncodeAs::passage);
  run_sql("UPDATE vectors SET value=(SELECT value FROM vectors WHERE id=1) WHERE id=3");
  const auto [encoder, inner] = open();
  EXPECT_EQ(encoder->encode(kGreetings, EncodeAs::passage), FakeEncoder().encode(kGreetings, EncodeAs::passage, {}));
  EXPECT_THAT(inner->asked(), ElementsAre("सुप्रभात"));
}

TEST_F(CachedEncoderTest, RemovesWhatWasUsedLeastRecently) {
  constexpr std::uint64_t kLimit = 400'000;
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i)
    texts.push_back("text " + std::string(FakeEncoder::kMaxTokens, 'x') + std::to_string(i));
  const auto encode = [&](std::size_t i) {
    const std::vector<std::string_view> one = {texts[i]};
    const auto [encoder, inner] = open("fake", kLimit);
    encoder->encode(one, EncodeAs::passage, {.heads = kAllHeads});
    return inner->asked().size() == 1;
  };
  // A multi-vector takes about 400 bytes here, so pad the file by many of them; the clock goes on by two hours a text.
  std::vector<std::string> many;
  for (int i = 0; i < 1000; ++i)
    many.push_back("много " + std::to_string(i) + std::string(FakeEncoder::kMaxTokens, 'y'));
  EXPECT_TRUE(encode(0));
  now += 7200;
  EXPECT_TRUE(encode(1));
  now += 7200;
  EXPECT_FALSE(encode(0));  // Used again: text 1 is the oldest now.
  now += 7200;
  {
    const std::vector<std::string_view> views(many.begin(), many.end());
    const auto opened = open("fake", kLimit);
    for (std::size_t begin = 0; begin < views.size(); begin += 100) {
      opened.encoder->encode(std::span(views).subspan(begin, 100), EncodeAs::passage, {.heads = kAllHeads});
      now += 7200;
      if (begin == 0) {
        EXPECT_FALSE(encode(0));
      }
    }
  }
  EXPECT_LE(encoding_cache_summary(folder.path()).bytes, kLimit);
  EXPECT_LE(std::filesystem::file_size(file()), kLimit);
  const auto [encoder, inner] = open("fake", kLimit);
  const std::vector<std::string_view> newest = {many.back()}, oldest = {texts[1]};
  encoder->encode(newest, EncodeAs::passage, {.heads = kAllHeads});
  EXPECT_THAT(inner->asked(), IsEmpty());
  encoder->encode(oldest, EncodeAs::passage, {.heads = kAllHeads});
  EXPECT_THAT(inner->asked(), ElementsAre(texts[1]));
}

TEST_F(CachedEncoderTest, ServesManyThreads) {
  const auto [encoder, inner] = open();
  const auto expected = FakeEncoder().encode(kGreetings, EncodeAs::passage, {});
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, &encoder = *encoder] {
      for (int round = 0; round < 10; ++round) wrong += encoder.encode(kGreetings, EncodeAs::passage) != expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_THAT(encoder->notices(), IsEmpty());
  EXPECT_EQ(encoding_cache_summary(folder.path()).encodings, kGreetings.size());
}

// Four processes begin at the same moment with no file there, and write and read the same texts.
TEST_F(CachedEncoderTest, ServesManyProcesses) {
  std::vector<pid_t> children;
  for (int p = 0; p < 4; ++p) {
    const pid_t child = fork();
    if (child == 0) {
      bool good = true;
      try {
        const auto opened = open();
        for (int round = 0; round < 20; ++round) {
          std::vector<std::string> own;
          for (int i = 0; i < 10; ++i) own.push_back("ukurasa " + std::to_string(round * 10 + (i + p) % 10));
          const std::vector<std::string_view> texts(own.begin(), own.end());
          good &=
              opened.encoder->encode(texts, EncodeAs::passage) == FakeEncoder().encode(texts, EncodeAs::passage, {});
        }
        good &= opened.encoder->notices().empty();
      } catch (const std::exception&) {
        good = false;
      }
      _exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(encoding_cache_summary(folder.path()).encodings, 200u);
}

TEST_F(CachedEncoderTest, KeepsWhatAKilledProcessHadEncoded) {
  const std::vector<std::string_view> first = {"первый"}, second = {"второй"};
  const pid_t child = fork();
  if (child == 0) {
    auto opened = open();
    opened.encoder->encode(first, EncodeAs::passage);
    auto inner = std::make_unique<FakeEncoder>();
    inner->before_answer = [] { raise(SIGKILL); };
    make_cached_encoder(std::move(inner), std::make_shared<EncodingDatabase>(folder.path()), "model")
        ->encode(second, EncodeAs::passage);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto [encoder, inner] = open();
  encoder->encode(std::vector<std::string_view>{"первый", "второй"}, EncodeAs::passage);
  EXPECT_THAT(inner->asked(), ElementsAre("второй"));
}

// A limit on the size of files stands in for a full disk; SQLite meets it as one.
TEST_F(CachedEncoderTest, GoesOnWithoutASpaceLeft) {
  open();  // The tables are there before the disk is full.
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{70'000, 70'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto opened = open();
    bool good = true;
    for (int i = 0; i < 50; ++i) {
      std::vector<std::string> own;
      for (int j = 0; j < 20; ++j)
        own.push_back(std::string(FakeEncoder::kMaxTokens, 'z') + std::to_string(i * 20 + j));
      const std::vector<std::string_view> texts(own.begin(), own.end());
      const EncodeOptions options{.heads = kAllHeads};
      good &= opened.encoder->encode(texts, EncodeAs::passage, options) ==
              FakeEncoder().encode(texts, EncodeAs::passage, options);
    }
    const auto notices = opened.encoder->notices();
    good &= notices.size() == 1 && notices[0].find("texts are encoded without it") != std::string::npos;
    _exit(good ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(CachedEncoderTest, DoesWithoutAFolderThatCannotBeMade) {
  const auto blocked = folder.write("file", "no folder");
  const auto encoder = with_cache(std::make_unique<FakeEncoder>(), {.cache = blocked}, "model");
  EXPECT_EQ(encoder->encode(kGreetings, EncodeAs::passage), FakeEncoder().encode(kGreetings, EncodeAs::passage, {}));
  EXPECT_THAT(encoder->notices(),
              ElementsAre(HasSubstr("the cache cannot be opened, so texts are encoded without it: ")));
}

TEST_F(CachedEncoderTest, RefusesAFileThatIsNoDatabase) {
  folder.write("encodings/encodings.sqlite", std::string(5000, 'x'));
  EXPECT_THAT([&] { open(); },
              ThrowsMessage<InvalidData>(file().string() +
                                         ": damaged or not a database of Dragoman (file is not a database); remove it "
                                         "with: dragoman model cache --clear, or do without it: --no-cache"));
  clear_encoding_cache(folder.path());
  EXPECT_NO_THROW(open());
}

TEST_F(CachedEncoderTest, RefusesANewerFile) {
  open();
  run_sql("PRAGMA user_version=2");
  EXPECT_THAT([&] { open(); }, ThrowsMessage<InvalidData>(HasSubstr("cache format 2 is not 1")));
  clear_encoding_cache(folder.path());
  EXPECT_NO_THROW(open());
}

TEST_F(CachedEncoderTest, LeavesAnotherProgramsDatabaseAlone) {
  std::filesystem::create_directories(folder.path() / "encodings");
  run_sql("CREATE TABLE bookmarks(url TEXT); INSERT INTO bookmarks VALUES('https://example.org')");
  const std::string before = read_file(file());
  EXPECT_THAT([&] { open(); }, ThrowsMessage<InvalidData>(HasSubstr("another program's database")));
  EXPECT_THAT([&] { clear_encoding_cache(folder.path()); },
              ThrowsMessage<InvalidData>(HasSubstr("another program's database")));
  EXPECT_EQ(read_file(file()), before);
}

// Pages overwritten in the middle of the file: found while it is used, and the run goes on.
TEST_F(CachedEncoderTest, GoesOnWhenTheFileTurnsOutDamaged) {
  open().encoder->encode(kGreetings, EncodeAs::passage);
  run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
  {
    std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(3 * 16384);
    bytes << std::string(std::filesystem::file_size(file()) - 3 * 16384, '\xA5');
  }
  const auto [encoder, inner] = open();
  EXPECT_EQ(encoder->encode(kGreetings, EncodeAs::passage), FakeEncoder().encode(kGreetings, EncodeAs::passage, {}));
  EXPECT_THAT(encoder->notices(), ElementsAre(HasSubstr("dragoman model cache --clear")));
}

TEST_F(CachedEncoderTest, SummaryCountsByModel) {
  EXPECT_EQ(encoding_cache_summary(folder.path()).encodings, 0u);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "encodings"));
  open("first").encoder->encode(kGreetings, EncodeAs::passage, {.heads = kAllHeads});
  open("second").encoder->encode(std::vector<std::string_view>{"один"}, EncodeAs::query);
  const auto summary = encoding_cache_summary(folder.path());
  EXPECT_EQ(summary.file, file());
  EXPECT_EQ(summary.encodings, 3 * kGreetings.size() + 1);
  ASSERT_EQ(summary.models.size(), 2u);
  EXPECT_EQ(summary.models[0].stamp, "first");
  EXPECT_EQ(summary.models[1].encodings, 1u);
  EXPECT_EQ(summary.models[1].bytes, 4u + 4 + 4 * 4 + 8);
}

// Another process may have the file open while it is emptied.
TEST_F(CachedEncoderTest, IsEmptiedUnderAnOpenEncoder) {
  const auto [encoder, inner] = open();
  encoder->encode(kGreetings, EncodeAs::passage);
  EXPECT_EQ(clear_encoding_cache(folder.path()).encodings, kGreetings.size());
  EXPECT_EQ(encoding_cache_summary(folder.path()).encodings, 0u);
  open("other").encoder->encode(std::vector<std::string_view>{kGreetings[0]}, EncodeAs::query);
  inner->asked();
  EXPECT_EQ(encoder->encode(kGreetings, EncodeAs::passage), FakeEncoder().encode(kGreetings, EncodeAs::passage, {}));
  EXPECT_EQ(inner->asked().size(), kGreetings.size());
}

TEST(DefaultCacheFolder, FollowsTheEnvironment) {
  setenv("HOME", "/home/ada", 1);
  setenv("XDG_CACHE_HOME", "", 1);
  setenv("DRAGOMAN_CACHE", "", 1);
  EXPECT_EQ(default_cache_folder(), "/home/ada/.cache/dragoman");
  setenv("XDG_CACHE_HOME", "/fast", 1);
  EXPECT_EQ(default_cache_folder(), "/fast/dragoman");
  setenv("DRAGOMAN_CACHE", "/own", 1);
  EXPECT_EQ(default_cache_folder(), "/own");
  setenv("DRAGOMAN_CACHE", "off", 1);
  EXPECT_EQ(default_cache_folder(), "");
}

TEST(EncodingValue, KeepsEveryBit) {
  Encoding encoding;
  encoding.dense = {0.1f, -0.0f, 1e-40f, 0.33333334f};
  encoding.sparse = {{0, 1e-30f}, {999, 3.5f}};
  encoding.multi_vector = {0.6f, 0.8f, 1, 0};
  encoding.tokens_read = 512;
  encoding.tokens_total = 70'000;
  Encoding back;
  EXPECT_TRUE(from_value(to_value(encoding, Head::dense, "k"), {Head::dense, 4}, "k", back));
  EXPECT_TRUE(from_value(to_value(encoding, Head::sparse, "k"), {Head::sparse, 1000}, "k", back));
  EXPECT_TRUE(from_value(to_value(encoding, Head::multi_vector, "k"), {Head::multi_vector, 2}, "k", back));
  EXPECT_EQ(back, encoding);
  EXPECT_TRUE(std::signbit(back.dense[1]));
}

TEST(EncodingValue, RefusesOtherShapesAndKeys) {
  Encoding encoding;
  encoding.dense = {0.6f, 0.8f};
  encoding.sparse = {{7, 1.0f}};
  const auto dense = to_value(encoding, Head::dense, "k"), sparse = to_value(encoding, Head::sparse, "k");
  Encoding back;
  EXPECT_FALSE(from_value(dense, {Head::dense, 3}, "k", back));
  EXPECT_FALSE(from_value(dense, {Head::dense, 2}, "other", back));
  EXPECT_FALSE(from_value(dense.substr(1), {Head::dense, 2}, "k", back));
  EXPECT_FALSE(from_value("", {Head::dense, 2}, "k", back));
  EXPECT_FALSE(from_value(sparse, {Head::sparse, 7}, "k", back));  // Dimension 7 of 7 there is not.
  EXPECT_EQ(back, Encoding());
}

}  // namespace
}  // namespace dragoman
