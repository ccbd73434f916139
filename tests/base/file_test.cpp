#include "dragoman/base/file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class FileTest : public testing::Test {
 protected:
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  test::TemporaryFolder folder_;
};

/// No file of this process may grow beyond so many bytes while it lives: the nearest to a full disk that needs no disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

using MappedFileTest = FileTest;

TEST_F(MappedFileTest, ShowsTheBytes) {
  const MappedFile file(folder_.write("พยัญชนะ", "ก ข ฃ"));
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()), "ก ข ฃ");
  EXPECT_EQ(file.path(), folder_.path() / "พยัญชนะ");
}

TEST_F(MappedFileTest, MapsAnEmptyFile) { EXPECT_THAT(MappedFile(folder_.write("empty", "")).bytes(), IsEmpty()); }

TEST_F(MappedFileTest, MovesWithItsView) {
  MappedFile from(folder_.write("a", "abc"));
  const auto* data = from.bytes().data();
  MappedFile to(std::move(from));
  EXPECT_EQ(to.bytes().data(), data);
  MappedFile other(folder_.write("b", "b"));
  other = std::move(to);
  EXPECT_EQ(other.bytes().size(), 3u);
}

TEST_F(MappedFileTest, NamesAFileThatIsMissing) {
  EXPECT_THAT([] { MappedFile("missing.seg"); }, ThrowsMessage<NotFound>("missing.seg: no such file"));
}

TEST_F(MappedFileTest, RefusesAFolder) {
  EXPECT_THAT([&] { MappedFile{folder_.path()}; },
              ThrowsMessage<InvalidData>(folder_.path().string() + ": not a regular file"));
}

TEST_F(FileTest, AtomicFileRewritesItsBeginning) {
  const auto path = folder_.path() / "counted";
  AtomicFile file(path);
  file.write("00 ряд");
  EXPECT_THAT([&] { file.rewrite_begin("longer than what is there"); },
              ThrowsMessage<InvalidArgument>(HasSubstr("counted")));
  file.rewrite_begin("17");
  file.write("ы");
  file.commit();
  EXPECT_EQ(read_file(path), "17 ряды");
}

TEST_F(FileTest, AtomicFileCannotRewriteWhatIsNoFile) {
  AtomicFile file("/dev/null");
  file.write("00");
  EXPECT_THAT([&] { file.rewrite_begin("17"); },
              ThrowsMessage<InvalidArgument>("/dev/null: its beginning cannot be written again; name a regular file"));
}

TEST_F(FileTest, ReadFileGivesAllBytes) {
  const std::string bytes("\0\xFFघर\r\n", 10);
  EXPECT_EQ(read_file(folder_.write("bytes", bytes)), bytes);
}

using AtomicFileTest = FileTest;

TEST_F(AtomicFileTest, AppearsWholeAtCommit) {
  AtomicFile file(folder_.path() / "run.txt");
  file.write("первая ");
  file.write("вторая");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "run.txt"));
  EXPECT_EQ(file.size(), std::string_view("первая вторая").size());
  file.commit();
  EXPECT_THAT(names(), ElementsAre("run.txt"));
  EXPECT_EQ(read_file(folder_.path() / "run.txt"), "первая вторая");
}

TEST_F(AtomicFileTest, LeavesNothingWithoutCommit) {
  {
    AtomicFile file(folder_.path() / "run.txt");
    file.write("half");
    EXPECT_EQ(file.temporary_path().parent_path(), folder_.path());
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(AtomicFileTest, KeepsTheOldFileUntilCommit) {
  folder_.write("run.txt", "old");
  { AtomicFile(folder_.path() / "run.txt").write("new"); }
  EXPECT_EQ(read_file(folder_.path() / "run.txt"), "old");
  AtomicFile file(folder_.path() / "run.txt");
  file.write("new");
  file.commit();
  EXPECT_EQ(read_file(folder_.path() / "run.txt"), "new");
}

TEST_F(AtomicFileTest, TakesANameWithoutAFolder) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  AtomicFile file("run.txt");
  file.write("x");
  file.commit();
  std::filesystem::current_path(before);
  EXPECT_THAT(names(), ElementsAre("run.txt"));
}

TEST_F(AtomicFileTest, SaysWhyItCannotWriteAndLeavesNothing) {
  const auto path = folder_.path() / "big.seg";
  const std::string block(1000, 'x');
  {
    const FileSizeLimit limit(1500);
    AtomicFile file(path);
    file.write(block);
    EXPECT_THAT([&] { file.write(block); },
                ThrowsMessage<Unavailable>(path.string() + ": cannot be written: File too large"));
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(AtomicFileTest, NamesAFolderThatIsMissing) {
  EXPECT_THAT([] { AtomicFile("no/such/run.txt"); },
              ThrowsMessage<Unavailable>("no/such/run.txt: cannot be written: No such file or directory"));
}

TEST_F(AtomicFileTest, CannotReplaceAFolder) {
  std::filesystem::create_directories(folder_.path() / "taken" / "inside");
  EXPECT_THAT([&] { AtomicFile(folder_.path() / "taken"); },
              ThrowsMessage<Unavailable>((folder_.path() / "taken").string() + ": cannot be written: Is a directory"));
}

TEST_F(AtomicFileTest, WritesToADeviceWithoutReplacingIt) {
  AtomicFile null("/dev/null");
  null.write("gone");
  null.commit();
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  AtomicFile full("/dev/full");
  EXPECT_THAT([&] { full.write("x"); },
              ThrowsMessage<Unavailable>("/dev/full: cannot be written: No space left on device; free some space and "
                                         "run the same command again"));
}

TEST_F(AtomicFileTest, FollowsALink) {
  folder_.write("real.txt", "old");
  std::filesystem::create_symlink("real.txt", folder_.path() / "link.txt");
  AtomicFile file(folder_.path() / "link.txt");
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder_.path() / "link.txt"));
  EXPECT_EQ(read_file(folder_.path() / "real.txt"), "new");
}

}  // namespace
}  // namespace dragoman
