#pragma once

#include <span>

#include "dragoman/rerank/reranker.h"

namespace dragoman::reranking {

/// Does this reading judge all passages of a document?
inline bool reads_pieces(DocumentReading reading) {
  return reading != DocumentReading::passage && reading != DocumentReading::first;
}

/// What the scores of its passages make of a document. Sums are of p = 1 / (1 + exp(-score)), since log-odds below zero
/// would make a document worse by every further passage. -infinity for none, which ranks below all.
///
/// Dai and Callan, "Deeper Text Understanding for IR with Contextual Neural Language Modeling", SIGIR 2019: first,
/// best (MaxP) and sum (SumP), section 3.
double document_score(std::span<const double> passages, DocumentReading reading);

}  // namespace dragoman::reranking
