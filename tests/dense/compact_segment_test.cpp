#include "dragoman/dense/compact_segment.h"

#include <gmock/gmock.h>

#include <functional>
#include <vector>

#include "dense/dense_support.h"
#include "dense/random_vectors.h"
#include "dragoman/base/error.h"
#include "dragoman/dense/flat_index.h"

namespace dragoman {
namespace {

using test::ClusteredVectors;
using test::expect_equal;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr const char* kStamp = "1 codes test";
constexpr std::size_t kDocuments = 3000, kDimension = 50, kQueries = 40;

class CompactSegmentTest : public testing::TestWithParam<DenseStorage> {
 protected:
  std::shared_ptr<const CompactSegment> codes(DocumentNumber first, DocumentNumber end) {
    const auto path = data_.file("codes-" + std::to_string(first));
    write_compact_segment(*data_.get(), run_of_documents(*data_.get(), first, end), GetParam(), path, kStamp);
    return std::make_shared<const CompactSegment>(path, kStamp, *data_.get(), GetParam());
  }

  ClusteredVectors data_{kDocuments, kDimension, 5};
};

TEST_P(CompactSegmentTest, FindsWhatTheVectorsThemselvesFindToTheBit) {
  const FlatIndex exact(data_.get(), {}), index(data_.get(), {codes(0, kDocuments)});
  const auto queries = data_.queries(kQueries);
  for (const std::size_t one_in : {1u, 2u, 100u}) {
    const auto allowed = one_in == 1 ? std::vector<std::uint8_t>() : data_.filter(kDocuments, one_in);
    for (const std::size_t depth : {0u, 1u, 10u, 300u, 5000u}) {
      const auto expected = exact.search(queries, kDimension, depth, allowed, 1);
      expect_equal(index.search(queries, kDimension, depth, allowed, 1), expected);
      expect_equal(index.search(queries, kDimension, depth, allowed, 3), expected);
    }
  }
}

TEST_P(CompactSegmentTest, AnswersOneQueryOnManyThreads) {
  const FlatIndex index(data_.get(), {codes(0, kDocuments)});
  const auto query = data_.vector();
  const auto expected = index.search(query, kDimension, 20, {}, 1);
  for (const std::size_t threads : {2u, 7u, 64u}) {
    expect_equal(index.search(query, kDimension, 20, {}, threads), expected);
  }
}

TEST_P(CompactSegmentTest, MayCoverAnyPartOfTheVectors) {
  const auto queries = data_.queries(kQueries);
  const auto expected = FlatIndex(data_.get(), {}).search(queries, kDimension, 50, {}, 1);
  // Runs that end within segments of vectors, one that spans several, an empty one.
  const FlatIndex index(data_.get(), {codes(2500, 2600), codes(700, 700), codes(100, 2300)});
  expect_equal(index.search(queries, kDimension, 50, {}, 2), expected);
}

TEST_P(CompactSegmentTest, IsRefusedWhereTwoHoldTheSamePassages) {
  EXPECT_THAT(
      [&] {
        FlatIndex(data_.get(), {codes(0, 1000), codes(500, 2000)});
      },
      ThrowsMessage<InvalidData>(HasSubstr("its passages are in another segment as well")));
}

TEST_P(CompactSegmentTest, IsRefusedWithOtherVectors) {
  codes(0, kDocuments);
  const ClusteredVectors other(kDocuments, kDimension, 6);
  EXPECT_THAT([&] { CompactSegment(data_.file("codes-0"), kStamp, *other.get(), GetParam()); },
              ThrowsMessage<InvalidData>(HasSubstr("made of other vectors than those of the index; make it again with: "
                                                   "dragoman index --into ")));
  EXPECT_THAT([&] { CompactSegment(data_.file("codes-0"), "2 codes", *data_.get(), GetParam()); },
              ThrowsMessage<InvalidData>(HasSubstr("made by [1 codes test]")));
}

INSTANTIATE_TEST_SUITE_P(Dense, CompactSegmentTest, testing::Values(DenseStorage::bf16, DenseStorage::int8),
                         [](const auto& test) { return std::string(name_of(test.param)); });

TEST(CompactSegment, TakesWhatItSaysOfBytes) {
  const ClusteredVectors data(1024, 384, 7);
  const PassageRun run = run_of_documents(*data.get(), 0, 1024);
  const auto each = [&](DenseStorage storage) {
    const auto bytes = write_compact_segment(*data.get(), run, storage, data.file("codes"), kStamp);
    return static_cast<double>(bytes) / static_cast<double>(run.size);
  };
  // One block that is not full, and a header, beside 384 + 8 and 768 + 8 bytes.
  EXPECT_NEAR(each(DenseStorage::int8), 392, 20);
  EXPECT_NEAR(each(DenseStorage::bf16), 776, 40);
  EXPECT_THAT([&] { each(DenseStorage::f32); },
              ThrowsMessage<InvalidArgument>("dense storage f32 has no codes to write"));
}

TEST(CompactSegment, BoundsHoldForVectorsOfAnyLength) {
  const test::TemporaryFolder folder;
  const auto vectors = test::vectors_of_any_length(folder.path() / "v", 500, 8);
  const std::vector<float>& queries = test::kQueriesOfAnyLength;
  const auto expected = FlatIndex(vectors, {}).search(queries, 6, 30, {}, 1);
  for (const DenseStorage storage : {DenseStorage::bf16, DenseStorage::int8}) {
    write_compact_segment(*vectors, run_of_documents(*vectors, 0, 500), storage, folder.path() / "c", "s");
    const FlatIndex index(vectors,
                          {std::make_shared<const CompactSegment>(folder.path() / "c", "s", *vectors, storage)});
    expect_equal(index.search(queries, 6, 30, {}, 1), expected);
  }
}

TEST(DenseNames, AreReadAndWritten) {
  for (const auto storage : {DenseStorage::f32, DenseStorage::bf16, DenseStorage::int8}) {
    EXPECT_EQ(parse_dense_storage(name_of(storage)), storage);
  }
  for (const auto kind : {DenseIndexKind::flat, DenseIndexKind::hnsw, DenseIndexKind::ivfpq}) {
    EXPECT_EQ(parse_dense_index_kind(name_of(kind)), kind);
  }
  EXPECT_THAT([] { parse_dense_storage("int4"); },
              ThrowsMessage<InvalidArgument>("dense storage is 'int4', must be one of: f32, bf16, int8"));
  EXPECT_THAT([] { parse_dense_index_kind("lsh"); },
              ThrowsMessage<InvalidArgument>("dense index is 'lsh', must be one of: flat, hnsw, ivfpq"));
}

}  // namespace
}  // namespace dragoman
