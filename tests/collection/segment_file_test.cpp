#include "dragoman/collection/segment_file.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::IsEmpty;
using testing::ThrowsMessage;

constexpr const char* kKind = "lexical";
constexpr const char* kStamp = "1 analyzer=icu-1";

class SegmentFileTest : public testing::Test {
 protected:
  SegmentFileTest() : path_(folder_.path() / "index" / "segments" / "a.seg") {
    std::filesystem::create_directories(path_.parent_path());
  }

  /// Words in two scripts, three numbers, and nothing.
  void write() const {
    SegmentWriter writer(path_, kKind, kStamp);
    writer.add("words", std::as_bytes(std::span(kWords)));
    writer.add_array("numbers", std::span<const std::uint32_t>(kNumbers));
    writer.add("nothing", {});
    const std::uint64_t size = writer.commit();
    EXPECT_EQ(size, std::filesystem::file_size(path_));
  }

  SegmentReader open(std::string_view kind = kKind, std::string_view stamp = kStamp) const {
    return SegmentReader(path_, kind, stamp);
  }

  std::string words(const SegmentReader& reader) const {
    const auto bytes = reader.section("words");
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  void overwrite(const std::string& bytes) const {
    std::filesystem::remove(path_);
    folder_.write("index/segments/a.seg", bytes);
  }

  bool refused() const {
    try {
      open();
      return false;
    } catch (const InvalidData&) {
      return true;
    }
  }

  /// "PATH: WHY; make it again with: dragoman index --rebuild --into FOLDER".
  std::string refusal(const std::string& why) const {
    return path_.string() + ": " + why + "; make it again with: dragoman index --rebuild --into " +
           (folder_.path() / "index").string();
  }

  static constexpr std::string_view kWords = "كلمة 単語";
  const std::vector<std::uint32_t> kNumbers = {1, 2, 4'000'000'000};
  test::TemporaryFolder folder_;
  std::filesystem::path path_;
};

TEST_F(SegmentFileTest, GivesBackWhatWasWritten) {
  write();
  const SegmentReader reader = open();
  EXPECT_EQ(words(reader), kWords);
  EXPECT_THAT(reader.array<std::uint32_t>("numbers"), testing::ElementsAreArray(kNumbers));
  EXPECT_THAT(reader.section("nothing"), IsEmpty());
  EXPECT_EQ(reader.path(), path_);
}

TEST_F(SegmentFileTest, AlignsSectionsForAnyArray) {
  write();
  const SegmentReader reader = open();
  for (const char* name : {"words", "numbers"}) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(reader.section(name).data()) % 64, 0u) << name;
  }
}

TEST_F(SegmentFileTest, CanHoldNoSections) {
  SegmentWriter(path_, kKind, kStamp).commit();
  EXPECT_THAT([this] { open().section("words"); }, ThrowsMessage<InvalidData>(refusal("section words is missing")));
}

TEST_F(SegmentFileTest, IsTheSameFileForTheSameContent) {
  write();
  const std::string first = read_file(path_);
  write();
  EXPECT_EQ(read_file(path_), first);
}

TEST_F(SegmentFileTest, DoesNotAppearWithoutCommit) {
  SegmentWriter(path_, kKind, kStamp).add("words", std::as_bytes(std::span(kWords)));
  EXPECT_TRUE(std::filesystem::is_empty(path_.parent_path()));
}

TEST_F(SegmentFileTest, RefusesAnyFlippedBitOrReadsTheSameContent) {
  write();
  const std::string whole = read_file(path_);
  std::size_t harmless = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      overwrite(damaged);
      if (refused()) continue;
      ++harmless;
      const SegmentReader reader = open();
      ASSERT_EQ(words(reader), kWords) << at;
      ASSERT_THAT(reader.array<std::uint32_t>("numbers"), testing::ElementsAreArray(kNumbers)) << at;
    }
  }
  // Only the zeros between sections may change unseen: 56 behind the magic, 49 behind "words", 52 behind "numbers".
  EXPECT_EQ(harmless, (56u + 49 + 52) * 8);
}

TEST_F(SegmentFileTest, RefusesAnyTruncation) {
  write();
  const std::string whole = read_file(path_);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    overwrite(whole.substr(0, size));
    EXPECT_TRUE(refused()) << size;
  }
}

TEST_F(SegmentFileTest, RefusesAnyAddition) {
  write();
  const std::string whole = read_file(path_);
  for (const std::size_t more : {1u, 40u, 64u}) {
    overwrite(whole + std::string(more, '\0'));
    EXPECT_TRUE(refused());
  }
  overwrite(whole + whole.substr(whole.size() - 40));  // A second footer, right as it is.
  EXPECT_TRUE(refused());
}

TEST_F(SegmentFileTest, SaysWhatIsDamagedAndWhatToDo) {
  write();
  std::string bytes = read_file(path_);
  bytes[64] = 'x';  // The first section begins here.
  overwrite(bytes);
  EXPECT_THAT([this] { open(); },
              ThrowsMessage<InvalidData>(refusal("section words is damaged (its checksum differs)")));
  overwrite("");
  EXPECT_THAT([this] { open(); }, ThrowsMessage<InvalidData>(refusal("the segment is cut short")));
  overwrite(std::string(100, 'x'));
  EXPECT_THAT([this] { open(); }, ThrowsMessage<InvalidData>(refusal("not a segment, or cut short")));
}

TEST_F(SegmentFileTest, RefusesAnotherVersionNamingBoth) {
  write();
  std::string bytes = read_file(path_);
  bytes[bytes.size() - 16] = 2;
  overwrite(bytes);
  EXPECT_THAT([this] { open(); },
              ThrowsMessage<InvalidData>(refusal("segment format 2 is not 1, the one this program reads")));
}

TEST_F(SegmentFileTest, RefusesAnotherKindNamingBoth) {
  write();
  EXPECT_THAT([this] { open("dense"); },
              ThrowsMessage<InvalidData>(refusal("a lexical segment where a dense one belongs")));
}

TEST_F(SegmentFileTest, RefusesAnotherStampNamingBoth) {
  write();
  EXPECT_THAT([this] { open(kKind, "1 analyzer=icu-2"); },
              ThrowsMessage<InvalidData>(refusal("made by [1 analyzer=icu-1], but [1 analyzer=icu-2] is asked for")));
}

TEST_F(SegmentFileTest, RefusesASectionThatIsNotAskedForInItsOwnUnit) {
  write();
  EXPECT_THAT([this] { open().array<std::uint64_t>("numbers"); },
              ThrowsMessage<InvalidData>(refusal("section numbers has an odd size")));
}

TEST_F(SegmentFileTest, NamesAFileThatIsMissing) {
  EXPECT_THAT([this] { open(); }, ThrowsMessage<NotFound>(refusal("no such file")));
}

/// A segment without sections whose table of contents is `contents`, with a right checksum.
std::string with_contents(const std::string& contents) {
  std::string bytes = "DRAGOSEG" + contents;
  for (const std::uint64_t value :
       {std::uint64_t{8}, std::uint64_t{contents.size()}, checksum(contents), std::uint64_t{1}}) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return bytes + "DRAGOSEG";
}

std::string number(std::uint64_t value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

TEST_F(SegmentFileTest, SurvivesATableOfContentsThatLies) {
  const std::string head = number(7) + "lexical" + number(16) + kStamp;
  overwrite(with_contents(head));
  EXPECT_FALSE(refused());
  for (const std::string& lie : {number(7) + "lexical" + number(~0ull) + kStamp,            // a stamp of 2^64 - 1 bytes
                                 head + number(1),                                          // a name that does not come
                                 head + number(1) + "a" + number(0) + number(8),            // no checksum
                                 head + number(0) + number(0) + number(~0ull) + number(0),  // too large
                                 head + number(0) + number(~63ull) + number(64) + number(0)}) {  // wraps around
    overwrite(with_contents(lie));
    EXPECT_TRUE(refused());
  }
  overwrite(with_contents(head + number(1)));
  EXPECT_THAT([this] { open(); }, ThrowsMessage<InvalidData>(refusal("the table of contents is damaged")));
}

}  // namespace
}  // namespace dragoman
