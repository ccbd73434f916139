#include "engine/merge_segments.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "dragoman/engine/maintenance.h"
#include "dragoman/multivector/multi_vector_index.h"
#include "dragoman/sparse/sparse_index.h"
#include "engine/encoded_segments.h"
#include "engine/engine_support.h"
#include "engine/merge_plan.h"

// Segments of sparse and multi-vector indexes as they are merged, made here without a model.
namespace dragoman {

static bool operator==(const SparseMatch& a, const SparseMatch& b) {
  return a.passage == b.passage && a.score == b.score;
}

namespace {

using test::segment_files;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// Segments of so many documents, one behind the other, each of which takes a byte a document to merge.
std::vector<Mergeable> segments_of(const std::vector<DocumentNumber>& counts) {
  std::vector<Mergeable> segments;
  DocumentNumber first = 0;
  for (const DocumentNumber count : counts) {
    segments.push_back({first, count, 0, count});
    first += count;
  }
  return segments;
}

std::vector<Mergeable> carried_out(std::vector<Mergeable> segments, const MergeRun& run) {
  Mergeable& made = segments[run.begin];
  for (std::size_t i = run.begin + 1; i < run.end; ++i) {
    made.count += segments[i].count;
    made.memory += segments[i].memory;
  }
  segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(run.begin) + 1,
                 segments.begin() + static_cast<std::ptrdiff_t>(run.end));
  return segments;
}

constexpr std::size_t kPlenty = 1 << 30;

TEST(PlanMerges, TakesNeighboursThatAreNotMuchLarger) {
  EXPECT_THAT(plan_merges(segments_of({512, 512, 512, 300}), kPlenty), ElementsAre(MergeRun{0, 4}));
  EXPECT_THAT(plan_merges(segments_of({2880, 500}), kPlenty), ElementsAre(MergeRun{0, 2}));
  EXPECT_THAT(plan_merges(segments_of({2880, 1}), kPlenty), IsEmpty());
  EXPECT_THAT(plan_merges(segments_of({2880, 1, 1}), kPlenty), ElementsAre(MergeRun{1, 3}));
  EXPECT_THAT(plan_merges(segments_of({2880, 300, 60}), kPlenty), ElementsAre(MergeRun{0, 3}));
  EXPECT_THAT(plan_merges({}, kPlenty), IsEmpty());
}

TEST(PlanMerges, KeepsApartWhatDoesNotBelongTogether) {
  auto segments = segments_of({512, 512, 512, 512});
  segments[0].group = segments[1].group = 7;
  EXPECT_THAT(plan_merges(segments, kPlenty), ElementsAre(MergeRun{2, 4}, MergeRun{0, 2}));
  EXPECT_THAT(plan_merges(segments_of({512, 512, 512, 512, 512}), 1024), ElementsAre(MergeRun{3, 5}, MergeRun{1, 3}));
  EXPECT_THAT(plan_merges(segments_of({512, 512}), 511), IsEmpty());
  EXPECT_THAT(plan_merges(segments_of({kMergedDocuments - 5, 5, 5, 5}), kPlenty), ElementsAre(MergeRun{2, 4}));
}

// What a killed process leaves undone is planned again as it was, whichever of the runs were carried out.
TEST(PlanMerges, GivesTheSameInAnyOrderOfRuns) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<DocumentNumber> counts(1 + random() % 12);
    for (DocumentNumber& count : counts) count = 1 + random() % (random() % 2 == 0 ? 10 : 2000);
    auto undisturbed = segments_of(counts);
    for (std::size_t i = 0; i < undisturbed.size(); ++i) undisturbed[i].group = i * random() % 2;
    const std::size_t memory = 1 + random() % 4000;
    auto disturbed = undisturbed;
    for (const MergeRun& run : plan_merges(undisturbed, memory)) undisturbed = carried_out(undisturbed, run);
    EXPECT_THAT(plan_merges(undisturbed, memory), IsEmpty());
    for (auto runs = plan_merges(disturbed, memory); !runs.empty(); runs = plan_merges(disturbed, memory)) {
      disturbed = carried_out(disturbed, runs[random() % runs.size()]);
    }
    ASSERT_EQ(disturbed.size(), undisturbed.size());
    for (std::size_t i = 0; i < disturbed.size(); ++i) EXPECT_EQ(disturbed[i].first, undisturbed[i].first);
  }
}

TEST(PlanMerges, LeavesFewSegmentsOfACollectionThatGrowsByOne) {
  std::vector<Mergeable> segments;
  std::uint64_t written = 0;
  constexpr DocumentNumber kDocuments = 5000;
  for (DocumentNumber number = 0; number < kDocuments; ++number) {
    segments.push_back({number, 1, 0, 1});
    for (const MergeRun& run : plan_merges(segments, kPlenty)) {
      segments = carried_out(segments, run);
      written += segments[run.begin].count;
    }
    ASSERT_LE(segments.size(), 6u);
  }
  EXPECT_LT(written, 60 * kDocuments);
}

class MergeSegmentsTest : public testing::Test {
 protected:
  static constexpr DocumentNumber kSegment = 40;
  static constexpr std::size_t kDimension = 16;

  /// Segments over documents [first, end): of several passages with 0 to 5 token vectors each.
  void add_segments(DocumentNumber first, DocumentNumber end) {
    Collection collection = Collection::open_for_writing(path_);
    std::vector<Document> documents;
    for (DocumentNumber i = first; i < end; ++i) {
      documents.push_back({.id = "hati-" + std::to_string(i), .title = {}, .text = "chai", .language = {}});
    }
    collection.add(documents);
    for (; first < end; first += kSegment) {
      const DocumentNumber count = std::min(kSegment, end - first);
      MultiVectorBuildOptions options{.centroids = 16, .earlier = earlier_, .codebook_tolerance = 100, .threads = 1};
      MultiVectorSegmentBuilder tokens(kDimension, options);
      SparseSegmentBuilder weights(4);
      for (DocumentNumber document = first; document < first + count; ++document) {
        for (std::size_t p = 0; p < document % 3; ++p) {
          const Passage passage{document, {10 * p, 10 * p + 9}};
          tokens.add(passage, unit_vectors(random_, random_() % 6));
          weights.add(passage, sparse_vector(random_));
        }
      }
      const std::string kinds[] = {"multivector", "sparse"};
      for (const std::string& kind : kinds) {
        SegmentRecord record{kind, collection.segment_path(kind, first), "1 " + kind, first, count, 0};
        record.bytes =
            kind == "sparse" ? weights.write(record.file, record.stamp) : tokens.write(record.file, record.stamp);
        collection.add_segment(record);
        if (kind == "multivector" && earlier_.empty()) {
          earlier_.push_back(std::make_shared<const MultiVectorSegment>(record.file, record.stamp));
        }
      }
    }
  }

  static std::vector<float> unit_vectors(std::mt19937& random, std::size_t count) {
    std::normal_distribution<float> normal;
    std::vector<float> values(count * kDimension);
    for (std::size_t i = 0; i < count; ++i) {
      float square = 0;
      for (std::size_t d = 0; d < kDimension; ++d) {
        values[i * kDimension + d] = normal(random);
        square += values[i * kDimension + d] * values[i * kDimension + d];
      }
      for (std::size_t d = 0; d < kDimension; ++d) values[i * kDimension + d] /= std::sqrt(square);
    }
    return values;
  }

  static std::vector<SparseWeight> sparse_vector(std::mt19937& random) {
    std::map<std::uint32_t, float> weights;
    while (weights.size() < 12) weights[random() % 100] = static_cast<float>(random() % 1000) / 300;
    std::vector<SparseWeight> vector;
    for (const auto& [dimension, weight] : weights) vector.push_back({dimension, weight});
    return vector;
  }

  struct Answers {
    std::vector<std::vector<SparseMatch>> sparse;
    std::vector<std::vector<MultiVectorMatch>> tokens;

    bool operator==(const Answers&) const = default;
  };

  /// What searches find, whatever way they go about it.
  Answers answers() const {
    std::mt19937 random(99);
    const Collection collection = Collection::open(path_);
    const auto live = collection.document_languages().live;
    const SparseIndex weights(open_sparse_segments(collection.segments("sparse"), "1 sparse"), live);
    const DocumentSet set = live.empty() ? DocumentSet(0) : weights.allowed_passages(live);
    const MultiVectorIndex vectors(open_multi_vector_segments(collection.segments("multivector"), "1 multivector"));
    Answers answers;
    for (int i = 0; i < 20; ++i) {
      const auto query = sparse_vector(random);
      for (const SparseMethod method : {SparseMethod::exact, SparseMethod::exhaustive, SparseMethod::approximate}) {
        answers.sparse.push_back(weights.search(query, 10, {.method = method}, live.empty() ? nullptr : &set));
      }
      const auto question = unit_vectors(random, 4);
      const MatrixView view{question, 4, kDimension};
      for (const auto method : {MultiVectorMethod::pruned, MultiVectorMethod::exhaustive}) {
        const MultiVectorOptions options{.method = method, .probes = 2, .full_scores = 20};
        answers.tokens.push_back(vectors.search(std::span(&view, 1), 10, options, live, 1).at(0));
      }
    }
    return answers;
  }

  std::size_t merge(std::size_t memory = kPlenty) {
    Collection collection = Collection::open_for_writing(path_);
    return merge_encoded_segments(collection, memory);
  }
  std::size_t segments(std::string_view kind) const { return Collection::open(path_).segments(kind).size(); }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "index";
  std::mt19937 random_{7};
  std::vector<std::shared_ptr<const MultiVectorSegment>> earlier_;
};

TEST_F(MergeSegmentsTest, ChangesNothingThatSearchesFind) {
  add_segments(0, 330);
  const Answers before = answers();
  ASSERT_THAT(before.sparse[0], SizeIs(10));
  ASSERT_THAT(before.tokens[0], SizeIs(10));
  EXPECT_EQ(segments("sparse"), 9u);
  EXPECT_EQ(merge(), 18u);
  EXPECT_EQ(segments("sparse"), 1u);
  EXPECT_EQ(segments("multivector"), 1u);
  EXPECT_EQ(answers(), before);
  EXPECT_THAT(segment_files(path_), SizeIs(2));
  EXPECT_EQ(merge(), 0u);

  add_segments(330, 331);
  EXPECT_EQ(merge(), 0u) << "one document is no reason to write all others again";
  add_segments(331, 400);
  const Answers grown = answers();
  EXPECT_EQ(merge(), 8u);
  EXPECT_EQ(segments("sparse"), 1u);
  EXPECT_EQ(answers(), grown);
}

TEST_F(MergeSegmentsTest, LeavesOutWhatWasDeleted) {
  add_segments(0, 200);
  std::vector<std::string> gone;
  for (int i = 0; i < 200; i += 3) gone.push_back("hati-" + std::to_string(i));
  delete_documents(path_, gone);
  const Answers before = answers();
  const CompactReport report = compact_collection(path_);
  EXPECT_EQ(report.merged, 10u);
  EXPECT_EQ(report.segments, 0u) << "merged ones hold nothing deleted any more";
  EXPECT_EQ(answers(), before);
  const SegmentRecord merged = Collection::open(path_).segments("sparse").at(0);
  const SparseSegment left(merged.file, merged.stamp, 0);
  for (std::size_t i = 0; i < left.size(); ++i) EXPECT_NE(left.document(i) % 3, 0u);
}

TEST_F(MergeSegmentsTest, LeavesWhatIsSaidOfLanguagesUpToDateAfterACallForWords) {
  add_segments(0, 200);
  const IndexReport report =
      index_corpus(test::words_only(folder_.write("corpus.jsonl", test::line("mpya", "sw", "chai")), path_));
  EXPECT_EQ(report.segments_merged, 10u);
  EXPECT_EQ(segments("sparse-bias"), 1u);
  EXPECT_EQ(segments("multivector-bias"), 1u);
}

TEST_F(MergeSegmentsTest, KeepsToItsMemory) {
  add_segments(0, 400);
  const Answers before = answers();
  merge(4000);  // Some hundred vectors at a time.
  EXPECT_GT(segments("multivector"), 2u);
  EXPECT_LT(segments("multivector"), 10u);
  EXPECT_EQ(answers(), before);
}

TEST_F(MergeSegmentsTest, IsFinishedWithTheSameBytesWhereverItIsKilled) {
  add_segments(0, 400);
  const Answers before = answers();
  const std::filesystem::path untouched = folder_.path() / "untouched";
  std::filesystem::copy(path_, untouched, std::filesystem::copy_options::recursive);
  merge(8000);
  const auto expected = segment_files(path_);
  int killed = 0;
  for (int moment = 0; moment < 12; ++moment) {
    std::filesystem::remove_all(path_);
    std::filesystem::copy(untouched, path_, std::filesystem::copy_options::recursive);
    const pid_t child = fork();
    if (child == 0) {
      merge(8000);
      _exit(0);
    }
    usleep(static_cast<useconds_t>(1000 + 1500 * moment));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    killed += WIFSIGNALED(status);
    EXPECT_EQ(answers(), before) << "after a kill";
    merge(8000);
    EXPECT_EQ(segment_files(path_), expected);
  }
  EXPECT_GT(killed, 0);
}

}  // namespace
}  // namespace dragoman
