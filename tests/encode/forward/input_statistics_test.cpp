#include "encode/forward/input_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "dragoman/base/error.h"
#include "encode/forward/numbers.h"

namespace dragoman {
namespace {

using test::numbers;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

ColumnStatistics seen(const std::vector<float>& rows, std::size_t columns) {
  ColumnStatistics statistics;
  statistics.see(rows.data(), rows.size() / columns, columns);
  return statistics;
}

TEST(ColumnStatistics, ManyRowsCountAsMuchAsFew) {
  const ColumnStatistics passages = seen({1, 0, 1, 0, 1, 0, 1, 0}, 2), queries = seen({3, 4}, 2);
  const InputStatistics mixed = ColumnStatistics::mixed(passages, queries);
  EXPECT_THAT(mixed.mean, ElementsAre(2, 2));
  EXPECT_THAT(mixed.deviation, ElementsAre(1, 2));
}

TEST(InputStatisticsJson, KeepsTheColumnsThatStandOut) {
  // Of 24 columns two are kept: one that moves much, and one that lies far from 0.
  std::vector<float> rows;
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < 24; ++column) {
      const float sign = row == 0 ? 1 : -1;
      rows.push_back(column == 7 ? 12.3456f * sign : column == 20 ? -30 + sign : 0.5f * sign);
    }
  }
  InputObserver observer;
  observer.layers.push_back({seen(rows, 24), seen(rows, 24)});
  const std::string json = input_statistics_to_json(observer, observer);
  const std::string input = R"({"deviation":0.5,"outstanding":[[7,0.0,12.3],[20,-30.0,1.0]]})";
  EXPECT_EQ(json, R"({"layers":[{"attention":)" + input + R"(,"feed_forward":)" + input + "}]}");

  const auto read = read_input_statistics(json, 1, 24, "model.gguf");
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].attention.mean[20], -30);
  EXPECT_EQ(read[0].attention.deviation[7], 12.3f);
  EXPECT_EQ(read[0].feed_forward.mean[0], 0);
  EXPECT_EQ(read[0].feed_forward.deviation[0], 0.5f);
}

TEST(InputStatisticsJson, OfAnotherModelIsRefused) {
  const auto expect = [](std::string_view json, std::string_view why) {
    EXPECT_THAT([&] { read_input_statistics(json, 1, 4, "m"); },
                ThrowsMessage<InvalidData>(HasSubstr(std::string("m: \"input_statistics\": ") + std::string(why))))
        << json;
  };
  expect(R"({})", "\"layers\" must be an array of 1");
  expect(R"({"layers":[{},{}]})", "\"layers\" must be an array of 1");
  expect(R"({"layers":[7]})", "a layer must be an object");
  expect(R"({"layers":[{"attention":{"deviation":1,"outstanding":[]}}]})",
         "a layer without an object \"feed_forward\"");
  const auto with = [&](std::string_view input, std::string_view why) {
    expect(R"({"layers":[{"attention":)" + std::string(input) + "}]}", why);
  };
  with(R"({"outstanding":[]})", "a deviation must be a number above 0");
  with(R"({"deviation":0,"outstanding":[]})", "a deviation must be a number above 0");
  with(R"({"deviation":1e39,"outstanding":[]})", "a deviation must be a number above 0");
  with(R"({"deviation":1})", "\"outstanding\" must be an array");
  with(R"({"deviation":1,"outstanding":[[4,0,1]]})", "column 4, but the model has 4");
  with(R"({"deviation":1,"outstanding":[[1,0]]})", "an outstanding column must be [column, mean, deviation]");
  with(R"({"deviation":1,"outstanding":[[-1,0,1]]})", "an outstanding column must be [column, mean, deviation]");
  with(R"({"deviation":1,"outstanding":[[1,0,"x"]]})", "a deviation must be a number above 0");
}

// One column a hundred times larger than the rest: one scale for all leaves the rest three steps.
TEST(LevelledLinear, IsNearerThanOneScaleForAll) {
  constexpr std::size_t kRows = 30, kInputs = 64, kOutputs = 20;
  auto x = numbers(kRows * kInputs, -1, 1, 1);
  for (std::size_t row = 0; row < kRows; ++row) x[row * kInputs + 9] = 40 + 4 * x[row * kInputs + 9];
  const auto weights = numbers(kOutputs * kInputs, -1, 1, 2), bias = numbers(kOutputs, -1, 1, 3);
  const InputStatistics statistics = ColumnStatistics::mixed(seen(x, kInputs), seen(x, kInputs));
  const auto error = [&](const InputStatistics& known) {
    const auto linear = make_linear(Precision::int8, weights, bias, kOutputs, kInputs, known);
    Rows rows;
    rows.assign(Precision::int8, x.data(), kRows, kInputs, linear->levelling());
    std::vector<float> y(kRows * kOutputs);
    linear->apply(rows, Then::store, y.data(), kOutputs);
    double squares = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      double expected = bias[i % kOutputs];
      for (std::size_t k = 0; k < kInputs; ++k) {
        expected += static_cast<double>(x[i / kOutputs * kInputs + k]) * weights[i % kOutputs * kInputs + k];
      }
      squares += (y[i] - expected) * (y[i] - expected);
    }
    return std::sqrt(squares / static_cast<double>(y.size()));
  };
  EXPECT_GT(error({}), 0.4);
  EXPECT_LT(error(statistics), 0.04);
}

TEST(LevelledLinear, HasTwiceTheStepsWhereNothingIsBelowALeastValue) {
  constexpr std::size_t kInputs = 64;
  auto x = numbers(kInputs, -0.17, 3, 1);
  const auto weights = numbers(kInputs, -1, 1, 2);
  const InputStatistics known{.least = -0.17f};
  const auto linear = make_linear(Precision::int8, weights, {}, 1, kInputs, known);
  EXPECT_TRUE(linear->levelling().one_sided);
  Rows rows;
  rows.assign(Precision::int8, x.data(), 1, kInputs, linear->levelling());
  float y = 0;
  linear->apply(rows, Then::store, &y, 1);
  double expected = 0;
  for (std::size_t k = 0; k < kInputs; ++k) expected += static_cast<double>(x[k]) * weights[k];
  EXPECT_NEAR(y, expected, 0.05);
  // 3.17 / 255, where both signs would need 3 / 127.
  EXPECT_NEAR(rows.scales()[0], 0.0124, 0.0002);
}

}  // namespace
}  // namespace dragoman
