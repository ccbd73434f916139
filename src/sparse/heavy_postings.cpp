#include "sparse/heavy_postings.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lexical/score_kernels.h"

namespace dragoman {
namespace {

constexpr std::uint32_t kWindow = 1 << 16;
static_assert(kWindow % (8 * kTouchedDocuments) == 0);

// The heaviest 32nd of a list, the next 32nd, 16th, 8th and quarter; of short lists all is one tier.
constexpr std::size_t kShortList = 64;
constexpr unsigned kFirstTier = 5;

// Tiers are added up from impacts of 8 bits.
constexpr std::uint32_t kCoarse = 4;
static_assert(kMostImpact <= kCoarse * 255);

std::uint8_t coarse(std::uint32_t impact) {
  return static_cast<std::uint8_t>(std::max((impact + kCoarse / 2) / kCoarse, std::uint32_t{1}));
}

/// What a search writes on, kept for the thread's next one. All 0 between searches.
struct Scratch {
  alignas(64) std::int32_t scores[kWindow] = {};
  std::uint8_t touched[kWindow / kTouchedDocuments] = {};
  std::uint32_t documents[kWindow + kKernelPadding];
  std::int32_t found[kWindow + kKernelPadding];
  std::vector<float> weights;  ///< Of the query, by list.
};

Scratch& thread_scratch() {
  static thread_local const std::unique_ptr<Scratch> scratch = std::make_unique<Scratch>();
  return *scratch;
}

}  // namespace

HeavyPostings::HeavyPostings(std::span<const std::shared_ptr<const LexicalSegment>> segments) {
  read_vectors(segments);
  // Every list out of the vectors, so that it does not matter how passages are cut into segments.
  std::vector<std::uint64_t> begins(list_of_.size() + 1, 0);
  for (const std::uint32_t list : vector_lists_) ++begins[list + 1];
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<std::uint32_t> documents(vector_lists_.size());
  std::vector<std::uint16_t> impacts(vector_lists_.size());
  std::vector<std::uint64_t> next(begins.begin(), begins.end() - 1);
  for (std::uint32_t document = 0; document + 1 < vector_begins_.size(); ++document) {
    for (std::uint64_t i = vector_begins_[document]; i < vector_begins_[document + 1]; ++i) {
      const std::uint64_t at = next[vector_lists_[i]]++;
      documents[at] = document;
      impacts[at] = vector_impacts_[i];
    }
  }
  for (std::size_t list = 0; list < list_of_.size(); ++list) {
    const std::uint64_t size = begins[list + 1] - begins[list];
    add_list(std::span(documents).subspan(begins[list], size), std::span(impacts).subspan(begins[list], size));
  }
}

void HeavyPostings::read_vectors(std::span<const std::shared_ptr<const LexicalSegment>> segments) {
  std::uint64_t count = 0;
  for (const auto& segment : segments) count = segment->first_document() + std::uint64_t{segment->document_count()};
  vector_begins_.assign(count + 1, 0);
  const auto for_each_list = [&](const auto& take) {
    for (const auto& segment : segments) {
      for (std::size_t term = 0; term < segment->term_count(); ++term) {
        const std::string word = segment->term(term);
        take(list_of_.emplace(word, static_cast<std::uint32_t>(list_of_.size())).first->second,
             segment->postings(word));
      }
    }
  };
  for_each_list([&](std::uint32_t, const Postings& postings) {
    for (const DocumentNumber document : postings.documents) ++vector_begins_[document + 1];
  });
  std::partial_sum(vector_begins_.begin(), vector_begins_.end(), vector_begins_.begin());
  vector_lists_.resize(vector_begins_.back());
  vector_impacts_.resize(vector_begins_.back());
  std::vector<std::uint64_t> next(vector_begins_.begin(), vector_begins_.end() - 1);
  for_each_list([&](std::uint32_t list, const Postings& postings) {
    for (std::size_t i = 0; i < postings.documents.size(); ++i) {
      const std::uint64_t at = next[postings.documents[i]]++;
      vector_lists_[at] = list;
      vector_impacts_[at] = static_cast<std::uint16_t>(postings.frequencies[i]);
    }
  });
}

void HeavyPostings::add_list(std::span<const std::uint32_t> documents, std::span<const std::uint16_t> impacts) {
  const std::size_t size = documents.size();
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return impacts[a] != impacts[b] ? impacts[a] > impacts[b] : a < b;
  });
  List& list = lists_.emplace_back(List{static_cast<std::uint32_t>(tiers_.size()), 0});
  std::size_t begin = 0;
  for (unsigned part = size <= kShortList ? 0 : kFirstTier;; --part) {
    const std::size_t end = size >> part;
    std::sort(order.begin() + static_cast<std::ptrdiff_t>(begin), order.begin() + static_cast<std::ptrdiff_t>(end));
    Tier tier{documents_.size(), documents_.size() + (end - begin), 0};
    std::uint64_t sum = 0;
    for (std::size_t i = begin; i < end; ++i) {
      documents_.push_back(documents[order[i]]);
      impacts_.push_back(coarse(impacts[order[i]]));
      sum += impacts_.back();
    }
    tier.mean = static_cast<float>(sum) / static_cast<float>(end - begin);
    tiers_.push_back(tier);
    ++list.tier_count;
    begin = end;
    if (part <= 1) break;
  }
}

std::vector<HeavyPostings::Chosen> HeavyPostings::choose(std::span<const Asked> asked, std::size_t postings) const {
  struct Offer {
    float product;
    std::uint32_t tier;
    std::int32_t weight;
  };
  std::vector<Offer> offers;
  for (const Asked& each : asked) {
    const List& list = lists_[each.list];
    for (std::uint32_t tier = list.first_tier; tier < list.first_tier + list.tier_count; ++tier) {
      offers.push_back(
          {each.weight * tiers_[tier].mean, tier, static_cast<std::int32_t>(std::lround(each.weight * kCoarse))});
    }
  }
  // Stable: of equals the first word, which does not depend on how passages are cut into segments.
  std::ranges::stable_sort(offers, [](const Offer& a, const Offer& b) { return a.product > b.product; });
  std::vector<Chosen> chosen;
  std::uint64_t taken = 0;
  for (const Offer& offer : offers) {
    if (taken >= postings) break;
    chosen.push_back({tiers_[offer.tier].begin, tiers_[offer.tier].end, offer.weight});
    taken += chosen.back().end - chosen.back().at;
  }
  return chosen;
}

std::size_t HeavyPostings::search(const ImpactQuery& query, const Budget& budget, const DocumentSet* allowed,
                                  TopDocuments& top) const {
  std::vector<Asked> asked;
  for (std::size_t i = 0; i < query.terms.size(); ++i) {
    const auto list = list_of_.find(query.terms[i]);
    if (list != list_of_.end()) asked.push_back({list->second, query.weights[i]});
  }
  std::vector<Chosen> chosen = choose(asked, budget.postings);
  Scratch& scratch = thread_scratch();
  const std::size_t documents = vector_begins_.size() - 1;
  TopDocuments best(budget.candidates, true);
  for (std::size_t base = 0; base < documents && !chosen.empty(); base += kWindow) {
    const std::size_t end = std::min<std::size_t>(documents, base + kWindow);
    for (Chosen& part : chosen) {
      std::uint64_t i = part.at;
      for (; i < part.end && documents_[i] < end; ++i) {
        const std::size_t place = documents_[i] - base;
        scratch.scores[place] += part.weight * impacts_[i];
        scratch.touched[place / kTouchedDocuments] = 1;
      }
      part.at = i;
    }
    const std::size_t found =
        collect(scratch.scores, scratch.touched, (end - base + kTouchedDocuments - 1) / kTouchedDocuments,
                std::max(best.least(), 1), static_cast<std::uint32_t>(base), scratch.documents, scratch.found);
    for (std::size_t i = 0; i < found; ++i) {
      if (allowed == nullptr || allowed->contains(scratch.documents[i])) {
        best.offer(scratch.documents[i], scratch.found[i]);
      }
    }
  }
  const std::vector<ScoredDocument> candidates = std::move(best).take(1);

  scratch.weights.resize(std::max(scratch.weights.size(), lists_.size()), 0);
  for (const Asked& each : asked) scratch.weights[each.list] = each.weight;
  for (const ScoredDocument& candidate : candidates) {
    std::int32_t score = 0;
    for (std::uint64_t i = vector_begins_[candidate.document]; i < vector_begins_[candidate.document + 1]; ++i) {
      const float weight = scratch.weights[vector_lists_[i]];
      if (weight != 0) score += impact_of(weight, vector_impacts_[i]);
    }
    top.offer(candidate.document, score);
  }
  for (const Asked& each : asked) scratch.weights[each.list] = 0;
  return candidates.size();
}

}  // namespace dragoman
