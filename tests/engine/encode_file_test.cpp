#include "dragoman/engine/encode_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "encode/cached_encoder.h"
#include "encode/fake_encoder.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::FakeEncoder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// A NumPy file taken apart, as its specification has it.
template <typename T>
struct Array {
  std::string header;
  std::vector<T> numbers;
};

template <typename T>
Array<T> read_array(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t length = static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  EXPECT_EQ((10 + length) % 64, 0u);
  Array<T> array{bytes.substr(10, length), std::vector<T>((bytes.size() - 10 - length) / sizeof(T))};
  EXPECT_EQ(array.header.back(), '\n');
  array.header.resize(array.header.find_last_not_of(" \n") + 1);
  std::memcpy(array.numbers.data(), bytes.data() + 10 + length, array.numbers.size() * sizeof(T));
  return array;
}

struct EncodeFileTest : testing::Test {
  test::TemporaryFolder folder;
  FakeEncoder encoder;

  EncodeFileOptions options(const std::string& name, std::string_view content) const {
    return {.input = folder.write(name, content).string(), .output = folder.path() / "out.npy"};
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }
};

// The fake dense vector of a text of b bytes and c code points is (b, c, 2, 1), scaled to unit length.
TEST_F(EncodeFileTest, WritesARowALine) {
  const auto report = encode_file(encoder, options("texts.txt", "ab\n水\n\nдом\n"));
  EXPECT_EQ(report.texts, 4u);
  EXPECT_EQ(report.tokens, 2u + 1 + 0 + 3);
  EXPECT_EQ(report.dimension, 4u);
  const auto dense = read_array<float>(folder.path() / "out.npy");
  EXPECT_EQ(dense.header, "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4), }");
  std::vector<float> expected;
  for (const std::string_view text : {"ab", "水", "", "дом"}) {
    const auto vector = FakeEncoder::encoding(text, EncodeAs::passage, {}).dense;
    expected.insert(expected.end(), vector.begin(), vector.end());
  }
  EXPECT_EQ(dense.numbers, expected);
  EXPECT_THAT(files(), ElementsAre("out.npy", "texts.txt"));
}

TEST_F(EncodeFileTest, WritesSparseVectorsAsCompressedRows) {
  auto asked = options("texts.txt", "ab\n\nมา\n");
  asked.encode.heads = {.dense = false, .sparse = true, .multi_vector = false};
  encode_file(encoder, asked);
  const auto indptr = read_array<std::int64_t>(folder.path() / "out.sparse.indptr.npy");
  EXPECT_EQ(indptr.header, "{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }");
  EXPECT_THAT(indptr.numbers, ElementsAre(0, 2, 2, 4));
  EXPECT_THAT(read_array<std::int32_t>(folder.path() / "out.sparse.indices.npy").numbers,
              ElementsAre(2, 1000, 6, 1000));
  EXPECT_THAT(read_array<float>(folder.path() / "out.sparse.weights.npy").numbers, ElementsAre(2, 0.5f, 2, 0.5f));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out.npy"));
}

TEST_F(EncodeFileTest, WritesTokenVectorsWithTheirOffsets) {
  auto asked = options("texts.txt", "abc\n\nक\n");
  asked.encode.heads = {.dense = false, .sparse = false, .multi_vector = true};
  encode_file(encoder, asked);
  const auto vectors = read_array<float>(folder.path() / "out.multivector.npy");
  EXPECT_EQ(vectors.header, "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }");
  EXPECT_THAT(read_array<std::int64_t>(folder.path() / "out.multivector.offsets.npy").numbers, ElementsAre(0, 3, 3, 4));
}

TEST_F(EncodeFileTest, ReadsJsonLinesWithTitlesAndIds) {
  encode_file(encoder, options("corpus.jsonl",
                               "{\"_id\": \"sw1\", \"title\": \"Maji\", \"text\": \"Maji ni uhai.\"}\n\n"
                               "{\"id\": 7, \"contents\": \"पानी\"}\n"));
  EXPECT_THAT(encoder.asked(), ElementsAre("Maji\nMaji ni uhai.", "पानी"));
  EXPECT_EQ(read_file(folder.path() / "out.ids.txt"), "sw1\n7\n");
}

TEST_F(EncodeFileTest, TakesTheFormatThatIsNamed) {
  auto asked = options("queries.json", "{\"text\": \"où?\"}\n");
  encode_file(encoder, asked);
  asked.format = TextFormat::json_lines;
  encode_file(encoder, asked);
  EXPECT_THAT(encoder.asked(), ElementsAre("{\"text\": \"où?\"}", "où?"));
}

TEST_F(EncodeFileTest, CutsAndScalesDenseVectors) {
  auto asked = options("texts.txt", "abc\n");
  asked.encode.dense_dimension = 2;
  asked.as = EncodeAs::query;
  EXPECT_EQ(encode_file(encoder, asked).dimension, 2u);
  EXPECT_EQ(read_array<float>(folder.path() / "out.npy").numbers,
            FakeEncoder::encoding("abc", EncodeAs::query, asked.encode).dense);
}

TEST_F(EncodeFileTest, CountsTextsWhoseEndWasNotRead) {
  const std::string text(FakeEncoder::kMaxTokens + 5, 'x');
  const auto report = encode_file(encoder, options("texts.txt", text + "\nkifupi\n"));
  EXPECT_EQ(report.truncated, 1u);
  EXPECT_EQ(report.tokens, FakeEncoder::kMaxTokens + 6);
}

TEST_F(EncodeFileTest, RefusesWhatCannotBeDone) {
  auto asked = options("texts.txt", "a\n");
  const auto expect = [&](const EncodeFileOptions& wrong, const std::string& message) {
    EXPECT_THAT([&] { encode_file(encoder, wrong); }, ThrowsMessage<Error>(HasSubstr(message)));
    EXPECT_THAT(files(), testing::Each(testing::Not(HasSubstr("out"))));
  };
  auto wrong = asked;
  wrong.output = folder.path() / "out.txt";
  expect(wrong, "must end with .npy");
  wrong = asked;
  wrong.encode.heads.dense = false;
  expect(wrong, "choose of dense, sparse, multivector");
  wrong = asked;
  wrong.batch = 0;
  expect(wrong, "batch is 0");
  wrong = asked;
  wrong.encode.dense_dimension = 9;
  expect(wrong, "a vector of 4 dimensions cannot be cut to 9");
  expect(options("empty.txt", ""), "empty.txt: holds no texts");
  expect(options("bad.txt", "gut\nsch\xF6n\n"), "bad.txt:2: ill-formed UTF-8 at byte 4");
  expect(options("some.jsonl", "{\"_id\": \"a\", \"text\": \"x\"}\n{\"text\": \"y\"}\n"),
         "some.jsonl:2: \"_id\" is missing, unlike the lines before");
  expect(options("none.jsonl", "{\"_id\": \"a\"}\n"), "none.jsonl:1: \"text\" is missing");
}

TEST_F(EncodeFileTest, LeavesNothingHalfWrittenWhenItIsStopped) {
  auto asked = options("texts.txt", "eins\nzwei\ndrei\n");
  asked.batch = 1;
  std::atomic<bool> stop = false;
  asked.stop = &stop;
  encoder.before_answer = [&] { stop = encoder.calls() == 3; };  // The first call asks only what the encoder can.
  EXPECT_THAT(
      [&] { encode_file(encoder, asked); },
      ThrowsMessage<Unavailable>("interrupted after 2 texts; with a cache the same command goes on from there"));
  EXPECT_THAT(files(), ElementsAre("texts.txt"));
}

TEST_F(EncodeFileTest, TellsHowFarItIs) {
  auto asked = options("texts.txt", "a\nbb\nccc\n");
  asked.batch = 2;
  std::vector<std::uint64_t> done, tokens;
  encode_file(encoder, asked, [&](const ProgressEvent& event) {
    EXPECT_EQ(event.total, 3u);
    done.push_back(event.done);
    tokens.push_back(event.also);
  });
  EXPECT_THAT(done, ElementsAre(0, 2));
  EXPECT_THAT(tokens, ElementsAre(0, 3));
}

// Killed without warning in the third of five batches; some texts stand in several batches.
TEST_F(EncodeFileTest, FinishesWhatWasKilled) {
  std::string content;
  for (int i = 0; i < 50; ++i) content += "текст " + std::to_string(i % 35) + "\n";
  auto asked = options("texts.txt", content);
  asked.batch = 10;
  const auto run = [&](const std::filesystem::path& cache, const std::filesystem::path& output, std::size_t killed_at) {
    auto inner = std::make_unique<FakeEncoder>();
    const FakeEncoder* fake = inner.get();
    inner->before_answer = [fake, killed_at] {
      if (fake->calls() == killed_at) raise(SIGKILL);
    };
    const auto cached = with_cache(std::move(inner), {.cache = cache}, "fake");
    auto here = asked;
    here.output = output;
    encode_file(*cached, here);
    return fake->asked().size();
  };
  EXPECT_EQ(run(folder.path() / "cache-a", folder.path() / "undisturbed.npy", 0), 35u);
  const pid_t child = fork();
  if (child == 0) {
    run(folder.path() / "cache-b", folder.path() / "resumed.npy", 3);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "resumed.npy"));
  EXPECT_EQ(run(folder.path() / "cache-b", folder.path() / "resumed.npy", 0), 15u);  // Two batches of ten were there.
  EXPECT_EQ(read_file(folder.path() / "resumed.npy"), read_file(folder.path() / "undisturbed.npy"));
}

}  // namespace
}  // namespace dragoman
