#include "dragoman/multivector/max_sim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

// Unit vectors on a circle, so that every cosine can be read off the page; stacked() puts them in rows.
const std::vector<float> kEast = {1, 0}, kNorth = {0, 1}, kNorthEast = {0.6f, 0.8f}, kWest = {-1, 0};

std::vector<float> stacked(const std::vector<std::vector<float>>& rows) {
  std::vector<float> values;
  for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
  return values;
}

MatrixView view(const std::vector<float>& values, std::size_t columns) {
  return {values, values.size() / columns, columns};
}

TEST(MaxSim, SumsTheBestCosineOfEachQueryToken) {
  const auto query = stacked({kEast, kNorth}), document = stacked({kNorthEast, kNorth});
  EXPECT_FLOAT_EQ(max_sim(view(query, 2), view(document, 2)), 0.6f + 1.0f);
}

TEST(MaxSim, OrderAndRepetitionOfDocumentTokensDoNotMatter) {
  const auto query = stacked({kEast, kNorth});
  const auto once = stacked({kNorthEast, kWest}), again = stacked({kWest, kNorthEast, kWest, kNorthEast, kWest});
  EXPECT_EQ(max_sim(view(query, 2), view(once, 2)), max_sim(view(query, 2), view(again, 2)));
}

TEST(MaxSim, DocumentWithoutTokensGetsTheLowestScoreThereIs) {
  const auto query = stacked({kEast, kNorth}), opposite = stacked({kWest});
  EXPECT_EQ(max_sim(view(query, 2), MatrixView{{}, 0, 2}), -2);
  EXPECT_EQ(max_sim(view(query, 2), view(opposite, 2)), -1 + 0);
}

TEST(MaxSim, QueryWithoutTokensScoresNothing) {
  const auto document = stacked({kEast});
  EXPECT_EQ(max_sim(MatrixView{{}, 0, 2}, view(document, 2)), 0);
}

TEST(MaxSim, RejectsDifferentDimensionsNamingBoth) {
  const std::vector<float> three = {1, 0, 0};
  EXPECT_THAT([&] { max_sim(view(kEast, 2), view(three, 3)); },
              testing::ThrowsMessage<InvalidArgument>("max_sim: query dimension is 2, document dimension is 3"));
}

TEST(MaxSim, RejectsValuesThatAreNotTheRowsTheyClaimToBe) {
  const std::vector<float> three = {1, 0, 0};
  EXPECT_THAT(
      [&] {
        max_sim(view(kEast, 2), MatrixView{three, 2, 2});
      },
      testing::ThrowsMessage<InvalidArgument>("max_sim: document has 3 values, which are not 2 rows of 2"));
}

float max_sim_by_hand(MatrixView query, MatrixView document) {
  double total = 0;
  for (std::size_t i = 0; i < query.rows; ++i) {
    double best = -1;
    for (std::size_t j = 0; j < document.rows; ++j) {
      double product = 0;
      for (std::size_t d = 0; d < query.columns; ++d) product += double{query.row(i)[d]} * document.row(j)[d];
      best = std::max(best, product);
    }
    total += best;
  }
  return static_cast<float>(total);
}

TEST(MaxSims, AgreeWithTheDefinitionAndWithOneAtATimeForAnySizes) {
  Random random(7);
  for (int trial = 0; trial < 60; ++trial) {
    const std::size_t dimension = 1 + random.below(200), tokens = 1 + random.below(40);
    const auto make = [&](std::size_t rows) {
      std::vector<float> values(rows * dimension);
      for (float& value : values)
        value = (static_cast<float>(random.below(2001)) / 1000 - 1) / static_cast<float>(dimension);
      return values;
    };
    const auto query = make(tokens);
    std::vector<std::vector<float>> documents;
    std::vector<MatrixView> views;
    for (std::size_t i = 0; i < 4; ++i) documents.push_back(make(random.below(9)));
    for (const auto& document : documents) views.push_back(view(document, dimension));
    const auto scores = max_sims(view(query, dimension), views);
    for (std::size_t i = 0; i < views.size(); ++i) {
      EXPECT_NEAR(scores[i], max_sim_by_hand(view(query, dimension), views[i]), 1e-4);
      EXPECT_EQ(scores[i], max_sim(view(query, dimension), views[i]));
    }
  }
}

}  // namespace
}  // namespace dragoman
