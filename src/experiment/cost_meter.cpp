#include "experiment/cost_meter.h"

#include <time.h>

#include <fstream>
#include <string>

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
  reading.process_cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID);
  reading.cpu_s = scope_ == Scope::process ? reading.process_cpu_s : seconds(CLOCK_THREAD_CPUTIME_ID);
  reading.joules = energy_.joules();
  return reading;
}

Cost CostMeter::lap() {
  const Reading now = read();
  Cost cost{now.wall_s - last_.wall_s, now.cpu_s - last_.cpu_s, std::nullopt};
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
