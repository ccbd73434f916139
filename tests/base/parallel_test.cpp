#include "dragoman/base/parallel.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Lt;
using testing::ThrowsMessage;

class ParallelFor : public testing::TestWithParam<std::size_t> {};

TEST_P(ParallelFor, CallsEveryIndexOnce) {
  std::vector<int> calls(1000);
  parallel_for(calls.size(), GetParam(), [&](std::size_t i, std::size_t) { ++calls[i]; });
  EXPECT_THAT(calls, Each(1));
}

TEST_P(ParallelFor, GivesEachThreadANumberOfItsOwn) {
  const std::size_t threads = GetParam() == 0 ? available_threads() : GetParam();
  // Without a lock: two threads with the same number would be a data race here.
  std::vector<std::set<std::thread::id>> seen(threads);
  std::vector<std::size_t> scratch(threads);
  std::atomic<std::size_t> highest = 0;
  parallel_for(500, GetParam(), [&](std::size_t i, std::size_t worker) {
    if (worker >= threads) {
      highest = worker;
      return;
    }
    seen[worker].insert(std::this_thread::get_id());
    scratch[worker] += i;
  });
  EXPECT_EQ(highest, 0u);
  std::size_t sum = 0;
  for (const std::size_t part : scratch) sum += part;
  EXPECT_EQ(sum, 500u * 499 / 2);
  for (const auto& ids : seen) EXPECT_LE(ids.size(), 1u);
}

TEST_P(ParallelFor, ThrowsOnTheExceptionOfTheWork) {
  EXPECT_THAT(
      [&] {
        parallel_for(100, GetParam(), [](std::size_t i, std::size_t) {
          if (i == 7) throw InvalidData("corpus.jsonl:7: ม");
        });
      },
      ThrowsMessage<InvalidData>("corpus.jsonl:7: ม"));
}

TEST_P(ParallelFor, HandsOutNothingMoreAfterAnException) {
  std::atomic<int> calls = 0;
  EXPECT_THROW(parallel_for(100'000, GetParam(),
                            [&](std::size_t, std::size_t) {
                              ++calls;
                              std::this_thread::sleep_for(std::chrono::microseconds(50));
                              throw std::runtime_error("no");
                            }),
               std::runtime_error);
  EXPECT_LE(calls, static_cast<int>(std::max(GetParam(), available_threads())));  // Each thread once.
}

TEST_P(ParallelFor, DoesNothingForNothing) {
  parallel_for(0, GetParam(), [](std::size_t, std::size_t) { FAIL(); });
}

INSTANTIATE_TEST_SUITE_P(Threads, ParallelFor, testing::Values(0, 1, 2, 8));

TEST(ParallelForOrder, IsThatOfTheIndicesWithOneThread) {
  std::vector<std::size_t> order;
  parallel_for(4, 1, [&](std::size_t i, std::size_t) { order.push_back(i); });
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

TEST(ParallelForOrder, UsesNoMoreThreadsThanIndices) {
  std::mutex mutex;
  std::vector<std::size_t> workers;
  parallel_for(2, 16, [&](std::size_t, std::size_t worker) {
    const std::lock_guard lock(mutex);
    workers.push_back(worker);
  });
  EXPECT_THAT(workers, Each(Lt(2u)));
}

TEST(AvailableThreads, IsAtLeastOne) { EXPECT_GE(available_threads(), 1u); }

}  // namespace
}  // namespace dragoman
