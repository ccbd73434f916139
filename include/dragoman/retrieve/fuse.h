#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "dragoman/retrieve/retriever.h"

namespace dragoman {

enum class FuseMethod {
  rrf,         ///< By ranks alone.
  sum,         ///< Scores brought to [0, 1] by each list's best and worst.
  calibrated,  ///< Scores measured by what a full match would score.
};

struct FuseOptions {
  FuseMethod method = FuseMethod::rrf;
  float k = 60;  ///< rrf: finite, >= 0: how little the first ranks differ. Cormack, Clarke and Buettcher, SIGIR 2009.
  /// What each list counts, finite, >= 0, one a list; empty: all the same.
  std::vector<float> weights = {};
  /// calibrated: what a list counts for documents that it may not judge, beside 1 for all others; in [0, 1].
  float foreign = 0.5f;
};

/// May `list` judge `document`? A retriever that matches words says nothing about documents in another language: that
/// it does not list them is no sign against them.
using MayJudge = std::function<bool(std::size_t list, DocumentNumber document)>;

/// One list out of several. With the weight w[j] of each list, and J(d) the lists that may judge a document (without
/// `may_judge` all of them),
///
///     rrf         score(d) = W / W(d) * sum over j in J(d) that hold d of  w[j] / (k + rank of d in j), ranks from 1
///     sum         score(d) = W / W(d) * sum over j in J(d) that hold d of  w[j] * (s[j](d) - least[j]) / (most[j] -
///     least[j]) calibrated  score(d) = sum over j that hold d of  w[j] * (1, or `foreign` if j may not judge d) *
///     s[j](d) / full[j]
///
/// where W is the sum of all weights, and W(d) that of the lists in J(d): a list's silence about what it cannot judge
/// is filled with the mean of the others, and a word that happens to occur in another language lifts nothing. With all
/// weights 1 and nothing that may not be judged, rrf is as published. A sum counts a list whose scores are all the same
/// in full.
///
/// `calibrated` needs no such filling, since scores are comparable by RetrievedList::full_score: a word in another
/// language is evidence of its own (names, numbers), worth what its share of the question's words says. A list that
/// does not know its full score takes its best.
///
/// A document found by several retrievers keeps the first passage that any of them, in their order, knows.
/// @return every document that some list may judge (for calibrated: that any list holds); score descending, then
/// document
///         number ascending.
/// @throws InvalidArgument if an option is out of range.
std::vector<Retrieved> fuse(std::span<const RetrievedList> lists, const FuseOptions& options,
                            const MayJudge& may_judge = {});

/// Takes, off each document's score, `weight` times the second best score in its language, and brings the list into
/// order again. What a question meets in every language, however little it has to do with it, says how high a language
/// scores for it; the second, because the first may be what was asked for. For collections that say the same things in
/// several languages: one that answers in one language alone pays with the good answers' neighbours
/// (docs/language-bias.md). Where a language has one document in the list, the list's lowest score stands for the
/// second.
///
/// @param language_of by document number; compared only.
/// @param weight      in [0, 1]; 0 changes nothing, nor does a list of one language but for the height of its scores.
void level_languages(std::vector<Retrieved>& list, std::span<const std::uint16_t> language_of, float weight);

}  // namespace dragoman
