#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::apertium {

/// A shell's pipeline that answers each text with a NUL behind it by a text with a NUL behind it. It runs in a process
/// group of its own, started by the first question, and ended with this object or when it fails. One thread at a time.
class FlushedPipe {
 public:
  /// @param command for sh. @param patience as ApertiumOptions.
  FlushedPipe(std::string command, std::chrono::milliseconds patience);
  ~FlushedPipe();
  FlushedPipe(const FlushedPipe&) = delete;
  FlushedPipe& operator=(const FlushedPipe&) = delete;

  /// The answers to the texts, in their order; the programs work on several at a time. Fewer than there are texts if
  /// the pipeline hung or died: failure() says how. It is started again by the next call.
  /// @param texts without NUL. @throws Unavailable if no program can be started.
  std::vector<std::string> ask(std::span<const std::string> texts);

  /// Ends the pipeline; the next call starts it again.
  void stop();

  /// "gave no answer for 30 s", "ended by itself".
  const std::string& failure() const { return failure_; }

 private:
  void start();

  std::string command_;
  std::chrono::milliseconds patience_;
  pid_t group_ = 0;  ///< 0: not running.
  int to_ = -1, from_ = -1;
  std::string failure_;
};

/// The shell's command of a mode: unknown words are to be marked, and every program is to flush at NUL.
/// @param mode what the mode's file holds.
std::string pipeline_of(std::string_view mode);

/// Files that a mode names between quotes, in the order in which they come.
std::vector<std::string> files_of(std::string_view mode);

}  // namespace dragoman::apertium
