#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace dragoman {

/// Vectors of one text, [rows, columns] row-major, that belong to somebody else.
struct MatrixView {
  std::span<const float> values;  ///< rows * columns.
  std::size_t rows = 0;
  std::size_t columns = 0;

  std::span<const float> row(std::size_t i) const { return values.subspan(i * columns, columns); }
};

/// Late-interaction score of one document for one query: each query token takes its most similar document token, and
/// the similarities are summed.
///
///     score(Q, D) = sum_i max_j <Q[i], D[j]>
///
/// Khattab and Zaharia, "ColBERT: Efficient and Effective Passage Search via Contextualized Late Interaction over
/// BERT", SIGIR 2020, section 3.3.
///
/// @param query     [query tokens, dimension], rows of unit L2 norm.
/// @param document  [document tokens, dimension], rows of unit L2 norm.
/// @return Sum of cosines in [-query tokens, query tokens]; higher is better. A document without tokens gets the
///         lowest score, -query tokens. Comparable between documents for one query, not between queries.
/// @throws InvalidArgument if the two dimensions differ, or a view's values are not rows * columns. Norms are trusted,
///         not checked.
///
/// O(query tokens * document tokens * dimension). Thread-safe. The same bits on every processor.
float max_sim(MatrixView query, MatrixView document);

/// max_sim() of one query and many documents, to the bit, with the query prepared once: reranks any first stage's
/// candidates without an index.
std::vector<float> max_sims(MatrixView query, std::span<const MatrixView> documents);

}  // namespace dragoman
