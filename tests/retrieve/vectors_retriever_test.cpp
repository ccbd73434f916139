#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "dragoman/retrieve/one_pass_encoder.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/sparse/sparse_index.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// Has every head, and counts how often it is asked. The sparse vector of a text has its number of bytes as a
/// dimension.
class CountingEncoder : public Encoder {
 public:
  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs,
                               const EncodeOptions& options) const override {
    ++calls;
    std::vector<Encoding> encodings;
    for (const std::string_view text : texts) {
      Encoding& encoding = encodings.emplace_back();
      if (options.heads.dense) encoding.dense = {static_cast<float>(text.size()), 0};
      if (options.heads.sparse) encoding.sparse = {{static_cast<std::uint32_t>(text.size()), 2}};
      if (options.heads.multi_vector) encoding.multi_vector = {1, static_cast<float>(text.size())};
      encoding.tokens_read = 3;
      encoding.tokens_total = text.size();
    }
    return encodings;
  }
  std::vector<std::int32_t> tokenize(std::string_view, EncodeAs) const override { return {}; }
  std::size_t count_tokens(std::string_view) const override { return 0; }
  std::size_t passage_budget() const override { return 2; }
  Heads heads() const override { return {true, true, true}; }
  std::size_t dimension() const override { return 2; }
  std::size_t sparse_dimension() const override { return 100; }
  std::size_t multi_vector_dimension() const override { return 2; }
  Precision precision() const override { return Precision::f32; }
  const std::string& stamp() const override { return stamp_; }

  mutable int calls = 0;

 private:
  std::string stamp_ = "counting";
};

constexpr EncodeOptions kDense = {.heads = {.dense = true}};
constexpr EncodeOptions kSparse = {.heads = {.dense = false, .sparse = true}};
constexpr EncodeOptions kMultiVector = {.heads = {.dense = false, .multi_vector = true}};

TEST(OnePassEncoder, ComputesOnceWhatIsAskedForHeadByHead) {
  const auto counting = std::make_shared<CountingEncoder>();
  const auto shared = make_one_pass_encoder(counting, {.dense = true, .sparse = true});
  const std::vector<std::string_view> texts = {"茶", "chai"};
  for (const EncodeOptions& options : {kDense, kSparse, kDense}) {
    EXPECT_EQ(shared->encode(texts, EncodeAs::query, options),
              CountingEncoder().encode(texts, EncodeAs::query, options));
  }
  EXPECT_EQ(counting->calls, 1);
  shared->encode(std::vector<std::string_view>{"thé"}, EncodeAs::query, kSparse);
  EXPECT_EQ(counting->calls, 2) << "other texts";
  shared->encode(std::vector<std::string_view>{"thé"}, EncodeAs::passage, kSparse);
  EXPECT_EQ(counting->calls, 3) << "another prompt";
  EXPECT_THAT(shared->encode(texts, EncodeAs::query, kMultiVector)[0].multi_vector, ElementsAre(1, 3));
  EXPECT_EQ(counting->calls, 4) << "a head that it was not made for";
}

class SparseRetrieverTest : public testing::Test {
 protected:
  SparseRetrieverTest() {
    SparseSegmentBuilder builder(255);
    builder.add({0, {0, 5}}, std::vector<SparseWeight>{{4, 10}});
    builder.add({1, {0, 5}}, std::vector<SparseWeight>{{4, 20}, {3, 1}});
    builder.add({1, {6, 9}}, std::vector<SparseWeight>{{4, 30}});
    builder.write(folder_.path() / "a.seg", "counting");
    auto index = std::make_shared<SparseIndex>(std::vector<std::shared_ptr<const SparseSegment>>{
        std::make_shared<SparseSegment>(folder_.path() / "a.seg", "counting", 0)});
    retriever_ = make_sparse_retriever(std::move(index), std::make_shared<CountingEncoder>(),
                                       {.weighting = SparseWeighting::plain}, 1);
  }
  Query query(std::string text) const { return {.id = "q", .text = std::move(text), .language = {}}; }

  test::TemporaryFolder folder_;
  std::unique_ptr<Retriever> retriever_;
};

TEST_F(SparseRetrieverTest, FindsPassagesByTheInnerProduct) {
  EXPECT_EQ(retriever_->name(), "sparse");
  const auto lists = retriever_->search(std::vector{query("chai"), query("茶"), query("kahawa")}, 10, {});
  ASSERT_THAT(lists, SizeIs(3));
  ASSERT_THAT(lists[0].documents, SizeIs(2));
  EXPECT_EQ(lists[0].documents[0].document, 1u);
  EXPECT_NEAR(lists[0].documents[0].score, 60, 1e-3);
  EXPECT_EQ(lists[0].documents[0].passage, (TextRange{6, 9}));
  EXPECT_NEAR(lists[0].documents[1].score, 20, 1e-3);
  ASSERT_THAT(lists[1].documents, SizeIs(1));
  EXPECT_NEAR(lists[1].documents[0].score, 2, 1e-3);
  EXPECT_THAT(lists[2].documents, IsEmpty());
  EXPECT_EQ(lists[0].query_terms, 3u);
  EXPECT_TRUE(lists[0].query_truncated);   // 3 of 4 tokens.
  EXPECT_FALSE(lists[1].query_truncated);  // 3 of 3.
}

TEST_F(SparseRetrieverTest, KeepsToDepthAndToWhatIsAllowed) {
  EXPECT_EQ(retriever_->search(std::vector{query("chai")}, 1, {})[0].documents.at(0).document, 1u);
  const auto allowed = retriever_->search(std::vector{query("chai")}, 10, std::vector<std::uint8_t>{1, 0})[0].documents;
  ASSERT_THAT(allowed, SizeIs(1));
  EXPECT_EQ(allowed[0].document, 0u);
}

}  // namespace
}  // namespace dragoman
