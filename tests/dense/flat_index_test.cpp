#include "dragoman/dense/flat_index.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {

// For gtest: values compared and printed.
bool operator==(const DenseMatch& a, const DenseMatch& b) {
  return a.passage.document == b.passage.document && a.passage.range == b.passage.range && a.score == b.score;
}
void PrintTo(const DenseMatch& match, std::ostream* out) {
  *out << match.passage.document << "[" << match.passage.range.begin << "," << match.passage.range.end
       << "):" << match.score;
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;
using Vector = std::vector<float>;
using Matches = std::vector<DenseMatch>;

constexpr const char* kStamp = "1 encoder test";

// Unit vectors in the plane, so that every cosine can be read off the page.
const Vector kEast = {1, 0}, kNorth = {0, 1}, kNorthEast = {0.6f, 0.8f}, kWest = {-1, 0};

struct Entry {
  Passage passage;
  Vector vector;
};

Passage passage(DocumentNumber document, std::size_t begin = 0) { return {document, {begin, begin + 10}}; }
DenseMatch match(DocumentNumber document, float score, std::size_t begin = 0) {
  return {passage(document, begin), score};
}

class FlatIndexTest : public testing::Test {
 protected:
  std::shared_ptr<const DenseSegment> segment(std::span<const Entry> entries, std::size_t dimension = 2) {
    DenseSegmentBuilder builder(dimension);
    for (const Entry& entry : entries) builder.add(entry.passage, entry.vector);
    const auto path = folder_.path() / std::to_string(files_++);
    builder.write(path, kStamp);
    return std::make_shared<const DenseSegment>(path, kStamp);
  }

  FlatIndex index(const std::vector<Entry>& entries) { return FlatIndex({segment(entries)}); }

  static Matches search(const FlatIndex& index, const Vector& query, std::size_t depth = 10,
                        const std::vector<std::uint8_t>& allowed = {}) {
    return index.search(query, query.size(), depth, allowed, 1).at(0);
  }

  test::TemporaryFolder folder_;
  int files_ = 0;
};

TEST(InnerProduct, SumsProductsOfAnyNumberOfValues) {
  EXPECT_EQ(inner_product(Vector{}, Vector{}), 0);
  EXPECT_EQ(inner_product(Vector{2}, Vector{3}), 6);
  for (const std::size_t size : {15u, 16u, 17u, 384u, 1000u}) {
    Vector ones(size, 1), numbers(size);
    std::iota(numbers.begin(), numbers.end(), 1.0f);
    EXPECT_EQ(inner_product(ones, numbers), static_cast<float>(size * (size + 1) / 2)) << size;
  }
}

TEST_F(FlatIndexTest, OrdersDocumentsByInnerProduct) {
  const auto searched =
      index({{passage(0), kWest}, {passage(1), kNorthEast}, {passage(2), kEast}, {passage(3), kNorth}});
  EXPECT_THAT(search(searched, kEast), ElementsAre(match(2, 1), match(1, 0.6f), match(3, 0), match(0, -1)));
}

TEST_F(FlatIndexTest, OrdersEqualScoresByDocumentNumberAlsoWhereDepthCuts) {
  const auto searched = index({{passage(3), kEast}, {passage(5), kEast}, {passage(7), kEast}, {passage(9), kEast}});
  EXPECT_THAT(search(searched, kEast, 2), ElementsAre(match(3, 1), match(5, 1)));
}

TEST_F(FlatIndexTest, ScoresADocumentByItsBestPassage) {
  const auto searched =
      index({{passage(0, 0), kNorth}, {passage(0, 10), kEast}, {passage(0, 20), kWest}, {passage(1), kNorthEast}});
  EXPECT_THAT(search(searched, kEast), ElementsAre(match(0, 1, 10), match(1, 0.6f)));
}

TEST_F(FlatIndexTest, ShowsTheFirstOfEquallyGoodPassages) {
  const auto searched = index({{passage(0, 0), kNorth}, {passage(0, 10), kEast}, {passage(0, 20), kEast}});
  EXPECT_THAT(search(searched, kEast), ElementsAre(match(0, 1, 10)));
}

TEST_F(FlatIndexTest, ReturnsAllowedDocumentsOnly) {
  const auto searched =
      index({{passage(0), kEast}, {passage(1), kNorthEast}, {passage(2), kNorth}, {passage(3), kEast}});
  EXPECT_THAT(search(searched, kEast, 10, {0, 1, 1}),
              ElementsAre(match(1, 0.6f), match(2, 0)));  // 3 is beyond its end.
  EXPECT_THAT(search(searched, kEast, 1, {0, 1, 1}), ElementsAre(match(1, 0.6f)));
  EXPECT_THAT(search(searched, kEast, 10, {0}), IsEmpty());
}

TEST_F(FlatIndexTest, ReturnsAtMostDepthDocuments) {
  const auto searched = index({{passage(0), kEast}, {passage(1), kNorthEast}});
  EXPECT_THAT(search(searched, kEast, 0), IsEmpty());
  EXPECT_THAT(search(searched, kEast, 1), SizeIs(1));
  EXPECT_THAT(search(searched, kEast, 1000), SizeIs(2));
}

TEST_F(FlatIndexTest, AnswersManyQueriesInTheirOrder) {
  const auto searched = index({{passage(0), kEast}, {passage(1), kNorth}});
  const Vector queries = {0, 1, 1, 0, -1, 0};
  EXPECT_THAT(searched.search(queries, 2, 1, {}, 1),
              ElementsAre(ElementsAre(match(1, 1)), ElementsAre(match(0, 1)), ElementsAre(match(1, 0))));
  EXPECT_THAT(searched.search({}, 2, 1, {}, 1), IsEmpty());
}

TEST_F(FlatIndexTest, FindsNothingInNothing) {
  const FlatIndex none({});
  EXPECT_EQ(none.size(), 0u);
  EXPECT_THAT(search(none, kEast), IsEmpty());
  const FlatIndex hollow({segment({})});
  EXPECT_EQ(hollow.dimension(), 2u);
  EXPECT_THAT(search(hollow, kEast), IsEmpty());
}

TEST_F(FlatIndexTest, RefusesAQueryOfAnotherDimensionNamingBoth) {
  const auto searched = index({{passage(0), kEast}});
  EXPECT_THAT(
      [&] {
        search(searched, {1, 0, 0});
      },
      ThrowsMessage<InvalidArgument>("dense: query has 3 dimensions, the index 2"));
}

TEST_F(FlatIndexTest, RefusesSegmentsOfTwoDimensionsNamingBoth) {
  const auto two = segment({}), three = segment({}, 3);
  EXPECT_THAT(
      [&] {
        FlatIndex({two, three});
      },
      ThrowsMessage<InvalidData>("dense segments of 2 and of 3 dimensions in one index"));
}

/// What the header says, word for word: score every passage, keep the best of each document, sort all.
Matches slow_search(const std::vector<Entry>& entries, std::span<const float> query, std::size_t depth,
                    const std::vector<std::uint8_t>& allowed) {
  std::map<DocumentNumber, DenseMatch> best;
  for (const Entry& entry : entries) {
    const DocumentNumber document = entry.passage.document;
    if (!allowed.empty() && (document >= allowed.size() || allowed[document] == 0)) continue;
    const float score = inner_product(query, entry.vector);
    const auto [found, is_new] = best.try_emplace(document, DenseMatch{entry.passage, score});
    if (!is_new && score > found->second.score) found->second = {entry.passage, score};
  }
  Matches matches;
  for (const auto& [document, match] : best) matches.push_back(match);
  std::ranges::stable_sort(matches, std::greater{}, &DenseMatch::score);
  matches.resize(std::min(matches.size(), depth));
  return matches;
}

class RandomFlatIndex : public FlatIndexTest {
 protected:
  static constexpr std::size_t kDimension = 19;  // No multiple of the lanes that inner_product sums in.
  static constexpr std::size_t kQueries = 70;    // More than two blocks.

  RandomFlatIndex() {
    for (DocumentNumber document = 0; document < 400; ++document) {
      if (random_() % 8 == 0) continue;  // A document without text has no passage.
      const std::size_t passages = 1 + random_() % 4;
      for (std::size_t p = 0; p < passages; ++p) entries_.push_back({passage(document, 10 * p), vector()});
    }
    for (std::size_t q = 0; q < kQueries; ++q) {
      const Vector query = vector();
      queries_.insert(queries_.end(), query.begin(), query.end());
    }
    // Cut between documents, as an indexer does; one segment is empty.
    std::vector<std::shared_ptr<const DenseSegment>> segments;
    auto begin = entries_.begin();
    for (const DocumentNumber end_document : {100u, 100u, 137u, 400u}) {
      const auto end =
          std::find_if(begin, entries_.end(), [&](const Entry& e) { return e.passage.document >= end_document; });
      segments.push_back(segment({begin, end}, kDimension));
      begin = end;
    }
    index_ = std::make_unique<FlatIndex>(std::move(segments));
    for (DocumentNumber document = 0; document < 350; ++document) allowed_.push_back(random_() % 3 == 0);
  }

  /// Of few different values, so that there are many equal scores.
  Vector vector() {
    Vector values(kDimension);
    for (float& value : values) value = static_cast<float>(random_() % 3) - 1;
    return values;
  }

  std::mt19937 random_{17};
  std::vector<Entry> entries_;
  Vector queries_;
  std::vector<std::uint8_t> allowed_;
  std::unique_ptr<FlatIndex> index_;
};

TEST_F(RandomFlatIndex, AgreesWithTheSlowTwin) {
  EXPECT_EQ(index_->size(), entries_.size());
  for (const auto& allowed : {std::vector<std::uint8_t>(), allowed_}) {
    for (const std::size_t depth : {0u, 1u, 10u, 1000u}) {
      const auto found = index_->search(queries_, kDimension, depth, allowed, 2);
      ASSERT_EQ(found.size(), kQueries);
      for (std::size_t q = 0; q < kQueries; ++q) {
        const auto query = std::span(queries_).subspan(q * kDimension, kDimension);
        ASSERT_EQ(found[q], slow_search(entries_, query, depth, allowed)) << q << " " << depth;
      }
    }
  }
}

TEST_F(RandomFlatIndex, GivesTheSameBitsWithAnyNumberOfThreads) {
  for (float& value : queries_) value += 0.1f * static_cast<float>(random_() % 7);  // Sums that are rounded.
  const auto serial = index_->search(queries_, kDimension, 20, {}, 1);
  EXPECT_EQ(index_->search(queries_, kDimension, 20, {}, 4), serial);
  EXPECT_EQ(index_->search(queries_, kDimension, 20, {}, 0), serial);
}

}  // namespace
}  // namespace dragoman
