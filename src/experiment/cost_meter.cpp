#include "experiment/cost_meter.h"

#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace dragoman {
namespace {

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::optional<std::uint64_t> read_number(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::uint64_t number = 0;
  if (!(stream >> number)) return std::nullopt;
  return number;
}

/// The programs that a thread started and that nobody waited for yet. @param task a folder of /proc. Empty where the
/// system does not tell.
std::vector<pid_t> children_of(const std::filesystem::path& task) {
  std::ifstream stream(task / "children");
  std::vector<pid_t> children;
  for (pid_t child = 0; stream >> child;) children.push_back(child);
  return children;
}

std::vector<std::filesystem::path> tasks_of(const std::filesystem::path& process) {
  std::vector<std::filesystem::path> tasks;
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator(process / "task", ignored)) tasks.push_back(task.path());
  return tasks;
}

/// CPU time of what a thread started and what that started in turn, as far as it still runs.
double running_seconds(const std::filesystem::path& task) {
  double sum = 0;
  for (const pid_t child : children_of(task)) {
    clockid_t clock{};
    if (clock_getcpuclockid(child, &clock) == 0) sum += seconds(clock);
    for (const auto& deeper : tasks_of("/proc/" + std::to_string(child))) sum += running_seconds(deeper);
  }
  return sum;
}

/// CPU time of all programs that this process ever started.
double programs_seconds() {
  rusage ended{};
  getrusage(RUSAGE_CHILDREN, &ended);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  double sum = of(ended.ru_utime) + of(ended.ru_stime);
  for (const auto& task : tasks_of("/proc/self")) sum += running_seconds(task);
  return sum;
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
  wall_s += other.wall_s;
  cpu_s += other.cpu_s;
  if (other.energy_j) energy_j = energy_j.value_or(0) + *other.energy_j;
  return *this;
}

EnergyCounter::EnergyCounter(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    // "intel-rapl:0" is a package; "intel-rapl:0:1" a part of it, which must not count twice.
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("intel-rapl:") || name.find(':') != name.rfind(':')) continue;
    const auto now = read_number(entry.path() / "energy_uj");
    const auto range = read_number(entry.path() / "max_energy_range_uj");
    if (now && range) packages_.push_back({entry.path() / "energy_uj", *range, *now});
  }
}

std::optional<double> EnergyCounter::joules() {
  if (packages_.empty()) return std::nullopt;
  for (Package& package : packages_) {
    const auto now = read_number(package.file);
    if (!now) return std::nullopt;
    total_uj_ += *now >= package.last_uj ? *now - package.last_uj : *now + package.range_uj - package.last_uj;
    package.last_uj = *now;
  }
  return 1e-6 * static_cast<double>(total_uj_);
}

CostMeter::CostMeter(Scope scope) : scope_(scope) { last_ = read(); }

CostMeter::Reading CostMeter::read() {
  Reading reading;
  reading.wall_s = seconds(CLOCK_MONOTONIC);
  reading.joules = energy_.joules();
  // The whole process is asked for where its energy is to be shared out, or all of it is meant.
  if (scope_ == Scope::process || reading.joules) {
    reading.process_cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID) + programs_seconds();
  }
  reading.cpu_s = scope_ == Scope::process ? reading.process_cpu_s
                                           : seconds(CLOCK_THREAD_CPUTIME_ID) + running_seconds("/proc/thread-self");
  return reading;
}

Cost CostMeter::lap() {
  const Reading now = read();
  // A program that ended since then takes its time with it where one thread is measured.
  Cost cost{now.wall_s - last_.wall_s, std::max(0.0, now.cpu_s - last_.cpu_s), std::nullopt};
  if (now.joules && last_.joules) {
    const double process_cpu_s = now.process_cpu_s - last_.process_cpu_s;
    const double share = process_cpu_s > 0 ? cost.cpu_s / process_cpu_s : 1;
    cost.energy_j = (*now.joules - *last_.joules) * share;
  }
  last_ = now;
  return cost;
}

std::uint64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << 5; }

}  // namespace dragoman
