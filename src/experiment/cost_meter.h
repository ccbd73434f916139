#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace dragoman {

struct Cost {
  double wall_s = 0;
  double cpu_s = 0;
  /// Of the machine's processors and what hangs on them, shared out by CPU time; only where the machine tells.
  std::optional<double> energy_j;

  Cost& operator+=(const Cost& other);
};

/// The counters of Intel's and AMD's RAPL, as Linux shows them in /sys/class/powercap, readable by root as a rule.
class EnergyCounter {
 public:
  /// @param folder the one that holds "intel-rapl:0" and its like.
  explicit EnergyCounter(const std::filesystem::path& folder = "/sys/class/powercap");

  /// Joules since the counter was made, over all packages; nothing where there is no counter or none may be read. Must
  /// be called at least once between two overflows of the hardware's counter (minutes under full load).
  std::optional<double> joules();

 private:
  struct Package {
    std::filesystem::path file;
    std::uint64_t range_uj = 0, last_uj = 0;
  };
  std::vector<Package> packages_;
  std::uint64_t total_uj_ = 0;
};

/// Measures work from lap to lap.
class CostMeter {
 public:
  enum class Scope {
    /// CPU time of all threads, and of programs that the process started: for work that has the process to itself.
    process,
    /// CPU time of the calling thread, and of programs that it started and that still run: for one of several pieces of
    /// work at the same time.
    thread,
  };

  explicit CostMeter(Scope scope);

  /// Cost since the last lap, or since the meter was made.
  Cost lap();

 private:
  struct Reading {
    double wall_s = 0, cpu_s = 0, process_cpu_s = 0;
    std::optional<double> joules;
  };
  Reading read();

  Scope scope_;
  EnergyCounter energy_;
  Reading last_;
};

/// Most memory that the process held at one time since the last reset, in bytes; 0 if the system does not say.
std::uint64_t peak_memory();
/// Where the system does not allow it, peak_memory() goes on from the start of the process.
void reset_peak_memory();

}  // namespace dragoman
