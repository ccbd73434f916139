#include "experiment/cost_meter.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "support/test_support.h"

namespace dragoman {
namespace {

TEST(CostMeter, CountsTheWorkOfALap) {
  CostMeter meter(CostMeter::Scope::thread);
  volatile double sum = 0;
  for (int i = 0; i < 20'000'000; ++i) sum = sum + i;
  const Cost busy = meter.lap(), idle = meter.lap();
  EXPECT_GT(busy.cpu_s, 0);
  EXPECT_GT(busy.wall_s, 0);
  EXPECT_LT(idle.cpu_s, busy.cpu_s);
}

// Busy, and then there until its input ends.
constexpr const char* kBusyProgram = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; read end";

class CostOfPrograms : public testing::TestWithParam<CostMeter::Scope> {};

TEST_P(CostOfPrograms, IsCountedWhileTheyRun) {
  CostMeter meter(GetParam());
  FILE* const program = popen(kBusyProgram, "w");
  ASSERT_NE(program, nullptr);
  Cost cost;
  for (int i = 0; i < 2000 && cost.cpu_s < 0.02; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    cost += meter.lap();
  }
  EXPECT_GE(cost.cpu_s, 0.02);
  pclose(program);
}

INSTANTIATE_TEST_SUITE_P(Scopes, CostOfPrograms, testing::Values(CostMeter::Scope::process, CostMeter::Scope::thread));

TEST(CostMeter, CountsAProgramOnceThatEnded) {
  rusage before{}, after{};
  getrusage(RUSAGE_CHILDREN, &before);
  CostMeter meter(CostMeter::Scope::process);
  FILE* const program = popen(kBusyProgram, "w");
  ASSERT_NE(program, nullptr);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  Cost cost = meter.lap();
  pclose(program);
  cost += meter.lap();
  getrusage(RUSAGE_CHILDREN, &after);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * time.tv_usec; };
  const double program_s = seconds(after.ru_utime) - seconds(before.ru_utime);
  EXPECT_GT(program_s, 0.01);
  EXPECT_GE(cost.cpu_s, program_s);
  EXPECT_LT(cost.cpu_s, 1.5 * program_s + 0.05) << "and what this process did meanwhile";
}

TEST(EnergyCounter, AddsPackagesUpAndSurvivesAnOverflow) {
  const test::TemporaryFolder folder;
  const auto set = [&](std::string_view package, int uj) {
    folder.write(std::string(package) + "/energy_uj", std::to_string(uj));
    folder.write(std::string(package) + "/max_energy_range_uj", "10000000");
  };
  set("intel-rapl:0", 9'000'000);
  set("intel-rapl:1", 1'000'000);
  set("intel-rapl:0:0", 5'000'000);  // A part of package 0.
  EnergyCounter counter(folder.path());
  EXPECT_EQ(counter.joules(), 0);
  set("intel-rapl:0", 1'000'000);  // Went past its end: 2 J more.
  set("intel-rapl:1", 1'500'000);
  EXPECT_EQ(counter.joules(), 2.5);
}

TEST(EnergyCounter, SaysNothingWhereTheMachineDoesNotTell) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(EnergyCounter(folder.path()).joules(), std::nullopt);
  EXPECT_EQ(EnergyCounter(folder.path() / "nowhere").joules(), std::nullopt);
}

TEST(PeakMemory, IsAtLeastWhatIsHeld) {
  reset_peak_memory();
  std::vector<char> block(64 << 20, 1);
  EXPECT_GE(peak_memory(), block.size());
}

}  // namespace
}  // namespace dragoman
