#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/dense/flat_index.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;
using Vector = std::vector<float>;

constexpr const char* kStamp = "1 encoder test";

class DenseSegmentTest : public testing::Test {
 protected:
  DenseSegmentTest() : path_(folder_.path() / "index" / "segments" / "dense.seg") {
    std::filesystem::create_directories(path_.parent_path());
  }
  test::TemporaryFolder folder_;
  std::filesystem::path path_;
};

TEST_F(DenseSegmentTest, GivesBackPassagesAndVectors) {
  DenseSegmentBuilder builder(3);
  builder.add({7, {0, 12}}, Vector{1, 0, 0});
  builder.add({7, {13, 20}}, Vector{0, 0.5f, 0});
  builder.add({9, {0, 0}}, Vector{0, 0, -1});
  const std::uint64_t size = builder.write(path_, kStamp);
  EXPECT_EQ(size, std::filesystem::file_size(path_));

  const DenseSegment segment(path_, kStamp);
  ASSERT_EQ(segment.size(), 3u);
  EXPECT_EQ(segment.dimension(), 3u);
  EXPECT_THAT(segment.vector(1), ElementsAre(0, 0.5f, 0));
  EXPECT_THAT(segment.vector(2), ElementsAre(0, 0, -1));
  EXPECT_EQ(segment.passage(1).document, 7u);
  EXPECT_EQ(segment.passage(1).range, (TextRange{13, 20}));
  EXPECT_EQ(segment.passage(2).document, 9u);
}

TEST_F(DenseSegmentTest, CanHoldNothing) {
  DenseSegmentBuilder(3).write(path_, kStamp);
  EXPECT_EQ(DenseSegment(path_, kStamp).size(), 0u);
  EXPECT_EQ(DenseSegment(path_, kStamp).dimension(), 3u);
}

TEST_F(DenseSegmentTest, TakesVectorsOfItsDimensionOnly) {
  DenseSegmentBuilder builder(3);
  EXPECT_THAT(
      [&] {
        builder.add({0, {}}, Vector{1, 0});
      },
      ThrowsMessage<InvalidArgument>("dense: vector has 2 values, the index 3"));
}

TEST_F(DenseSegmentTest, TakesFiniteValuesOnly) {
  DenseSegmentBuilder builder(2);
  for (const float bad :
       {std::nanf(""), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    EXPECT_THAT(
        [&] {
          builder.add({5, {}}, Vector{1, bad});
        },
        ThrowsMessage<InvalidArgument>("dense: the vector of document number 5 holds a value that is not finite"));
  }
  builder.write(path_, kStamp);
  EXPECT_EQ(DenseSegment(path_, kStamp).size(), 0u);
}

TEST_F(DenseSegmentTest, RefusesAnotherStamp) {
  DenseSegmentBuilder(3).write(path_, kStamp);
  EXPECT_THAT(
      [&] { DenseSegment(path_, "1 encoder other"); },
      ThrowsMessage<InvalidData>(testing::HasSubstr("made by [1 encoder test], but [1 encoder other] is asked for")));
}

TEST_F(DenseSegmentTest, NamesAFileThatIsMissing) {
  EXPECT_THAT([&] { DenseSegment(path_, kStamp); },
              ThrowsMessage<NotFound>(testing::StartsWith(path_.string() + ": no such file; ")));
}

/// Sections of two passages that agree; each test breaks one.
struct Sections {
  std::vector<std::uint64_t> dimension = {2};
  std::vector<float> vectors = {1, 0, 0, 1};
  std::vector<std::uint32_t> documents = {4, 5};
  std::vector<std::uint64_t> ranges = {0, 10, 3, 3};

  void write(const std::filesystem::path& path) const {
    SegmentWriter writer(path, "dense", kStamp);
    writer.add_array("dimension", std::span(dimension));
    writer.add_array("vectors", std::span(vectors));
    writer.add_array("documents", std::span(documents));
    writer.add_array("ranges", std::span(ranges));
    writer.commit();
  }
};

struct Contradiction {
  const char* name;
  std::function<void(Sections&)> make;
};
void PrintTo(const Contradiction& contradiction, std::ostream* out) { *out << contradiction.name; }

class ContradictoryDenseSegment : public DenseSegmentTest, public testing::WithParamInterface<Contradiction> {};

TEST_P(ContradictoryDenseSegment, IsRefused) {
  Sections sections;
  sections.write(path_);
  EXPECT_EQ(DenseSegment(path_, kStamp).size(), 2u);
  GetParam().make(sections);
  sections.write(path_);
  EXPECT_THAT([&] { DenseSegment(path_, kStamp); },
              ThrowsMessage<InvalidData>(path_.string() +
                                         ": its sections contradict one another; make it again with: dragoman index "
                                         "--rebuild --into " +
                                         (folder_.path() / "index").string()));
}

INSTANTIATE_TEST_SUITE_P(
    Dense, ContradictoryDenseSegment,
    testing::Values(Contradiction{"NoDimension", [](Sections& s) { s.dimension.clear(); }},
                    Contradiction{"TwoDimensions", [](Sections& s) { s.dimension.push_back(2); }},
                    Contradiction{"DimensionZero", [](Sections& s) { s.dimension[0] = 0; }},
                    Contradiction{"DimensionDoesNotDivide", [](Sections& s) { s.dimension[0] = 3; }},
                    Contradiction{"DimensionHuge", [](Sections& s) { s.dimension[0] = ~0ull; }},
                    Contradiction{"AVectorLess", [](Sections& s) { s.vectors.resize(2); }},
                    Contradiction{"ADocumentMore", [](Sections& s) { s.documents.push_back(6); }},
                    Contradiction{"DocumentsDescend", [](Sections& s) { s.documents[1] = 3; }},
                    Contradiction{"ARangeLess", [](Sections& s) { s.ranges.resize(2); }},
                    Contradiction{"HalfARangeMore", [](Sections& s) { s.ranges.push_back(11); }},
                    Contradiction{"ARangeEndsBeforeItBegins", [](Sections& s) { s.ranges[1] = 0, s.ranges[0] = 1; }}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace dragoman
