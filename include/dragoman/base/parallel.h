#pragma once

#include <cstddef>
#include <functional>

namespace dragoman {

/// Number of processors this process may use, at least 1.
std::size_t available_threads();

/// What an option means that says 0 for all: `threads`, or available_threads().
inline std::size_t threads_or_all(std::size_t threads) { return threads == 0 ? available_threads() : threads; }

/// Calls `work(index, worker)` once for every index below `count`, from up to `threads` threads (0: all processors).
/// `worker` is below the number of threads, so that each can own scratch space. Indices are handed out in order.
/// The first exception stops the hand-out and is thrown again here, after all threads have ended.
void parallel_for(std::size_t count, std::size_t threads, const std::function<void(std::size_t, std::size_t)>& work);

}  // namespace dragoman
