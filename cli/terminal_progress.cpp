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

/// "12 of 306 documents", "3.1 of 7.0 MB".
std::string share(const ProgressEvent& event) {
  const bool bytes = event.unit == "bytes";
  const auto number = [&](std::uint64_t count) {
    return bytes ? fmt::format("{:.1f}", static_cast<double>(count) / 1e6) : fmt::format("{}", count);
  };
  const std::string_view unit = bytes ? "MB" : event.unit;
  if (event.total == 0) return fmt::format("{} {}", number(event.done), unit);
  return fmt::format("{} of {} {} ({:.0f}%)", number(event.done), number(event.total), unit,
                     100.0 * static_cast<double>(event.done) / static_cast<double>(event.total));
}

std::string speed(double per_second, std::string_view unit) {
  if (unit == "bytes") return fmt::format("{:.1f} MB/s", per_second / 1e6);
  return fmt::format("{:.{}f} {}/s", per_second, per_second < 10 ? 1 : 0, unit);
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
    also_at_begin_ = event.also;
  }
  const bool finished = event.total != 0 && event.done >= event.total;
  if (now - last_shown_ < kInterval && !finished) return;
  last_shown_ = now;

  const double seconds = std::chrono::duration<double>(now - stage_began_).count();
  const double rate = seconds > 0 ? static_cast<double>(event.done - done_at_begin_) / seconds : 0;
  std::string line = fmt::format("{}: {}", event.stage, share(event));
  if (rate > 0) line += ", " + speed(rate, event.unit);
  if (rate > 0 && !event.also_unit.empty()) {
    line += ", " + speed(static_cast<double>(event.also - also_at_begin_) / seconds, event.also_unit);
  }
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
