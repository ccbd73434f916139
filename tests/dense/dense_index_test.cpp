#include "dragoman/dense/dense_index.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

#include "collection/segment_sections.h"
#include "dense/dense_support.h"
#include "dense/pq_kernels.h"
#include "dense/random_vectors.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using test::ClusteredVectors;
using test::Found;
using test::SegmentSections;
using testing::Each;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr const char* kStamp = "1 graph test";
constexpr std::size_t kDocuments = 3000, kDimension = 50, kQueries = 50, kDepth = 10;
constexpr HnswOptions kOptions{.m = 12, .ef_construction = 60};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The share of the expected documents that were found. Those found must have the scores of their vectors.
double recall(const Found& found, const Found& expected) {
  double hits = 0, all = 0;
  for (std::size_t q = 0; q < expected.size(); ++q) {
    for (const DenseMatch& match : expected[q]) {
      all += 1;
      for (const DenseMatch& other : found[q]) {
        if (other.passage.document != match.passage.document) continue;
        hits += 1;
        if (other.passage.range == match.passage.range) {
          EXPECT_EQ(other.score, match.score);
        }
      }
    }
  }
  return hits / all;
}

std::vector<std::vector<DocumentNumber>> documents_of(const Found& found) {
  std::vector<std::vector<DocumentNumber>> documents;
  for (const auto& matches : found) {
    auto& some = documents.emplace_back();
    for (const DenseMatch& match : matches) some.push_back(match.passage.document);
  }
  return documents;
}

class HnswTest : public testing::Test {
 protected:
  std::shared_ptr<const HnswSegment> graph(DocumentNumber first, DocumentNumber end) {
    const auto path = data_.file("graph-" + std::to_string(first));
    write_hnsw_segment(*data_.get(), run_of_documents(*data_.get(), first, end), kOptions, path, kStamp);
    return std::make_shared<const HnswSegment>(path, kStamp, *data_.get());
  }

  Found exact(std::span<const float> queries, std::span<const std::uint8_t> allowed = {}) const {
    return FlatIndex(data_.get(), {}).search(queries, kDimension, kDepth, allowed, 1);
  }

  Found search(const DenseIndex& index, std::span<const float> queries, std::span<const std::uint8_t> allowed = {},
               const DenseSearchOptions& options = {}, std::size_t threads = 1) const {
    return index.search(queries, kDimension, kDepth, allowed, options, threads);
  }

  ClusteredVectors data_{kDocuments, kDimension, 11};
};

TEST_F(HnswTest, FindsNearlyAllAndMoreWithMoreCandidates) {
  const DenseIndex index({data_.get(), {}, {graph(0, kDocuments)}});
  EXPECT_TRUE(index.approximate());
  const auto queries = data_.queries(kQueries);
  const auto expected = exact(queries);
  EXPECT_GE(recall(search(index, queries, {}, {.ef = 128}), expected), 0.98);
  EXPECT_EQ(recall(search(index, queries, {}, {.ef = 6000}), expected), 1.0);
}

TEST_F(HnswTest, IsLeftAsideWhereASearchIsToBeExact) {
  const DenseIndex index({data_.get(), {}, {graph(0, kDocuments)}});
  const auto queries = data_.queries(kQueries);
  EXPECT_EQ(documents_of(search(index, queries, {}, {.exact = true, .ef = 1})), documents_of(exact(queries)));
}

TEST_F(HnswTest, KeepsRecallUnderFiltersOfAnyWidth) {
  const DenseIndex index({data_.get(), {}, {graph(0, kDocuments)}});
  const auto queries = data_.queries(kQueries);
  for (const std::size_t one_in : {2u, 5u, 9u, 11u, 100u, 1000u}) {
    const auto allowed = data_.filter(kDocuments, one_in);
    const auto found = search(index, queries, allowed);
    for (const auto& matches : found) {
      for (const DenseMatch& match : matches) EXPECT_NE(allowed[match.passage.document], 0);
    }
    EXPECT_GE(recall(found, exact(queries, allowed)), 0.97) << "one in " << one_in;
  }
  const std::vector<std::uint8_t> none(kDocuments);
  EXPECT_THAT(search(index, queries, none), Each(testing::IsEmpty()));
}

TEST_F(HnswTest, SearchesSeveralGraphsAndWhatNoneHolds) {
  const DenseIndex index({data_.get(), {}, {graph(1500, 2000), graph(0, 1000), graph(1200, 1200)}});
  const auto queries = data_.queries(kQueries);
  EXPECT_GE(recall(search(index, queries), exact(queries)), 0.98);
  const auto allowed = data_.filter(kDocuments, 3);
  EXPECT_GE(recall(search(index, queries, allowed), exact(queries, allowed)), 0.98);
}

TEST_F(HnswTest, GivesTheSameWithAnyNumberOfThreads) {
  const DenseIndex index({data_.get(), {}, {graph(0, kDocuments)}});
  const auto queries = data_.queries(kQueries);
  const auto expected = documents_of(search(index, queries));
  EXPECT_EQ(documents_of(search(index, queries, {}, {}, 4)), expected);
  EXPECT_EQ(documents_of(search(index, queries, {}, {}, 0)), expected);
}

TEST_F(HnswTest, IsTheSameFileEveryTime) {
  graph(0, kDocuments);
  const std::string once = bytes_of(data_.file("graph-0"));
  graph(0, kDocuments);
  EXPECT_EQ(bytes_of(data_.file("graph-0")), once);
}

TEST_F(HnswTest, HoldsAsFewPassagesAsThereAre) {
  for (const DocumentNumber end : {0u, 1u, 2u, 3u, 10u}) {
    const ClusteredVectors few(end, kDimension, 12, 1);
    write_hnsw_segment(*few.get(), run_of_documents(*few.get(), 0, end), kOptions, few.file("g"), kStamp);
    const DenseIndex index({few.get(), {}, {std::make_shared<const HnswSegment>(few.file("g"), kStamp, *few.get())}});
    const auto query = data_.vector();
    EXPECT_EQ(documents_of(search(index, query)),
              documents_of(FlatIndex(few.get(), {}).search(query, kDimension, kDepth, {}, 1)))
        << end;
  }
}

TEST_F(HnswTest, RefusesSettingsThatMakeNoSense) {
  EXPECT_THAT([] { check(HnswOptions{.m = 1}); }, ThrowsMessage<InvalidArgument>("hnsw m is 1, must be from 2 to 256"));
  EXPECT_THAT([] { check(HnswOptions{.ef_construction = 0}); },
              ThrowsMessage<InvalidArgument>("hnsw ef_construction is 0, must be at least 1"));
  const DenseIndex index({data_.get()});
  EXPECT_THAT([&] { search(index, data_.vector(), {}, {.ef = 0}); },
              ThrowsMessage<InvalidArgument>("ef is 0, must be at least 1"));
  EXPECT_THAT([&] { search(index, data_.vector(), {}, {.nprobe = 0}); },
              ThrowsMessage<InvalidArgument>("nprobe is 0, must be at least 1"));
}

/// Whatever stands in a segment with right checksums: it is refused, or walked without leaving it.
TEST_F(HnswTest, RefusesLinksThatLeadOutOfTheGraph) {
  graph(0, 200);
  const auto sound = SegmentSections::of(data_.file("graph-0"), "dense_hnsw", kStamp,
                                         {"source", "graph", "lowest", "upper", "links", "codes", "scales"});
  std::size_t refused = 0;
  const auto with = [&](std::string_view name, std::size_t place, std::uint32_t value) {
    SegmentSections sections = sound;
    sections.set(name, place % (sections[name].size() / sizeof value), value);
    sections.write(data_.file("changed"));
    try {
      const HnswSegment segment(data_.file("changed"), kStamp, *data_.get());
      segment.search(data_.vector(), 20, {});
    } catch (const InvalidData& error) {
      EXPECT_THAT(error.what(), testing::StartsWith(data_.file("changed").string() + ": "));
      ++refused;
    }
  };
  for (const std::uint32_t value : {0u, 1u, 199u, 600u, 0x7FFFFFFFu, 0xFFFFFFFEu, 0xFFFFFFFFu}) {
    for (std::size_t place = 0; place < 40; ++place) {
      for (const std::string_view name : {"source", "graph", "lowest", "upper", "links", "scales"}) {
        with(name, place * 7, value);
      }
    }
  }
  EXPECT_GT(refused, 500u);
}

TEST_F(HnswTest, RefusesADamagedFileByName) {
  graph(0, 200);
  const auto path = data_.file("graph-0");
  std::string bytes = bytes_of(path);
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_THAT([&] { HnswSegment(path, kStamp, *data_.get()); },
              ThrowsMessage<InvalidData>(testing::AllOf(testing::StartsWith(path.string() + ": "),
                                                        HasSubstr("make it again with: dragoman index --rebuild"))));
}

class IvfPqTest : public HnswTest {
 protected:
  std::shared_ptr<const IvfPqSegment> lists(DocumentNumber first, DocumentNumber end, std::size_t threads = 1) {
    const auto path = data_.file("lists-" + std::to_string(first));
    write_ivf_pq_segment(*data_.get(), run_of_documents(*data_.get(), first, end), {}, path, kStamp, threads);
    return std::make_shared<const IvfPqSegment>(path, kStamp, *data_.get());
  }
};

TEST_F(IvfPqTest, FindsNearlyAllAndMoreInMoreLists) {
  const auto made = lists(0, kDocuments);
  EXPECT_GT(made->lists(), 50u);
  const DenseIndex index({.vectors = data_.get(), .lists = {made}});
  EXPECT_TRUE(index.approximate());
  const auto queries = data_.queries(kQueries);
  const auto expected = exact(queries);
  const double few = recall(search(index, queries, {}, {.nprobe = 1}), expected);
  const double many = recall(search(index, queries, {}, {.nprobe = 30}), expected);
  EXPECT_LT(few, many);
  EXPECT_GE(many, 0.95);
  EXPECT_GE(recall(search(index, queries, {}, {.nprobe = 1000}), expected), 0.97);
  EXPECT_EQ(documents_of(search(index, queries, {}, {.exact = true})), documents_of(expected));
}

TEST_F(IvfPqTest, KeepsRecallUnderFiltersOfAnyWidth) {
  const DenseIndex index({.vectors = data_.get(), .lists = {lists(0, kDocuments)}});
  const auto queries = data_.queries(kQueries);
  for (const std::size_t one_in : {2u, 9u, 11u, 100u}) {
    const auto allowed = data_.filter(kDocuments, one_in);
    const auto found = search(index, queries, allowed, {.nprobe = 30});
    for (const auto& matches : found) {
      for (const DenseMatch& match : matches) EXPECT_NE(allowed[match.passage.document], 0);
    }
    EXPECT_GE(recall(found, exact(queries, allowed)), 0.95) << "one in " << one_in;
  }
}

TEST_F(IvfPqTest, SearchesSeveralSegmentsAndWhatNoneHolds) {
  const DenseIndex index({.vectors = data_.get(),
                          .graphs = {graph(2500, 2900)},
                          .lists = {lists(1500, 2000), lists(0, 1000), lists(3000, 3000)}});
  const auto queries = data_.queries(kQueries);
  EXPECT_GE(recall(search(index, queries, {}, {.nprobe = 30}), exact(queries)), 0.95);
  EXPECT_THAT([&] { DenseIndex({.vectors = data_.get(), .graphs = {graph(0, 100)}, .lists = {lists(50, 200)}}); },
              ThrowsMessage<InvalidData>(HasSubstr("its passages are in another segment as well")));
}

TEST_F(IvfPqTest, IsTheSameFileWithAnyNumberOfThreads) {
  lists(0, kDocuments, 1);
  const std::string once = bytes_of(data_.file("lists-0"));
  lists(0, kDocuments, 3);
  EXPECT_EQ(bytes_of(data_.file("lists-0")), once);
}

TEST_F(IvfPqTest, HoldsAsFewPassagesAsThereAre) {
  for (const DocumentNumber end : {0u, 1u, 2u, 5u, 40u}) {
    const ClusteredVectors few(end, kDimension, 13, 1);
    write_ivf_pq_segment(*few.get(), run_of_documents(*few.get(), 0, end), {}, few.file("l"), kStamp);
    const DenseIndex index(
        {.vectors = few.get(), .lists = {std::make_shared<const IvfPqSegment>(few.file("l"), kStamp, *few.get())}});
    const auto query = data_.vector();
    EXPECT_EQ(documents_of(search(index, query, {}, {.nprobe = 100})),
              documents_of(FlatIndex(few.get(), {}).search(query, kDimension, kDepth, {}, 1)))
        << end;
  }
}

TEST_F(IvfPqTest, RefusesSectionsThatContradictOneAnother) {
  lists(0, 200);
  const auto sound = SegmentSections::of(data_.file("lists-0"), "dense_ivfpq", kStamp,
                                         {"source", "centers", "codebooks", "starts", "passages", "codes"});
  std::size_t refused = 0, searched = 0;
  for (const std::uint32_t value : {0u, 1u, 199u, 600u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    for (const std::string_view name : {"source", "starts", "passages", "codes", "centers", "codebooks"}) {
      for (std::size_t place = 0; place < 30; ++place) {
        SegmentSections sections = sound;
        sections.set(name, place * 3 % (sections[name].size() / sizeof value), value);
        sections.write(data_.file("changed"));
        try {
          IvfPqSegment(data_.file("changed"), kStamp, *data_.get()).search(data_.vector(), 20, 100, {});
          ++searched;
        } catch (const InvalidData& error) {
          EXPECT_THAT(error.what(), testing::StartsWith(data_.file("changed").string() + ": "));
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(refused, 200u);
  EXPECT_GT(searched, 200u);
}

TEST(PqKernels, SumAsTheScalarTwinDoes) {
  std::mt19937 random(14);
  for (const std::size_t parts : {4u, 12u, 96u, 256u}) {
    std::vector<std::uint8_t> codes(parts * 16), tables(parts * 16);
    for (auto& code : codes) code = static_cast<std::uint8_t>(random());
    for (auto& entry : tables) entry = static_cast<std::uint8_t>(random());
    std::vector<std::uint16_t> fast(kPqBlockRows), slow(kPqBlockRows);
    sum_pq4(codes.data(), tables.data(), parts, fast.data());
    sum_pq4_scalar(codes.data(), tables.data(), parts, slow.data());
    ASSERT_EQ(fast, slow) << parts;
    ASSERT_EQ(greatest_of(fast.data()), *std::ranges::max_element(fast));
    tables.assign(tables.size(), 255);
    sum_pq4(codes.data(), tables.data(), parts, fast.data());
    ASSERT_THAT(fast, Each(255 * parts));
  }
}

}  // namespace
}  // namespace dragoman
