#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "collection/collection_support.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

constexpr DocumentNumber kBatch = 10;

std::vector<Document> batch(DocumentNumber first) {
  std::vector<Document> documents;
  for (DocumentNumber i = first; i < first + kBatch; ++i) {
    documents.push_back(test::document("док-" + std::to_string(i), "ru", std::string(500, 'x')));
  }
  return documents;
}

/// Runs `work` in a process of its own, which ends with what it returns.
pid_t start_process(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  return child;
}

int exit_code(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class CollectionCrashTest : public testing::Test {
 protected:
  CollectionCrashTest() : path_(folder_.path() / "index") {}

  DocumentNumber size() const {
    try {
      return Collection::open(path_).size();
    } catch (const NotFound&) {
      return 0;
    } catch (const InvalidData&) {
      return 0;  // The child has made the file, and not yet what is in it.
    }
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_;
};

TEST_F(CollectionCrashTest, RefusesASecondWriterWhileTheFirstLives) {
  const Collection first = Collection::open_for_writing(path_);
  const pid_t child = start_process([this] {
    try {
      Collection::open_for_writing(path_);
      return 1;
    } catch (const Unavailable& error) {
      return error.what() ==
                     path_.string() + ": another process is writing this collection; try again when it has finished"
                 ? 0
                 : 2;
    }
  });
  EXPECT_EQ(exit_code(child), 0);
}

TEST_F(CollectionCrashTest, LetsAnotherWriterInWhenTheFirstIsDone) {
  Collection::open_for_writing(path_).add(batch(0));
  EXPECT_EQ(Collection::open_for_writing(path_).add(batch(0)).unchanged, kBatch);
}

TEST_F(CollectionCrashTest, KeepsWholeBatchesOfAWriterThatWasKilled) {
  DocumentNumber kept = 0;
  for (int round = 1; round <= 3; ++round) {
    const DocumentNumber begin = kept;
    const pid_t child = start_process([this, begin] {
      Collection collection = Collection::open_for_writing(path_);
      for (DocumentNumber first = begin;; first += kBatch) collection.add(batch(first));
      return 0;
    });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (size() < begin + 5 * kBatch && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1 + 3 * round));
    }
    const DocumentNumber seen = size();
    kill(child, SIGKILL);
    exit_code(child);

    Collection collection = Collection::open_for_writing(path_);
    kept = collection.size();
    ASSERT_GE(kept, seen);  // What a reader has seen was on the disk.
    ASSERT_GE(kept, begin + 5 * kBatch);
    ASSERT_EQ(kept % kBatch, 0u);
    DocumentNumber next = 0;
    collection.for_each(0, kept, [&](DocumentNumber number, const Document& document) {
      EXPECT_EQ(number, next);
      EXPECT_EQ(document.id, "док-" + std::to_string(next));
      ++next;
      return true;
    });
    EXPECT_EQ(next, kept);
    EXPECT_EQ(collection.add(batch(0)).unchanged, kBatch);
  }
}

TEST_F(CollectionCrashTest, IsReadAfterAWriterWasKilledWithoutAnotherWriter) {
  const pid_t child = start_process([this] {
    Collection collection = Collection::open_for_writing(path_);
    collection.add(batch(0));
    return kill(getpid(), SIGKILL);
  });
  EXPECT_EQ(exit_code(child), -1);
  EXPECT_EQ(Collection::open(path_).size(), kBatch);
}

TEST_F(CollectionCrashTest, KeepsNothingOfABatchThatDoesNotFitOnTheDisk) {
  // In a process of its own, where no file may grow beyond 200 kB.
  const pid_t child = start_process([this] {
    std::signal(SIGXFSZ, SIG_IGN);
    Collection collection = Collection::open_for_writing(path_);
    collection.add(batch(0));
    const rlimit limit{200'000, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto large = batch(kBatch);
    for (Document& document : large) document.text = std::string(100'000, 'x');
    try {
      collection.add(large);
      return 1;
    } catch (const Unavailable& error) {
      if (!std::string_view(error.what()).starts_with((path_ / "collection.sqlite").string() + ": ")) return 2;
    }
    if (collection.size() != kBatch || collection.find("док-10")) return 3;
    return collection.add(batch(kBatch)).added == kBatch ? 0 : 4;  // It goes on as if nothing had happened.
  });
  EXPECT_EQ(exit_code(child), 0);
  EXPECT_EQ(Collection::open(path_).size(), 2 * kBatch);
}

}  // namespace
}  // namespace dragoman
