#include "dragoman/multivector/multi_vector_segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/collection/segment_file.h"
#include "support/test_support.h"
#include "token_vectors.h"

namespace dragoman {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;
using Segment = std::shared_ptr<const MultiVectorSegment>;

constexpr std::size_t kDimension = 48;

/// Documents from `first` on, of two passages each, the second of them shorter.
std::vector<std::vector<float>> add_texts(MultiVectorSegmentBuilder& builder, test::TokenVectors& source,
                                          DocumentNumber first, std::size_t documents) {
  std::vector<std::vector<float>> texts;
  for (std::size_t i = 0; i < documents; ++i) {
    const auto document = static_cast<DocumentNumber>(first + i);
    texts.push_back(source.text(20));
    builder.add({document, {0, 90}}, texts.back());
    texts.push_back(source.text(5));
    builder.add({document, {90, 110}}, texts.back());
  }
  return texts;
}

Segment build(const std::filesystem::path& path, DocumentNumber first, std::size_t documents,
              MultiVectorBuildOptions options = {}, std::uint64_t seed = 5) {
  test::TokenVectors source(kDimension, seed);
  MultiVectorSegmentBuilder builder(kDimension, std::move(options));
  add_texts(builder, source, first, documents);
  builder.write(path, "s");
  return std::make_shared<const MultiVectorSegment>(path, "s");
}

double mean_cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); i += kDimension) {
    double product = 0, squares = 0;
    for (std::size_t d = 0; d < kDimension; ++d) {
      product += double{a[i + d]} * b[i + d];
      squares += double{b[i + d]} * b[i + d];
    }
    sum += product / std::sqrt(squares);
  }
  return sum / static_cast<double>(a.size() / kDimension);
}

TEST(MultiVectorSegment, GivesBackPassagesAndNearlyTheirVectors) {
  const test::TemporaryFolder folder;
  const std::pair<unsigned, double> least_cosines[] = {{1, 0.93}, {2, 0.98}, {4, 0.998}};
  for (const auto& [bits, least] : least_cosines) {
    test::TokenVectors source(kDimension);
    MultiVectorSegmentBuilder builder(kDimension, {.bits = bits});
    const auto texts = add_texts(builder, source, 7, 200);
    builder.write(folder.path() / "a", "s");
    const MultiVectorSegment segment(folder.path() / "a", "s");
    EXPECT_EQ(segment.passage_count(), 400u);
    EXPECT_EQ(segment.vector_count(), 200u * 25);
    EXPECT_EQ(segment.bits(), bits);
    EXPECT_EQ(segment.centroid_count(), 1024u);  // At or below 16 * sqrt(5000) = 1131.
    EXPECT_EQ(segment.passage(2), (Passage{8, {0, 90}}));
    EXPECT_EQ(segment.passage(399), (Passage{206, {90, 110}}));
    double sum = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      ASSERT_EQ(segment.vectors(i).size(), texts[i].size());
      sum += mean_cosine(texts[i], segment.vectors(i));
    }
    EXPECT_GT(sum / static_cast<double>(texts.size()), least) << bits;
  }
}

TEST(MultiVectorSegment, SameBytesAtAnyNumberOfThreadsAndInAnyMemory) {
  const test::TemporaryFolder folder;
  build(folder.path() / "one", 0, 300, {.threads = 1});
  const std::string bytes = read_file(folder.path() / "one");
  build(folder.path() / "two", 0, 300, {.threads = 2});
  EXPECT_TRUE(read_file(folder.path() / "two") == bytes);
  // 7500 vectors of 192 bytes do not fit; the training vectors, half of that, do.
  build(folder.path() / "spilled", 0, 300, {.memory_bytes = 1'000'000, .spill_folder = folder.path(), .threads = 4});
  EXPECT_TRUE(read_file(folder.path() / "spilled") == bytes);
}

TEST(MultiVectorSegment, TrainsOnFewerVectorsRatherThanBreakTheMemoryLimit) {
  const test::TemporaryFolder folder;
  const Segment segment = build(folder.path() / "a", 0, 300, {.memory_bytes = 200'000});
  EXPECT_EQ(segment->vector_count(), 7500u);
}

TEST(MultiVectorSegment, NothingAndPassagesWithoutVectorsAreFine) {
  const test::TemporaryFolder folder;
  MultiVectorSegmentBuilder nothing(kDimension);
  nothing.write(folder.path() / "nothing", "s");
  EXPECT_EQ(MultiVectorSegment(folder.path() / "nothing", "s").passage_count(), 0u);
  MultiVectorSegmentBuilder empty(kDimension);
  empty.add({4, {0, 0}}, {});
  empty.write(folder.path() / "empty", "s");
  const MultiVectorSegment segment(folder.path() / "empty", "s");
  EXPECT_EQ(segment.passage_count(), 1u);
  EXPECT_TRUE(segment.vectors(0).empty());
}

TEST(MultiVectorSegment, ReportsHowFarItHasCome) {
  const test::TemporaryFolder folder;
  std::vector<std::string> stages;
  std::uint64_t done = 0, total = 1;
  build(folder.path() / "a", 0, 50, {.progress = [&](const ProgressEvent& event) {
          if (stages.empty() || stages.back() != event.stage) stages.emplace_back(event.stage);
          done = event.done, total = event.total;
        }});
  EXPECT_EQ(stages, (std::vector<std::string>{"train", "compress"}));
  EXPECT_EQ(done, 1250u);
  EXPECT_EQ(total, 1250u);
}

TEST(MultiVectorSegmentBuilder, RefusesWhatCannotBeIndexedNamingIt) {
  MultiVectorSegmentBuilder builder(kDimension);
  std::vector<float> vector(kDimension, 0.1f);
  builder.add({5, {10, 20}}, vector);
  EXPECT_THAT(
      [&] {
        builder.add({5, {0, 9}}, vector);
      },
      ThrowsMessage<InvalidArgument>("multivector: passage 0 to 9 of document number 5 was added behind 10 to 20 "
                                     "of 5; passages must ascend"));
  EXPECT_THAT(
      [&] {
        builder.add({6, {0, 1}}, std::span(vector).first(47));
      },
      ThrowsMessage<InvalidArgument>(
          "multivector: document number 6 has 47 values, which is no multiple of 48 dimensions"));
  vector[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(
      [&] {
        builder.add({6, {0, 1}}, vector);
      },
      ThrowsMessage<InvalidArgument>(
          "multivector: a vector of document number 6 holds a value beyond 1e15, or no number"));
  EXPECT_EQ(builder.passage_count(), 1u);
  EXPECT_THAT([] { MultiVectorSegmentBuilder(kDimension, {.bits = 3}); },
              ThrowsMessage<InvalidArgument>("multivector: bits is 3, it must be 1, 2 or 4"));
  EXPECT_THAT([] { MultiVectorSegmentBuilder(5000); },
              ThrowsMessage<InvalidArgument>("multivector: dimension is 5000, it must be 1 to 4096"));
}

TEST(Codebooks, OfEarlierSegmentsServeTextsOfTheSameKindAlone) {
  const test::TemporaryFolder folder;
  const Segment first = build(folder.path() / "a", 0, 200);
  const Segment alike = build(folder.path() / "b", 200, 200, {.earlier = {first}});
  EXPECT_EQ(alike->codebook_id(), first->codebook_id());
  // Other token types altogether.
  const Segment unlike = build(folder.path() / "c", 400, 200, {.earlier = {first, alike}}, 99);
  EXPECT_NE(unlike->codebook_id(), first->codebook_id());
  const Segment found_again = build(folder.path() / "d", 600, 200, {.earlier = {first, unlike}}, 99);
  EXPECT_EQ(found_again->codebook_id(), unlike->codebook_id());
  const Segment own = build(folder.path() / "e", 800, 100, {.earlier = {first}, .codebook_tolerance = 0});
  EXPECT_NE(own->codebook_id(), first->codebook_id());
}

TEST(Codebooks, OfASmallSegmentDoNotServeAMuchLargerOne) {
  const test::TemporaryFolder folder;
  const Segment small = build(folder.path() / "a", 0, 4, {.centroids = 16});
  const Segment large = build(folder.path() / "b", 4, 200, {.earlier = {small}, .codebook_tolerance = 1000});
  EXPECT_NE(large->codebook_id(), small->codebook_id());
}

TEST(MergedSegments, OfOneCodebookAreCopiedToTheBitWithoutWhatIsNotWanted) {
  const test::TemporaryFolder folder;
  const Segment first = build(folder.path() / "a", 0, 60);
  const Segment second = build(folder.path() / "b", 60, 40, {.earlier = {first}, .codebook_tolerance = 1000});
  std::vector<std::uint8_t> allowed(100, 1);
  allowed[1] = allowed[70] = 0;
  const std::vector<Segment> both = {first, second};
  merge_multi_vector_segments(both, allowed, folder.path() / "m", "s");
  const MultiVectorSegment merged(folder.path() / "m", "s");
  EXPECT_EQ(merged.codebook_id(), first->codebook_id());
  EXPECT_EQ(merged.passage_count(), 2u * 98);
  EXPECT_EQ(merged.passage(2), (Passage{2, {0, 90}}));
  EXPECT_EQ(merged.vectors(2), first->vectors(4));
  EXPECT_EQ(merged.vectors(195), second->vectors(79));
}

TEST(MergedSegments, OfSeveralCodebooksAreCompressedAnew) {
  const test::TemporaryFolder folder;
  const Segment first = build(folder.path() / "a", 0, 60, {}, 5), second = build(folder.path() / "b", 60, 40, {}, 99);
  const std::vector<Segment> both = {first, second}, wrong = {second, first};
  merge_multi_vector_segments(both, {}, folder.path() / "m", "s");
  const MultiVectorSegment merged(folder.path() / "m", "s");
  EXPECT_EQ(merged.passage_count(), 200u);
  EXPECT_EQ(merged.passage(199), (Passage{99, {90, 110}}));
  EXPECT_GT(mean_cosine(second->vectors(78), merged.vectors(198)), 0.99);
  EXPECT_THAT([&] { merge_multi_vector_segments(wrong, {}, folder.path() / "w", "s"); },
              ThrowsMessage<InvalidArgument>(AllOf(HasSubstr("/a do not follow those of"), HasSubstr("/b"))));
}

TEST(DamagedSegments, AreRefusedByNameWhereverAByteIsWrong) {
  const test::TemporaryFolder folder;
  build(folder.path() / "sound", 0, 5);
  const std::string sound = read_file(folder.path() / "sound");
  Random random(3);
  for (int trial = 0; trial < 200; ++trial) {
    std::string bytes = sound;
    const std::size_t at = random.below(static_cast<std::uint32_t>(bytes.size()));
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    const auto path = folder.write("damaged", bytes);
    try {
      // Padding between sections is nobody's.
      const MultiVectorSegment segment(path, "s");
      EXPECT_EQ(sound[at], 0) << at;
    } catch (const InvalidData& error) {
      EXPECT_THAT(error.what(), HasSubstr("/damaged: "));
    }
  }
  const auto cut = folder.write("cut", sound.substr(0, sound.size() / 2));
  EXPECT_THAT([&] { MultiVectorSegment(cut, "s"); }, ThrowsMessage<InvalidData>(HasSubstr("/cut: not a segment")));
  EXPECT_THAT([&] { MultiVectorSegment(folder.path() / "sound", "t"); },
              ThrowsMessage<InvalidData>(HasSubstr("/sound: made by [s], but [t] is asked for")));
  EXPECT_THAT([&] { MultiVectorSegment(folder.path() / "none", "s"); }, ThrowsMessage<NotFound>(HasSubstr("/none: ")));
}

/// Sections of a sound segment, for one of which others are written.
std::filesystem::path with_section(const std::filesystem::path& sound, const std::string& changed,
                                   std::span<const std::byte> bytes) {
  const SegmentReader reader(sound, "multivector", "s");
  const auto path = sound.parent_path() / "changed";
  SegmentWriter writer(path, "multivector", "s");
  for (const char* name :
       {"numbers", "units", "centroids", "centroid_scales", "weights", "levels", "codes", "documents", "ranges",
        "passage_offsets", "vector_centroids", "vector_scales", "list_offsets", "lists"}) {
    writer.add(name, name == changed ? bytes : reader.section(name));
  }
  writer.commit();
  return path;
}

TEST(DamagedSegments, AreRefusedWhereSectionsContradictOneAnother) {
  const test::TemporaryFolder folder;
  const auto sound = folder.path() / "sound";
  const Segment segment = build(sound, 0, 5);
  const SegmentReader reader(sound, "multivector", "s");
  const auto refused = [&](const std::string& section, std::size_t at, std::uint8_t value) {
    const auto bytes = reader.section(section);
    std::vector<std::byte> changed(bytes.begin(), bytes.end());
    changed.at(at) = static_cast<std::byte>(value);
    EXPECT_THAT([&] { MultiVectorSegment(with_section(sound, section, changed), "s"); },
                ThrowsMessage<InvalidData>(HasSubstr("/changed: its sections contradict one another")))
        << section;
  };
  EXPECT_NO_THROW(MultiVectorSegment(with_section(sound, "none", {}), "s"));
  refused("numbers", 8, 3);              // Bits.
  refused("numbers", 1, 9);              // Dimensions.
  refused("units", 3, 0xFF);             // A unit below 0.
  refused("centroids", 0, 0x80);         // -128.
  refused("centroid_scales", 3, 0xFF);   // Below 0.
  refused("documents", 0, 200);          // Not ascending.
  refused("ranges", 1, 1);               // Begins behind its end.
  refused("passage_offsets", 0, 1);      // Does not begin at 0.
  refused("passage_offsets", 11, 1);     // Descends.
  refused("vector_centroids", 1, 0xFF);  // No such centroid.
  refused("list_offsets", 2, 1);         // Does not begin at 0.
  refused("lists", 2, 1);                // No such passage.
  for (const char* name : {"centroids", "weights", "levels", "codes", "documents", "passage_offsets", "vector_scales",
                           "list_offsets", "lists"}) {
    EXPECT_THROW(MultiVectorSegment(with_section(sound, name, {}), "s"), InvalidData) << name;
  }
}

}  // namespace
}  // namespace dragoman
