#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "dense/dense_support.h"
#include "dense/random_vectors.h"
#include "dragoman/base/error.h"
#include "dragoman/dense/dense_index.h"

namespace dragoman {
namespace {

using test::ClusteredVectors;
using test::expect_equal;
using test::Found;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::size_t kDocuments = 2000, kDimension = 50, kQueries = 40, kGroups = 7;

/// What is kept must stay where it is.
struct Adjustment {
  std::vector<float> scales, offsets;
  std::vector<std::uint16_t> groups;

  ScoreAdjustment view() const { return {scales, groups, offsets, kGroups}; }
};

Adjustment random_adjustment(std::size_t passages, std::size_t queries, std::uint32_t seed, float least, float most) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> scale(least, most), offset(-0.3f, 0.3f);
  Adjustment all;
  for (std::size_t i = 0; i < passages; ++i) {
    all.scales.push_back(random() % 50 == 0 ? 0 : scale(random));
    all.groups.push_back(static_cast<std::uint16_t>(random() % kGroups));
  }
  for (std::size_t i = 0; i < queries * kGroups; ++i) all.offsets.push_back(offset(random));
  return all;
}

/// The slow twin: every passage by its formula, the best of each document, in order.
Found slow_search(const DenseVectors& vectors, std::span<const float> queries, const ScoreAdjustment& adjustment,
                  std::size_t depth, std::span<const std::uint8_t> allowed) {
  Found found;
  const std::size_t dimension = vectors.dimension();
  for (std::size_t q = 0; q < queries.size() / dimension; ++q) {
    std::vector<DenseMatch> best;
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      if (!allowed.empty() && allowed[vectors.document(i)] == 0) continue;
      const float product = inner_product(queries.subspan(q * dimension, dimension), vectors.vector(i));
      const float offset = adjustment.offsets[q * adjustment.group_count + adjustment.groups[i]];
      const float score = adjustment.scales[i] * (product - offset);
      if (!best.empty() && best.back().passage.document == vectors.document(i)) {
        if (score > best.back().score) best.back() = {vectors.passage(i), score};
      } else {
        best.push_back({vectors.passage(i), score});
      }
    }
    std::ranges::stable_sort(best, std::greater{}, &DenseMatch::score);
    best.resize(std::min(best.size(), depth));
    found.push_back(std::move(best));
  }
  return found;
}

double recall(const Found& found, const Found& expected) {
  double hits = 0, all = 0;
  for (std::size_t q = 0; q < expected.size(); ++q) {
    for (const DenseMatch& match : expected[q]) {
      all += 1;
      for (const DenseMatch& other : found[q]) hits += other.passage.document == match.passage.document ? 1 : 0;
    }
  }
  return hits / all;
}

class ScoreAdjustmentTest : public testing::TestWithParam<DenseStorage> {
 protected:
  std::vector<std::shared_ptr<const CompactSegment>> codes(const std::shared_ptr<const DenseVectors>& vectors,
                                                           const std::filesystem::path& path) const {
    if (GetParam() == DenseStorage::f32) return {};
    write_compact_segment(*vectors, run_of_documents(*vectors, 0, kDocuments), GetParam(), path, "codes");
    return {std::make_shared<const CompactSegment>(path, "codes", *vectors, GetParam())};
  }
};

TEST_P(ScoreAdjustmentTest, IsThatOfASimpleLoopToTheBit) {
  ClusteredVectors data(kDocuments, kDimension, 31);
  const FlatIndex index(data.get(), codes(data.get(), data.file("codes")));
  const auto queries = data.queries(kQueries);
  // As those of language bias; and scales so far apart that errors of codes matter most.
  for (const auto& [least, most] : {std::pair(0.9f, 1.3f), std::pair(1e-3f, 1e3f)}) {
    const Adjustment all = random_adjustment(index.size(), kQueries, 32, least, most);
    const ScoreAdjustment adjustment = all.view();
    for (const std::size_t one_in : {1u, 2u, 100u}) {
      const auto allowed = one_in == 1 ? std::vector<std::uint8_t>() : data.filter(kDocuments, one_in);
      for (const std::size_t depth : {1u, 10u, 300u}) {
        const auto expected = slow_search(*data.get(), queries, adjustment, depth, allowed);
        expect_equal(index.search(queries, kDimension, depth, allowed, 1, &adjustment), expected);
        expect_equal(index.search(queries, kDimension, depth, allowed, 3, &adjustment), expected);
      }
    }
  }
}

TEST_P(ScoreAdjustmentTest, IsRightForVectorsOfAnyLength) {
  const test::TemporaryFolder folder;
  const auto vectors = test::vectors_of_any_length(folder.path() / "v", kDocuments, 33);
  const std::vector<float>& queries = test::kQueriesOfAnyLength;
  const Adjustment all = random_adjustment(vectors->size(), 3, 34, 0, 10);
  const ScoreAdjustment adjustment = all.view();
  const FlatIndex index(vectors, codes(vectors, folder.path() / "c"));
  expect_equal(index.search(queries, 6, 30, {}, 2, &adjustment), slow_search(*vectors, queries, adjustment, 30, {}));
}

INSTANTIATE_TEST_SUITE_P(Dense, ScoreAdjustmentTest,
                         testing::Values(DenseStorage::f32, DenseStorage::bf16, DenseStorage::int8),
                         [](const auto& test) { return std::string(name_of(test.param)); });

// East and north; the second passage is twice as long, the third of a group that has 0.5 taken off.
TEST(ScoreAdjustment, ScalesAndShifts) {
  const test::TemporaryFolder folder;
  DenseSegmentBuilder builder(2);
  for (DocumentNumber document = 0; document < 3; ++document) {
    builder.add({document, {0, 1}}, document == 1 ? std::vector<float>{0, 1} : std::vector<float>{1, 0});
  }
  builder.write(folder.path() / "v", "s");
  const FlatIndex index({std::make_shared<const DenseSegment>(folder.path() / "v", "s")});
  const std::vector<float> scales = {1, 2, 1}, offsets = {0, 0.5f}, query = {1, 1};
  const std::vector<std::uint16_t> groups = {0, 0, 1};
  const ScoreAdjustment adjustment{scales, groups, offsets, 2};
  std::vector<float> scores;
  const auto found = index.search(query, 2, 3, {}, 1, &adjustment);
  for (const DenseMatch& match : found.at(0)) scores.push_back(match.score);
  EXPECT_THAT(scores, ElementsAre(2, 1, 0.5f));
  EXPECT_EQ(found[0][0].passage.document, 1u);
  const ScoreAdjustment short_one{std::span(scales).first(2), groups, offsets, 2};
  EXPECT_THAT([&] { index.search(query, 2, 3, {}, 1, &short_one); },
              ThrowsMessage<InvalidArgument>(HasSubstr("3 passages and 1 queries are to be adjusted by 2 scales")));
}

TEST(ScoreAdjustment, LeavesGraphsAndListsNearlyAllThatTheyFind) {
  ClusteredVectors data(kDocuments, kDimension, 35);
  const PassageRun run = run_of_documents(*data.get(), 0, kDocuments);
  write_hnsw_segment(*data.get(), run, {.m = 12, .ef_construction = 60}, data.file("graph"), "g");
  write_ivf_pq_segment(*data.get(), run, {.lists = 30}, data.file("lists"), "l");
  const DenseIndex graph({data.get(), {}, {std::make_shared<const HnswSegment>(data.file("graph"), "g", *data.get())}});
  const DenseIndex lists(
      {data.get(), {}, {}, {std::make_shared<const IvfPqSegment>(data.file("lists"), "l", *data.get())}});
  const auto queries = data.queries(kQueries);
  Adjustment all = random_adjustment(data.get()->size(), kQueries, 36, 0.9f, 1.1f);
  for (float& offset : all.offsets) offset /= 10;  // Languages differ by some hundredths.
  const ScoreAdjustment adjustment = all.view();
  const auto expected = slow_search(*data.get(), queries, adjustment, 10, {});
  for (const DenseIndex* index : {&graph, &lists}) {
    const auto found = index->search(queries, kDimension, 10, {}, {}, 1, &adjustment);
    EXPECT_GE(recall(found, expected), 0.95);
    for (std::size_t q = 0; q < kQueries; ++q) {
      // Whatever they find has the score that the loop gives it.
      for (const DenseMatch& match : found[q]) {
        for (const DenseMatch& other : expected[q]) {
          if (match.passage.range == other.passage.range && match.passage.document == other.passage.document) {
            EXPECT_EQ(match.score, other.score);
          }
        }
      }
    }
    expect_equal(index->search(queries, kDimension, 10, {}, {.exact = true}, 2, &adjustment), expected);
  }
}

}  // namespace
}  // namespace dragoman
