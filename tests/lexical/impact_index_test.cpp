#include "dragoman/lexical/impact_index.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "lexical/lexical_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

using Vector = std::map<std::string, std::uint32_t>;

class ImpactIndexTest : public testing::Test {
 protected:
  std::shared_ptr<const LexicalSegment> segment(DocumentNumber first, const std::vector<Vector>& documents,
                                                DocumentOrder order = DocumentOrder::as_added) {
    LexicalSegmentBuilder builder({.order = order});
    for (const Vector& document : documents) {
      std::vector<TermFrequency> terms;
      for (const auto& [term, impact] : document) terms.push_back({term, impact});
      builder.add_weighted(first++, Language(), terms);
    }
    const auto path = folder_.path() / std::to_string(files_++);
    builder.write(path, test::kStamp);
    return std::make_shared<LexicalSegment>(path, test::kStamp);
  }

  test::TemporaryFolder folder_;
  int files_ = 0;
};

TEST_F(ImpactIndexTest, AddsUpProductsOfWeights) {
  const ImpactIndex index({segment(0, {{{"собака", 100}, {"dog", 40}}, {{"dog", 200}}, {{"cat", 255}}})});
  const std::vector<WeightedTerm> query = {{"dog", 0.5f}, {"собака", 2}, {"犬", 3}};
  // 0.5 * 40 + 2 * 100, and 0.5 * 200.
  EXPECT_THAT(index.search(query, 10), ElementsAre(ScoredDocument{0, 220}, ScoredDocument{1, 100}));
}

TEST_F(ImpactIndexTest, AddsUpWeightsOfAWordThatComesTwice) {
  const ImpactIndex index({segment(0, {{{"a", 10}}})});
  const std::vector<WeightedTerm> query = {{"a", 0.5f}, {"a", 1}};
  EXPECT_THAT(index.search(query, 10), ElementsAre(ScoredDocument{0, 15}));
}

TEST_F(ImpactIndexTest, QuantizesToTheWholeRange) {
  const ImpactQuantizer quantize{.most = 3};
  EXPECT_EQ(quantize(3), 1020u);
  EXPECT_EQ(quantize(9), 1020u);
  EXPECT_EQ(quantize(1.5f), 510u);
  EXPECT_EQ(quantize(0.001f), 0u);
  EXPECT_EQ(quantize(-1), 0u);
}

TEST_F(ImpactIndexTest, RefusesWhatItCannotMultiply) {
  const ImpactIndex index({segment(0, {{{"a", 1}}})});
  const std::vector<WeightedTerm> query = {{"a", -1}};
  EXPECT_THAT([&] { index.search(query, 1); },
              ThrowsMessage<InvalidArgument>("the weight of 'a' is -1, must be finite and above 0"));
  EXPECT_THAT(
      [&] {
        ImpactIndex({segment(0, {{{"a", 1021}}})});
      },
      ThrowsMessage<InvalidData>(HasSubstr("has an impact of 1021; quantise them to at most 1020")));
  EXPECT_THAT(index.search({}, 1), IsEmpty());
}

TEST_F(ImpactIndexTest, FindsTheSameAsExhaustiveScoringOnExpandedVectors) {
  // As learned sparse encoders make them: a hundred words a document, of which few are heavy.
  std::mt19937 random(7);
  std::vector<Vector> documents(6000);
  for (Vector& document : documents) {
    for (int i = 0; i < 40; ++i) {
      const auto term = std::min(random() % 400, random() % 400);
      document["t" + std::to_string(term)] = 1 + static_cast<std::uint32_t>(random() % (random() % kMostImpact + 1));
    }
  }
  const auto half = documents.begin() + 2500;
  std::vector<ImpactIndex> indexes;
  indexes.emplace_back(std::vector{segment(0, documents)});
  indexes.emplace_back(std::vector{segment(2500, {half, documents.end()}), segment(0, {documents.begin(), half})});
  indexes.emplace_back(std::vector{segment(0, documents, DocumentOrder::bisection)});
  DocumentSet allowed(6000);
  for (DocumentNumber i = 0; i < 6000; i += 3) allowed.insert(i);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < 1 + random() % 40; ++i) names.push_back("t" + std::to_string(random() % 420));
    std::vector<WeightedTerm> query;
    for (const std::string& name : names) query.push_back({name, 0.01f + static_cast<float>(random() % 1000) / 300});
    const DocumentSet* filter = round % 3 == 0 ? &allowed : nullptr;
    for (const std::size_t depth : {1, 10, 1000}) {
      const auto expected = indexes[0].search(query, depth, TopKMethod::exhaustive, filter);
      // The inner product, to the precision of a float and of the steps that products are rounded to.
      double step = 0;
      for (const WeightedTerm& term : query) step += 0x1p-30 * kMostImpact * double{term.weight};
      for (const ScoredDocument& hit : expected) {
        double product = 0;
        for (const WeightedTerm& term : query) {
          const auto found = documents[hit.document].find(std::string(term.term));
          if (found != documents[hit.document].end()) product += static_cast<double>(term.weight) * found->second;
        }
        ASSERT_NEAR(hit.score, product, 1e-6 * product + static_cast<double>(query.size()) * step);
      }
      for (const ImpactIndex& index : indexes) {
        ASSERT_EQ(index.search(query, depth, TopKMethod::max_score, filter), expected);
      }
    }
  }
}

}  // namespace
}  // namespace dragoman
