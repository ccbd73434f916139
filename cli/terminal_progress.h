#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "dragoman/base/progress.h"

namespace dragoman::cli {

/// A progress line on standard error, with rate and remaining time; nothing at all if that is no terminal.
class TerminalProgress {
 public:
  TerminalProgress();
  ~TerminalProgress();
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;

  ProgressCallback callback();

 private:
  using Clock = std::chrono::steady_clock;

  void show(const ProgressEvent& event);
  void end_line();

  bool terminal_;
  std::string stage_;
  Clock::time_point stage_began_, last_shown_;
  std::uint64_t done_at_begin_ = 0, also_at_begin_ = 0;
  bool line_open_ = false;
};

}  // namespace dragoman::cli
