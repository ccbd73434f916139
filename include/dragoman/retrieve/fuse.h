#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "dragoman/retrieve/retriever.h"

namespace dragoman {

enum class FuseMethod { rrf };

struct FuseOptions {
  FuseMethod method = FuseMethod::rrf;
  float k = 60;  ///< Finite, >= 0: how little the first ranks differ. Cormack, Clarke and Buettcher, SIGIR 2009.
};

/// May `list` judge `document`? A retriever that matches words says nothing about documents in another language: that
/// it does not list them is no sign against them.
using MayJudge = std::function<bool(std::size_t list, DocumentNumber document)>;

/// Reciprocal rank fusion over the lists that may judge a document:
///
///     score(d) = |lists| / |J(d)| * sum over the lists j in J(d) that hold d of 1 / (k + rank of d in j), ranks from 1
///
/// With J(d) = all lists, as it is without `may_judge`, this is RRF as published. Otherwise a list's silence about what
/// it cannot judge is filled with the mean of the others, and a word that happens to occur in another language lifts
/// nothing.
///
/// A document found by several retrievers keeps the first passage that any of them, in their order, knows.
/// @return every document that some list may judge and holds; score descending, then document number ascending.
/// @throws InvalidArgument if k is out of range.
std::vector<Retrieved> fuse(std::span<const RetrievedList> lists, const FuseOptions& options,
                            const MayJudge& may_judge = {});

}  // namespace dragoman
