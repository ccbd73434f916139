#include "experiment/cost_meter.h"

#include <gmock/gmock.h>

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
