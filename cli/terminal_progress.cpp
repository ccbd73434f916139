#include "terminal_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace dragoman::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

std::string duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

std::string amount(double count, std::string_view unit) {
  if (unit != "bytes") return fmt::format("{:.{}f} {}", count, count < 10 ? 1 : 0, unit);
  return fmt::format("{:.1f} MB", count / 1e6);
}

}  // namespace

TerminalProgress::TerminalProgress() : terminal_(isatty(STDERR_FILENO) == 1) {}
TerminalProgress::~TerminalProgress() { end_line(); }

ProgressCallback TerminalProgress::callback() {
  if (!terminal_) return {};
  return [this](const ProgressEvent& event) { show(event); };
}

void TerminalProgress::show(const ProgressEvent& event) {
  const auto now = Clock::now();
  if (event.stage != stage_) {
    end_line();
    stage_ = event.stage;
    stage_began_ = now;
    last_shown_ = {};
    done_at_begin_ = event.done;
  }
  const bool finished = event.total != 0 && event.done >= event.total;
  if (now - last_shown_ < kInterval && !finished) return;
  last_shown_ = now;

  const double seconds = std::chrono::duration<double>(now - stage_began_).count();
  const double rate = seconds > 0 ? static_cast<double>(event.done - done_at_begin_) / seconds : 0;
  std::string line = fmt::format("{}: {}", event.stage, amount(static_cast<double>(event.done), event.unit));
  if (event.total != 0) {
    line += fmt::format(" of {} ({:.0f}%)", amount(static_cast<double>(event.total), event.unit),
                        100.0 * static_cast<double>(event.done) / static_cast<double>(event.total));
  }
  if (rate > 0) line += fmt::format(", {}/s", amount(rate, event.unit));
  if (rate > 0 && event.total > event.done) {
    line += fmt::format(", {} left", duration(static_cast<double>(event.total - event.done) / rate));
  }
  fmt::print(stderr, "\r{}\x1b[K", line);
  std::fflush(stderr);
  line_open_ = true;
}

void TerminalProgress::end_line() {
  if (line_open_) fmt::print(stderr, "\n");
  line_open_ = false;
}

}  // namespace dragoman::cli
