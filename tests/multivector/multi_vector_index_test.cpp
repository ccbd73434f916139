#include "dragoman/multivector/multi_vector_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "dragoman/base/error.h"
#include "support/test_support.h"
#include "token_vectors.h"

namespace dragoman {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;
using Segment = std::shared_ptr<const MultiVectorSegment>;
using Results = std::vector<std::vector<MultiVectorMatch>>;

constexpr std::size_t kDimension = 64;

std::vector<DocumentNumber> documents_of(const std::vector<MultiVectorMatch>& matches) {
  std::vector<DocumentNumber> documents;
  for (const auto& match : matches) documents.push_back(match.passage.document);
  return documents;
}

/// 900 documents of a passage each, and 40 queries about some of them.
class ClusteredIndex : public testing::Test {
 protected:
  static constexpr std::size_t kDocuments = 900;

  ClusteredIndex() : source_(kDimension) {
    for (std::size_t i = 0; i < kDocuments; ++i) texts_.push_back(source_.text(10 + i % 30));
    for (std::size_t i = 0; i < 40; ++i) query_values_.push_back(source_.query(texts_[i * 22], 5 + i % 30));
    for (const auto& query : query_values_) queries_.push_back(test::rows_of(query, kDimension));
  }

  Segment build(const std::string& name, std::size_t first, std::size_t last, MultiVectorBuildOptions options = {}) {
    MultiVectorSegmentBuilder builder(kDimension, std::move(options));
    for (std::size_t i = first; i < last; ++i) builder.add({static_cast<DocumentNumber>(i), {0, 9}}, texts_[i]);
    builder.write(folder_.path() / name, "s");
    return std::make_shared<const MultiVectorSegment>(folder_.path() / name, "s");
  }

  Results search(const MultiVectorIndex& index, const MultiVectorOptions& options = {},
                 std::span<const std::uint8_t> allowed = {}, std::size_t threads = 1) const {
    return index.search(queries_, 10, options, allowed, threads);
  }

  /// The best ten of the vectors as they were given.
  Results exact(std::span<const std::uint8_t> allowed = {}) const {
    std::vector<MatrixView> documents;
    for (const auto& text : texts_) documents.push_back(test::rows_of(text, kDimension));
    Results results;
    for (const auto& query : queries_) {
      const auto scores = max_sims(query, documents);
      std::vector<MultiVectorMatch> matches;
      for (std::size_t i = 0; i < kDocuments; ++i) {
        if (allowed.empty() || allowed[i] != 0)
          matches.push_back({{static_cast<DocumentNumber>(i), {0, 9}}, scores[i]});
      }
      std::ranges::stable_sort(matches, std::greater<>(), &MultiVectorMatch::score);
      matches.resize(std::min<std::size_t>(10, matches.size()));
      results.push_back(matches);
    }
    return results;
  }

  static double recall(const Results& found, const Results& wanted) {
    std::size_t hits = 0, total = 0;
    for (std::size_t q = 0; q < wanted.size(); ++q) {
      const auto documents = documents_of(found[q]);
      for (const auto& match : wanted[q]) hits += std::ranges::count(documents, match.passage.document);
      total += wanted[q].size();
    }
    return static_cast<double>(hits) / static_cast<double>(total);
  }

  test::TemporaryFolder folder_;
  test::TokenVectors source_;
  std::vector<std::vector<float>> texts_, query_values_;
  std::vector<MatrixView> queries_;
};

TEST_F(ClusteredIndex, FindsWhatMaxSimOfTheOriginalVectorsFinds) {
  const Results wanted = exact();
  const std::pair<unsigned, double> least[] = {{4, 0.95}, {2, 0.85}, {1, 0.7}};
  for (const auto& [bits, recall_of_all] : least) {
    const MultiVectorIndex index({build("a", 0, kDocuments, {.bits = bits})});
    const double all = recall(search(index, {.method = MultiVectorMethod::exhaustive}), wanted);
    const double pruned = recall(search(index, {.probes = 4, .full_scores = 100}), wanted);
    EXPECT_GT(all, recall_of_all) << bits;
    EXPECT_GT(pruned, all - 0.01) << bits;
  }
}

TEST_F(ClusteredIndex, ExhaustiveScoresAreMaxSimOfTheDecompressedVectors) {
  const Segment segment = build("a", 0, kDocuments);
  const auto results = search(MultiVectorIndex({segment}), {.method = MultiVectorMethod::exhaustive});
  for (std::size_t q = 0; q < queries_.size(); ++q) {
    for (const auto& match : results[q]) {
      const auto vectors = segment->vectors(match.passage.document);
      EXPECT_NEAR(match.score, max_sim(queries_[q], test::rows_of(vectors, kDimension)), 2e-3);
    }
  }
}

TEST_F(ClusteredIndex, PrunedSearchOfEverythingIsTheExhaustiveOneToTheBit) {
  const MultiVectorIndex index({build("a", 0, kDocuments)});
  const auto exhaustive = search(index, {.method = MultiVectorMethod::exhaustive});
  EXPECT_EQ(search(index, {.full_scores = kDocuments}), exhaustive);
  // As many probes as centroids: every passage is a candidate; all but one are scored in full.
  EXPECT_EQ(search(index, {.probes = 100'000, .full_scores = kDocuments - 1}), exhaustive);
}

TEST_F(ClusteredIndex, ScoresOfPrunedSearchAreThoseOfTheExhaustiveOne) {
  const MultiVectorIndex index({build("a", 0, kDocuments)});
  const auto all = index.search(queries_, kDocuments, {.method = MultiVectorMethod::exhaustive}, {}, 1);
  const auto pruned = search(index, {.probes = 1, .full_scores = 20});
  for (std::size_t q = 0; q < queries_.size(); ++q) {
    for (const auto& match : pruned[q]) EXPECT_THAT(all[q], testing::Contains(match));
  }
}

TEST_F(ClusteredIndex, ThreadsDoNotChangeABit) {
  const MultiVectorIndex index({build("a", 0, kDocuments)});
  const MultiVectorOptions options{.probes = 4, .full_scores = 100};
  const auto one = search(index, options);
  EXPECT_EQ(search(index, options, {}, 2), one);
  EXPECT_EQ(search(index, options, {}, 4), one);
}

TEST_F(ClusteredIndex, SegmentsOfOneCodebookAnswerAsOneToTheBit) {
  const Segment a = build("a", 0, 300);
  const Segment b = build("b", 300, 450, {.earlier = {a}, .codebook_tolerance = 1000});
  const Segment c = build("c", 450, kDocuments, {.earlier = {a, b}, .codebook_tolerance = 1000});
  ASSERT_EQ(a->codebook_id(), c->codebook_id());
  const std::vector<Segment> segments = {a, b, c};
  merge_multi_vector_segments(segments, {}, folder_.path() / "m", "s");
  const MultiVectorIndex cut({c, a, b}), whole({std::make_shared<const MultiVectorSegment>(folder_.path() / "m", "s")});
  EXPECT_EQ(cut.passage_count(), kDocuments);
  for (const std::size_t full : {20, 100}) {
    EXPECT_EQ(search(cut, {.probes = 2, .full_scores = full}), search(whole, {.probes = 2, .full_scores = full}));
  }
  EXPECT_EQ(search(cut, {.method = MultiVectorMethod::exhaustive}),
            search(whole, {.method = MultiVectorMethod::exhaustive}));
}

TEST_F(ClusteredIndex, SegmentsOfTheirOwnCodebooksFindAsMuch) {
  const MultiVectorIndex index({build("a", 0, 300), build("b", 300, 600), build("c", 600, kDocuments)});
  EXPECT_GT(recall(search(index, {.full_scores = 100}), exact()), 0.95);
}

TEST_F(ClusteredIndex, FiltersLoseNothingHoweverNarrow) {
  const MultiVectorIndex index({build("a", 0, kDocuments)});
  for (const std::size_t one_of : {2, 10, 50}) {
    std::vector<std::uint8_t> allowed(kDocuments);
    for (std::size_t i = 0; i < kDocuments; i += one_of) allowed[i] = 1;
    const MultiVectorOptions options{.probes = 1, .full_scores = 60};
    const auto results = search(index, options, allowed);
    for (const auto& matches : results) {
      EXPECT_EQ(matches.size(), 10u);
      for (const auto& match : matches) EXPECT_EQ(match.passage.document % one_of, 0u);
    }
    EXPECT_GT(recall(results, exact(allowed)), one_of == 2 ? 0.9 : 0.95) << one_of;
  }
}

TEST_F(ClusteredIndex, DeletedDocumentsGiveWhatAnIndexWithoutThemGives) {
  const Segment segment = build("a", 0, kDocuments);
  std::vector<std::uint8_t> allowed(kDocuments, 1);
  for (std::size_t i = 0; i < kDocuments; i += 3) allowed[i] = 0;
  const std::vector<Segment> segments = {segment};
  merge_multi_vector_segments(segments, allowed, folder_.path() / "m", "s");
  const MultiVectorIndex deleted({segment}),
      without({std::make_shared<const MultiVectorSegment>(folder_.path() / "m", "s")});
  const MultiVectorOptions options{.full_scores = 50};
  EXPECT_EQ(search(deleted, options, allowed), search(without, options));
}

// Unit vectors on a circle, so that every cosine can be read off the page.
const std::vector<float> kEast = {1, 0}, kNorth = {0, 1}, kNorthEast = {0.6f, 0.8f};

TEST(MultiVectorIndex, DocumentScoresByItsBestPassageTheFirstOfEquals) {
  const test::TemporaryFolder folder;
  MultiVectorSegmentBuilder builder(2);
  builder.add({3, {0, 10}}, kEast);
  builder.add({3, {10, 20}}, kNorth);
  builder.add({3, {20, 30}}, kNorth);
  builder.add({8, {0, 5}}, kNorthEast);
  builder.add({9, {0, 5}}, kNorth);
  builder.write(folder.path() / "a", "s");
  const MultiVectorIndex index({std::make_shared<const MultiVectorSegment>(folder.path() / "a", "s")});
  const MatrixView query = test::rows_of(kNorth, 2);
  const auto matches = index.search({&query, 1}, 10, {}, {}, 1).at(0);
  ASSERT_EQ(matches.size(), 3u);
  EXPECT_EQ(matches[0].passage, (Passage{3, {10, 20}}));  // Of equals the lower number.
  EXPECT_EQ(matches[1].passage, (Passage{9, {0, 5}}));
  EXPECT_NEAR(matches[1].score, 1, 0.01);
  EXPECT_NEAR(matches[2].score, 0.8, 0.01);
  EXPECT_EQ(index.search({&query, 1}, 1, {}, {}, 1).at(0).size(), 1u);
  EXPECT_TRUE(index.search({&query, 1}, 0, {}, {}, 1).at(0).empty());
}

TEST(MultiVectorIndex, NothingIsFoundByNothingOrInNothing) {
  const test::TemporaryFolder folder;
  MultiVectorSegmentBuilder builder(2);
  builder.add({3, {0, 10}}, kEast);
  builder.add({4, {0, 10}}, {});  // Without vectors: never found.
  builder.write(folder.path() / "a", "s");
  const MultiVectorIndex index({std::make_shared<const MultiVectorSegment>(folder.path() / "a", "s")}), none({});
  const MatrixView query = test::rows_of(kNorth, 2), silent{{}, 0, 2};
  EXPECT_EQ(documents_of(index.search({&query, 1}, 10, {}, {}, 1).at(0)), std::vector<DocumentNumber>{3});
  EXPECT_TRUE(index.search({&silent, 1}, 10, {}, {}, 1).at(0).empty());
  EXPECT_TRUE(none.search({&query, 1}, 10, {}, {}, 1).at(0).empty());
  EXPECT_TRUE(index.search({}, 10, {}, {}, 1).empty());
  const std::vector<std::uint8_t> nobody(4);
  EXPECT_TRUE(index.search({&query, 1}, 10, {}, nobody, 1).at(0).empty());
}

TEST(MultiVectorIndex, SaysWhatIsWrongWithAQuery) {
  const test::TemporaryFolder folder;
  MultiVectorSegmentBuilder builder(2);
  builder.add({3, {0, 10}}, kEast);
  builder.write(folder.path() / "a", "s");
  const Segment segment = std::make_shared<const MultiVectorSegment>(folder.path() / "a", "s");
  const MultiVectorIndex index({segment});
  const std::vector<float> three = {1, 0, 0}, infinite = {std::numeric_limits<float>::infinity(), 0};
  const auto search = [&](const std::vector<float>& values, std::size_t dimension, MultiVectorOptions options = {}) {
    const MatrixView query = test::rows_of(values, dimension);
    return [&index, query, options] { index.search({&query, 1}, 10, options, {}, 1); };
  };
  EXPECT_THAT(search(three, 3), ThrowsMessage<InvalidArgument>("multivector: query has 3 dimensions, the index 2"));
  EXPECT_THAT(search(infinite, 2),
              ThrowsMessage<InvalidArgument>("multivector: a query holds a value beyond 1e15, or no number"));
  EXPECT_THAT(search(kEast, 2, {.probes = 0}),
              ThrowsMessage<InvalidArgument>("multivector: probes is 0 and full_scores 512, both must be at least 1"));
  EXPECT_THAT(
      [&] {
        MultiVectorIndex({segment, segment});
      },
      ThrowsMessage<InvalidData>(AllOf(HasSubstr("/a and "), HasSubstr("/a hold the same documents"))));
}

}  // namespace
}  // namespace dragoman
