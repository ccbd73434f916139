#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "base/compressed.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::gzip;
using test::zstd;
using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::ThrowsMessage;
using Lines = std::vector<std::string>;

constexpr std::string_view kBom = "\xEF\xBB\xBF";

class LineReaderTest : public testing::Test {
 protected:
  std::string file(std::string_view bytes) const { return folder_.write("input", bytes).string(); }

  Lines lines(std::string_view bytes, std::size_t max_line_bytes = LineReader::kMaxLineBytes) const {
    LineReader reader(file(bytes), max_line_bytes);
    Lines out;
    for (std::string_view line; reader.next(line);) out.emplace_back(line);
    return out;
  }

  /// The same, or nothing if the file was refused.
  std::optional<Lines> lines_or_refusal(std::string_view bytes) const {
    try {
      return lines(bytes);
    } catch (const InvalidData&) {
      return std::nullopt;
    }
  }

  test::TemporaryFolder folder_;
};

TEST_F(LineReaderTest, EndsLinesAtLineFeeds) {
  EXPECT_THAT(lines("صباح الخير\n早上好\n\nhabari za asubuhi\n"),
              ElementsAre("صباح الخير", "早上好", "", "habari za asubuhi"));
}

TEST_F(LineReaderTest, NeedsNoLineFeedAtTheEnd) {
  EXPECT_THAT(lines("доброе утро\nおはよう"), ElementsAre("доброе утро", "おはよう"));
}

TEST_F(LineReaderTest, FindsNoLinesInAnEmptyFile) { EXPECT_THAT(lines(""), IsEmpty()); }

TEST_F(LineReaderTest, DropsACarriageReturnBeforeALineFeedOnly) {
  EXPECT_THAT(lines("a\r\nb\rc\r\n\r\nd\r"), ElementsAre("a", "b\rc", "", "d"));
}

TEST_F(LineReaderTest, SkipsAByteOrderMarkAtTheStartOnly) {
  const std::string bom(kBom);
  EXPECT_THAT(lines(bom + "สวัสดี\n" + bom + "x\n"), ElementsAre("สวัสดี", bom + "x"));
}

TEST_F(LineReaderTest, KeepsZeroBytes) {
  using namespace std::string_literals;
  EXPECT_THAT(lines("a\0b\nc\n"s), ElementsAre("a\0b"s, "c"));
}

TEST_F(LineReaderTest, NumbersLinesFromOneAndNamesThePlace) {
  const std::string path = file("namaste\nनमस्ते\n");
  LineReader reader(path);
  std::string_view line;
  EXPECT_EQ(reader.line_number(), 0u);
  reader.next(line);
  EXPECT_EQ(reader.place(), path + ":1");
  reader.next(line);
  EXPECT_EQ(reader.line_number(), 2u);
  EXPECT_FALSE(reader.next(line));
  EXPECT_EQ(reader.place(), path + ":2");
}

TEST_F(LineReaderTest, CountsTheBytesOfTheFileNotOfTheText) {
  const std::string bytes = gzip(std::string(1000, 'a') + "\n");
  LineReader reader(file(bytes));
  for (std::string_view line; reader.next(line);) {
  }
  EXPECT_LT(bytes.size(), 100u);
  EXPECT_EQ(reader.bytes_read(), bytes.size());
  EXPECT_EQ(reader.bytes_total(), bytes.size());
}

TEST_F(LineReaderTest, ReadsGzipWhateverTheFileIsCalled) {
  EXPECT_THAT(lines(gzip("東京\n京都\n")), ElementsAre("東京", "京都"));
}

TEST_F(LineReaderTest, ReadsGzipMembersAsOneText) {
  EXPECT_THAT(lines(gzip("Гор") + gzip("") + gzip("од\nСе") + gzip("ло\n")), ElementsAre("Город", "Село"));
}

TEST_F(LineReaderTest, ReadsZstdFramesAsOneText) {
  EXPECT_THAT(lines(zstd("कमल") + zstd("") + zstd("ा\nनदी\n")), ElementsAre("कमला", "नदी"));
}

TEST_F(LineReaderTest, ReadsCompressedLinesLongerThanABlock) {
  // 3 MB that compress to a few bytes: the reader gets much more out of a block than it put in.
  const std::string line(3'000'000, 'x');
  EXPECT_EQ(lines(gzip(line + "\n" + line)), Lines({line, line}));
  EXPECT_EQ(lines(zstd(line + "\n" + line, true)), Lines({line, line}));
  EXPECT_EQ(lines(zstd(line + "\n" + line, false)), Lines({line, line}));
}

TEST_F(LineReaderTest, ReadsLinesAcrossBlocks) {
  Lines expected;
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    expected.push_back("Zeile " + std::to_string(i) + " über Straßen");
    text += expected.back() + "\r\n";
  }
  EXPECT_EQ(lines(text), expected);
}

TEST_F(LineReaderTest, RefusesAGzipStreamCutAnywhere) {
  const std::string whole = gzip("الأول\nالثاني\n");
  for (std::size_t size = 2; size < whole.size(); ++size) {
    EXPECT_THAT([&] { lines(whole.substr(0, size)); },
                ThrowsMessage<InvalidData>(EndsWith("input: the gzip stream is cut short")))
        << size;
  }
}

TEST_F(LineReaderTest, RefusesAZstdStreamCutAnywhere) {
  const std::string whole = zstd("الأول\nالثاني\n");
  for (std::size_t size = 4; size < whole.size(); ++size) {
    EXPECT_THAT([&] { lines(whole.substr(0, size)); },
                ThrowsMessage<InvalidData>(EndsWith("input: the zstd stream is cut short")))
        << size;
  }
}

TEST_F(LineReaderTest, NeverTakesADamagedGzipStreamForAnotherText) {
  const std::string whole = gzip("moja\nmbili\ntatu\n");
  const Lines expected = lines(whole);
  int refused = 0;
  for (std::size_t at = 2; at < whole.size(); ++at) {  // The first two bytes say that it is gzip.
    for (const int bit : {0, 7}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      const auto found = lines_or_refusal(damaged);
      EXPECT_EQ(found.value_or(expected), expected) << at;
      refused += !found;
    }
  }
  EXPECT_GT(refused, static_cast<int>(whole.size()));  // All but the header's time and system.
}

TEST_F(LineReaderTest, NeverTakesADamagedZstdStreamForAnotherText) {
  const std::string whole = zstd("moja\nmbili\ntatu\n");
  const Lines expected = lines(whole);
  for (std::size_t at = 4; at < whole.size(); ++at) {  // The first four bytes say that it is zstd.
    for (const int bit : {0, 7}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      EXPECT_EQ(lines_or_refusal(damaged).value_or(expected), expected) << at;
    }
  }
}

TEST_F(LineReaderTest, TakesALineOfExactlyTheLimit) {
  EXPECT_THAT(lines("12345\n", 5), ElementsAre("12345"));
  EXPECT_THAT(lines(std::string(kBom) + "12345\r\n12345", 5), ElementsAre("12345", "12345"));
}

TEST_F(LineReaderTest, RefusesALongerLineNamingItsPlace) {
  const auto message = EndsWith("input:2: the line is longer than 5 bytes; one record belongs on one line");
  EXPECT_THAT([&] { lines("12345\n123456\n", 5); }, ThrowsMessage<InvalidData>(message));
  EXPECT_THAT([&] { lines("12345\n123456", 5); }, ThrowsMessage<InvalidData>(message));
  EXPECT_THAT([&] { lines(gzip("1\n" + std::string(1'000'000, ' ')), 5); }, ThrowsMessage<InvalidData>(message));
}

TEST_F(LineReaderTest, NamesAFileThatIsMissing) {
  EXPECT_THAT([] { LineReader("no/such/corpus.jsonl"); },
              ThrowsMessage<NotFound>("no/such/corpus.jsonl: no such file"));
}

TEST_F(LineReaderTest, RefusesAFolder) {
  EXPECT_THAT([&] { LineReader(folder_.path().string()); },
              ThrowsMessage<Unavailable>(folder_.path().string() + ": cannot be read: Is a directory"));
}

}  // namespace
}  // namespace dragoman
