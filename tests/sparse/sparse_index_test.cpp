#include "dragoman/sparse/sparse_index.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/collection/segment_file.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;
using Weights = std::vector<SparseWeight>;

constexpr const char* kStamp = "1 sparse test";
constexpr SparseOptions kPlain = {.weighting = SparseWeighting::plain};

struct GivenPassage {
  Passage passage;
  Weights weights;
};

class SparseIndexTest : public testing::Test {
 protected:
  std::filesystem::path path(int part) const {
    return folder_.path() / "index" / "segments" / ("sparse-" + std::to_string(part) + ".seg");
  }
  std::shared_ptr<const SparseSegment> segment(const std::vector<GivenPassage>& passages, float scale = 255,
                                               std::uint32_t first = 0) {
    std::filesystem::create_directories(path(0).parent_path());
    SparseSegmentBuilder builder(scale);
    for (const GivenPassage& given : passages) builder.add(given.passage, given.weights);
    builder.write(path(parts_), kStamp);
    return std::make_shared<const SparseSegment>(path(parts_++), kStamp, first);
  }

  test::TemporaryFolder folder_;
  int parts_ = 0;
};

std::vector<DocumentNumber> documents(const std::vector<SparseMatch>& matches) {
  std::vector<DocumentNumber> numbers;
  for (const SparseMatch& match : matches) numbers.push_back(match.passage.document);
  return numbers;
}

TEST_F(SparseIndexTest, AddsUpProductsOfWeights) {
  const SparseIndex index({segment({{{4, {0, 9}}, {{7, 100}, {9, 40}}}, {{5, {0, 3}}, {{9, 200}}}})});
  const auto found = index.search(Weights{{7, 2}, {9, 0.5f}, {11, 8}}, 10, kPlain);
  EXPECT_THAT(documents(found), ElementsAre(4, 5));
  EXPECT_NEAR(found[0].score, 2 * 100 + 0.5 * 40, 1e-3);
  EXPECT_NEAR(found[1].score, 0.5 * 200, 1e-3);
  EXPECT_EQ(found[0].passage.range, (TextRange{0, 9}));
}

TEST_F(SparseIndexTest, WeighsADimensionByHowFewPassagesHaveIt) {
  // Dimension 1 is in all three passages, dimension 2 in one: the encoder's weights say 1, idf says 2.
  const SparseIndex index({segment({{{0, {}}, {{1, 255}}}, {{1, {}}, {{1, 100}, {2, 100}}}, {{2, {}}, {{1, 9}}}})});
  const Weights query = {{1, 1}, {2, 1}};
  EXPECT_THAT(documents(index.search(query, 3, kPlain)), ElementsAre(0, 1, 2));
  const auto found = index.search(query, 3);
  EXPECT_THAT(documents(found), ElementsAre(1, 0, 2));
  const double in_all = std::log(1 + 0.5 / 3.5), in_one = std::log(1 + 2.5 / 1.5);
  EXPECT_NEAR(found[0].score, 100 * in_all + 100 * in_one, 1e-3);
}

TEST_F(SparseIndexTest, RanksADocumentByItsBestPassage) {
  const SparseIndex index({segment({{{3, {0, 10}}, {{1, 50}}},
                                    {{3, {11, 20}}, {{1, 90}}},
                                    {{3, {21, 30}}, {{1, 80}}},
                                    {{6, {0, 5}}, {{1, 60}}},
                                    {{8, {0, 5}}, {{1, 10}}}})});
  for (const std::size_t depth : {2u, 3u}) {
    const auto found = index.search(Weights{{1, 1}}, depth, kPlain);
    ASSERT_EQ(found.size(), depth) << "two passages of document 3 stand before that of document 6";
    EXPECT_EQ(found[0].passage, (Passage{3, {11, 20}}));
    EXPECT_EQ(found[1].passage, (Passage{6, {0, 5}}));
  }
}

TEST_F(SparseIndexTest, FindsOnlyWhatIsAllowed) {
  const SparseIndex index({segment({{{0, {}}, {{1, 50}}}, {{1, {}}, {{1, 90}}}, {{2, {}}, {{1, 70}}}})});
  const std::vector<std::uint8_t> allowed = {1, 0, 1};
  const DocumentSet passages = index.allowed_passages(allowed);
  EXPECT_THAT(documents(index.search(Weights{{1, 1}}, 1, kPlain, &passages)), ElementsAre(2));
}

// Of three passages two are left; dimension 1 is in both, dimension 2 in one.
TEST_F(SparseIndexTest, CountsNoDeletedDocuments) {
  const auto whole = segment({{{0, {}}, {{1, 255}, {2, 80}}}, {{1, {}}, {{1, 100}, {2, 100}}}, {{2, {}}, {{1, 9}}}});
  const std::vector<std::uint8_t> live = {0, 1, 1};
  const SparseIndex index({whole}, live);
  const DocumentSet passages = index.allowed_passages(live);
  const SparseIndex rest({segment({{{1, {}}, {{1, 100}, {2, 100}}}, {{2, {}}, {{1, 9}}}})});
  const Weights query = {{1, 1}, {2, 1}};
  const auto found = index.search(query, 3, {}, &passages), expected = rest.search(query, 3);
  ASSERT_EQ(found.size(), 2u);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].passage, expected[i].passage);
    EXPECT_EQ(found[i].score, expected[i].score);
  }
  EXPECT_NEAR(found[0].score, 100 * std::log(1 + 0.5 / 2.5) + 100 * std::log(1 + 1.5 / 1.5), 1e-3);
  EXPECT_EQ(index.full_score(query, SparseWeighting::idf), rest.full_score(query, SparseWeighting::idf));
}

TEST_F(SparseIndexTest, IsWrittenAgainWithoutDeletedDocumentsAsIfTheyHadNeverBeenThere) {
  std::mt19937 random(9);
  std::vector<GivenPassage> all, rest;
  std::vector<std::uint8_t> live;
  for (DocumentNumber document = 0; document < 200; ++document) {
    live.push_back(random() % 3 != 0);
    for (std::size_t p = 0; p < random() % 3; ++p) {
      std::map<std::uint32_t, float> weights;
      while (weights.size() < 20) weights[random() % 500] = 2.5f * static_cast<float>(random()) / 4294967296.0f;
      GivenPassage given{{document, {10 * p, 10 * p + 9}}, {}};
      for (const auto& [dimension, weight] : weights) given.weights.push_back({dimension, weight});
      all.push_back(given);
      if (live.back() != 0) rest.push_back(given);
    }
  }
  // A scale that is no power of two, and clips some.
  const auto whole = segment(all, 2.3f, 7);
  segment(rest, 2.3f);
  merge_sparse_segments(std::span(&whole, 1), live, path(5), kStamp);
  EXPECT_EQ(read_file(path(5)), read_file(path(1)));
  merge_sparse_segments(std::span(&whole, 1), {}, path(6), kStamp);
  EXPECT_EQ(read_file(path(6)), read_file(path(0)));
  // The same out of several segments, one of them empty.
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  const auto split = std::ranges::find_if(middle, all.end(), [&](const GivenPassage& given) {
    return given.passage.document != std::prev(middle)->passage.document;
  });
  const auto early = segment({all.begin(), split}, 2.3f);
  const auto none = segment({}, 2.3f, early->first_passage() + static_cast<std::uint32_t>(early->size()));
  const auto late = segment({split, all.end()}, 2.3f, none->first_passage());
  const std::vector parts = {early, none, late};
  merge_sparse_segments(parts, live, path(9), kStamp);
  EXPECT_EQ(read_file(path(9)), read_file(path(1)));
  merge_sparse_segments(parts, {}, path(10), kStamp);
  EXPECT_EQ(read_file(path(10)), read_file(path(0)));
}

TEST_F(SparseIndexTest, RefusesToMergeWhatDoesNotFollowOrHasAnotherScale) {
  const auto early = segment({{{3, {}}, {{1, 255}}}}), late = segment({{{4, {}}, {{1, 255}}}}, 255, 1);
  const auto other = segment({{{5, {}}, {{1, 2}}}}, 2, 2);
  const std::vector swapped = {late, early}, scales = {early, other};
  EXPECT_THAT([&] { merge_sparse_segments(swapped, {}, path(9), kStamp); },
              ThrowsMessage<InvalidArgument>(HasSubstr("do not follow those of")));
  EXPECT_THAT([&] { merge_sparse_segments(scales, {}, path(9), kStamp); },
              ThrowsMessage<InvalidArgument>(HasSubstr("has the scale 2,")));
  EXPECT_THAT([&] { merge_sparse_segments({}, {}, path(9), kStamp); },
              ThrowsMessage<InvalidArgument>("sparse: no segments to merge"));
}

TEST_F(SparseIndexTest, SaysWhatTheQueryItselfWouldScore) {
  const SparseIndex index({segment({{{0, {}}, {{1, 2}, {2, 1}}}, {{1, {}}, {{1, 1}}}}, 2)});
  const Weights query = {{1, 2}, {2, 1}};
  EXPECT_NEAR(index.full_score(query, SparseWeighting::plain), 2 * 2 + 1 * 1, 1e-6);
  EXPECT_NEAR(index.search(query, 1, kPlain).at(0).score, index.full_score(query, SparseWeighting::plain), 0.02);
  EXPECT_NEAR(index.search(query, 1).at(0).score, index.full_score(query, SparseWeighting::idf), 0.02);
  // A passage cannot have more than the scale; what no passage has counts as the rarest.
  EXPECT_NEAR(index.full_score(Weights{{1, 3}}, SparseWeighting::plain), 3 * 2, 1e-6);
  EXPECT_NEAR(index.full_score(Weights{{7, 1}}, SparseWeighting::idf), std::log(1 + 2.5 / 0.5), 1e-6);
}

TEST_F(SparseIndexTest, FindsNothingWhereNothingIsShared) {
  const SparseIndex index({segment({{{0, {}}, {{1, 50}}}, {{1, {}}, {}}})});
  EXPECT_EQ(index.size(), 2u);
  EXPECT_THAT(index.search(Weights{{2, 1}}, 10), IsEmpty());
  EXPECT_THAT(index.search(Weights{}, 10), IsEmpty());
  EXPECT_THAT(index.search(Weights{{1, 0}}, 10), IsEmpty());
  EXPECT_THAT(index.search(Weights{{1, 1}}, 0), IsEmpty());
  EXPECT_THAT(SparseIndex({}).search(Weights{{1, 1}}, 10), IsEmpty());
}

TEST_F(SparseIndexTest, LeavesOutWeightsThatRoundToNothingAndCountsThoseBeyondTheScale) {
  SparseSegmentBuilder builder(2);
  builder.add({0, {}}, Weights{{1, 2.5f}, {2, 2}, {3, 0.0009f}, {4, 0}});
  EXPECT_EQ(builder.clipped(), 1u);
  std::filesystem::create_directories(path(0).parent_path());
  builder.write(path(0), kStamp);
  const SparseSegment segment(path(0), kStamp, 0);
  EXPECT_THAT(segment.words()->postings("1").frequencies, ElementsAre(1020));
  EXPECT_THAT(segment.words()->postings("2").frequencies, ElementsAre(1020));
  EXPECT_EQ(segment.words()->term_count(), 2u);
}

TEST_F(SparseIndexTest, RefusesWhatItCannotKeep) {
  SparseSegmentBuilder builder(1);
  builder.add({5, {}}, Weights{{1, 1}});
  EXPECT_THAT(
      [&] {
        builder.add({4, {}}, Weights{});
      },
      ThrowsMessage<InvalidArgument>("sparse: document number 4 comes after 5"));
  for (const float bad : {-1.0f, std::nanf(""), std::numeric_limits<float>::infinity()}) {
    EXPECT_THAT(
        [&] {
          builder.add({6, {}}, Weights{{3, bad}});
        },
        ThrowsMessage<InvalidArgument>(HasSubstr("dimension 3 of document number 6 weighs")));
    const SparseIndex index({segment({{{0, {}}, {{1, 50}}}})});
    EXPECT_THAT(
        [&] {
          index.search(Weights{{1, bad}}, 1);
        },
        ThrowsMessage<InvalidArgument>(HasSubstr("dimension 1 of the query weighs")));
  }
  EXPECT_THAT([] { SparseSegmentBuilder(0); },
              ThrowsMessage<InvalidArgument>("sparse: the scale is 0, must be finite and above 0"));
}

TEST_F(SparseIndexTest, RefusesSegmentsThatDoNotBelongTogether) {
  EXPECT_THAT(
      [&] {
        SparseIndex({segment({{{0, {}}, {{1, 1}}}}, 2), segment({{{1, {}}, {{1, 1}}}}, 4, 1)});
      },
      ThrowsMessage<InvalidData>(HasSubstr("sparse segments of scales 2 and 4 in one index")));
  EXPECT_THAT(
      [&] {
        SparseIndex({segment({{{0, {}}, {{1, 1}}}}), segment({{{1, {}}, {{1, 1}}}}, 255, 7)});
      },
      ThrowsMessage<InvalidData>(HasSubstr("its first passage is numbered 7, but 1 are before it")));
}

TEST_F(SparseIndexTest, RefusesAFileThatContradictsItself) {
  std::filesystem::create_directories(path(0).parent_path());
  LexicalSegmentBuilder words;
  words.add_weighted(0, Language(), std::vector<TermFrequency>{{"1", 9}});
  words.write(path(0), kStamp, [](SegmentWriter& file) {
    const std::vector<std::uint32_t> documents = {0, 1};  // The index has one passage.
    const std::vector<std::uint64_t> ranges = {0, 1, 0, 1};
    const std::vector<float> scale = {1};
    file.add_array("passage_documents", std::span(documents));
    file.add_array("passage_ranges", std::span(ranges));
    file.add_array("scale", std::span(scale));
  });
  EXPECT_THAT([&] { SparseSegment(path(0), kStamp, 0); },
              ThrowsMessage<InvalidData>(path(0).string() +
                                         ": its sections contradict one another; make it again with: dragoman index "
                                         "--rebuild --into " +
                                         (folder_.path() / "index").string()));
}

// The slow twin: every product of quantised weights, the best passage of each document.
TEST_F(SparseIndexTest, FindsTheSameAsAddingUpEveryProduct) {
  std::mt19937 random(5);
  std::uniform_int_distribution<std::uint32_t> dimension(0, 60), passages(1, 3);
  std::lognormal_distribution<float> weight(-0.5f, 0.7f);
  std::vector<GivenPassage> all;
  for (DocumentNumber document = 0; document < 700; ++document) {
    const std::uint32_t count = passages(random);
    for (std::uint32_t p = 0; p < count; ++p) {
      std::map<std::uint32_t, float> weights;
      for (int i = 0; i < 12; ++i) weights[dimension(random) * dimension(random) / 20] = weight(random);
      GivenPassage given{{document, {p, p + 1}}, {}};
      for (const auto& [d, w] : weights) given.weights.push_back({d, w});
      all.push_back(std::move(given));
    }
  }
  const std::size_t half = all.size() / 2;
  const auto first = segment({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(half)}, 4);
  const auto second =
      segment({all.begin() + static_cast<std::ptrdiff_t>(half), all.end()}, 4, static_cast<std::uint32_t>(half));
  const SparseIndex index({first, second});
  const ImpactQuantizer quantize{.most = 4};
  for (int round = 0; round < 30; ++round) {
    std::map<std::uint32_t, float> asked;
    for (int i = 0; i < 8; ++i) asked[dimension(random)] = weight(random);
    std::map<DocumentNumber, double> best;
    for (const GivenPassage& given : all) {
      double score = 0;
      for (const SparseWeight& part : given.weights) {
        if (asked.contains(part.dimension))
          score += double{asked[part.dimension]} * quantize(part.weight) * 4 / kMostImpact;
      }
      if (score > 0) best[given.passage.document] = std::max(best[given.passage.document], score);
    }
    std::vector<double> scores;
    for (const auto& [document, score] : best) scores.push_back(score);
    std::ranges::sort(scores, std::greater<>());
    Weights query;
    for (const auto& [d, w] : asked) query.push_back({d, w});
    const auto found = index.search(query, 20, kPlain);
    ASSERT_EQ(found.size(), std::min<std::size_t>(20, scores.size()));
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i].score, scores[i], 1e-4) << i;
      EXPECT_NEAR(found[i].score, best[found[i].passage.document], 1e-4) << i;
    }
    EXPECT_EQ(
        documents(found),
        documents(index.search(query, 20, {.weighting = SparseWeighting::plain, .method = SparseMethod::exhaustive})));
  }
}

/// Passages of topics: 40 of 300 dimensions each, some of them shared, so that approximate search has to choose.
class ApproximateSparseTest : public SparseIndexTest {
 protected:
  ApproximateSparseTest() {
    for (DocumentNumber document = 0; document < 4000; ++document) given_.push_back({{document, {0, 1}}, draw(40)});
    const auto part = [&](std::size_t begin, std::size_t end) {
      return segment(
          {given_.begin() + static_cast<std::ptrdiff_t>(begin), given_.begin() + static_cast<std::ptrdiff_t>(end)}, 8,
          static_cast<std::uint32_t>(begin));
    };
    index_ = std::make_unique<SparseIndex>(std::vector{part(0, 1500), part(1500, 4000)});
  }
  Weights draw(int count) {
    std::lognormal_distribution<float> weight(-0.5f, 0.8f);
    const std::uint32_t topic = random_() % 50;
    std::map<std::uint32_t, float> drawn;
    for (int i = 0; i < count; ++i) {
      drawn[i % 4 == 0 ? random_() % 300 : topic * 5 + random_() % 60] = std::min(weight(random_), 8.0f);
    }
    Weights weights;
    for (const auto& [dimension, w] : drawn) weights.push_back({dimension, w});
    return weights;
  }
  std::vector<SparseMatch> search(const Weights& query, SparseOptions options, const DocumentSet* allowed = nullptr) {
    options.weighting = SparseWeighting::plain;
    return index_->search(query, 10, options, allowed);
  }

  std::mt19937 random_{11};
  std::vector<GivenPassage> given_;
  std::unique_ptr<SparseIndex> index_;
};

TEST_F(ApproximateSparseTest, FindsMoreForMoreAndAllInTheEndWithTheSameScores) {
  std::size_t few_found = 0, many_found = 0;
  for (int round = 0; round < 50; ++round) {
    const Weights query = draw(15);
    const auto exact = search(query, {});
    std::map<DocumentNumber, float> scores;
    for (const SparseMatch& match : exact) scores[match.passage.document] = match.score;
    const auto right = [&](const std::vector<SparseMatch>& found) {
      std::size_t count = 0;
      for (const SparseMatch& match : found) {
        const auto known = scores.find(match.passage.document);
        if (known == scores.end()) continue;
        EXPECT_EQ(match.score, known->second);
        ++count;
      }
      return count;
    };
    few_found += right(search(query, {.method = SparseMethod::approximate, .postings = 200, .full_scores = 20}));
    many_found += right(search(query, {.method = SparseMethod::approximate, .postings = 3000, .full_scores = 200}));
    const auto all = search(query, {.method = SparseMethod::approximate, .postings = 1'000'000, .full_scores = 4000});
    EXPECT_EQ(documents(all), documents(exact));
  }
  EXPECT_LT(few_found, many_found);
  EXPECT_GE(many_found, 475u) << "of 500";
}

TEST_F(ApproximateSparseTest, IsExactUnderANarrowFilter) {
  std::vector<std::uint8_t> allowed(4000, 0);
  for (std::size_t document = 0; document < 4000; document += 97) allowed[document] = 1;
  const DocumentSet passages = index_->allowed_passages(allowed);
  for (int round = 0; round < 20; ++round) {
    const Weights query = draw(15);
    const auto found = search(query, {.method = SparseMethod::approximate, .postings = 500}, &passages);
    EXPECT_EQ(documents(found), documents(search(query, {}, &passages)));
    for (const SparseMatch& match : found) EXPECT_EQ(match.passage.document % 97, 0u);
  }
}

TEST_F(ApproximateSparseTest, FindsTheSameHoweverPassagesAreCutIntoSegments) {
  const SparseIndex whole({segment(given_, 8)});
  for (int round = 0; round < 20; ++round) {
    const Weights query = draw(15);
    const SparseOptions few = {
        .weighting = SparseWeighting::plain, .method = SparseMethod::approximate, .postings = 300, .full_scores = 30};
    EXPECT_EQ(documents(search(query, few)), documents(whole.search(query, 10, few)));
  }
}

TEST_F(ApproximateSparseTest, RefusesAnEmptyBudget) {
  EXPECT_THAT([&] { search(draw(3), {.postings = 0}); },
              ThrowsMessage<InvalidArgument>("sparse: the number of postings is 0, must be at least 1"));
  EXPECT_THAT([&] { search(draw(3), {.full_scores = 0}); },
              ThrowsMessage<InvalidArgument>("sparse: full_scores is 0, must be at least 1"));
}

}  // namespace
}  // namespace dragoman
