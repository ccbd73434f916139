"""Measures of exact rankings, and the scores they come from, in NumPy alone."""
import numpy as np

DEPTH = 100


def discounts(ranks: np.ndarray) -> np.ndarray:
    """Of ranks from 1 on, as nDCG@10 counts them."""
    return np.where(ranks <= 10, 1 / np.log2(ranks + 1), 0)


def ranks_of(scores: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Rank of each of a row's `columns` [rows, k] in it; of equals, what stands further left comes first."""
    ranks = np.empty(columns.shape, np.int64)
    places = np.empty(scores.shape[1], np.int64)
    for row, of_row in enumerate(scores):
        places[np.argsort(-of_row, kind="stable")] = np.arange(1, len(places) + 1)
        ranks[row] = places[columns[row]]
    return ranks


def parallel_pool(scores: np.ndarray, stems: np.ndarray, question_languages: np.ndarray, languages: int) -> dict:
    """The measures of a pool in which every passage stands in every language.

    @param scores [questions, passages]; passage p is stem p // languages in language p % languages.
    @param stems  the relevant one of each question.
    Pool: one ranking, as many relevant as languages. Same and cross: the passages of one language taken out of the
    pool's first 100, one relevant, a miss counts 0. Pair: each language's passages ranked alone. Share: how many times
    its fair share of the first ten the question's own language takes.
    """
    relevant = stems[:, None] * languages + np.arange(languages)
    ideal = discounts(np.arange(1, min(10, languages) + 1)).sum()
    pool, precision, own = np.empty(len(scores)), np.empty(len(scores)), np.empty(len(scores))
    by_language = np.zeros((len(scores), languages))
    for row in range(len(scores)):
        order = np.argsort(-scores[row], kind="stable")
        places = np.empty(len(order), np.int64)
        places[order] = np.arange(1, len(order) + 1)
        ranks = places[relevant[row]]
        pool[row] = discounts(ranks).sum() / ideal
        precision[row] = np.mean(np.arange(1, languages + 1) / np.sort(ranks))
        of_hits = order[:DEPTH] % languages
        own[row] = np.mean(of_hits[:10] == question_languages[row])
        for language in np.flatnonzero(ranks <= DEPTH):
            rank = 1 + np.count_nonzero(of_hits[:ranks[language] - 1] == language)
            by_language[row, language] = discounts(np.array(rank))
    pair = np.empty((len(scores), languages))
    for language in range(languages):
        of_language = scores[:, language::languages]
        right = of_language[np.arange(len(scores)), stems][:, None]
        # A question's relevant passage stands behind those that score more; of equals, behind those before it.
        before = np.arange(of_language.shape[1])[None, :] < stems[:, None]
        ahead = (of_language > right) | ((of_language == right) & before)
        pair[:, language] = discounts(1 + np.count_nonzero(ahead, axis=1))
    same = np.zeros((len(scores), languages), bool)
    same[np.arange(len(scores)), question_languages] = True
    return {"pool_ndcg10": float(pool.mean()), "pool_map": float(precision.mean()),
            "same": float(by_language[same].mean()), "cross": float(by_language[~same].mean()),
            "pair_same": float(pair[same].mean()), "pair_cross": float(pair[~same].mean()),
            "share": float(own.mean() * languages),
            "pair": [[float(pair[question_languages == asked, b].mean()) for b in range(languages)]
                     for asked in range(languages)]}


def judged(scores: np.ndarray, relevant: list[list[int]]) -> dict[str, np.ndarray]:
    """nDCG@10, R@10 and R@100 of each question, whose relevant columns are given."""
    values = {name: np.empty(len(scores)) for name in ("ndcg10", "r10", "r100")}
    for row, columns in enumerate(relevant):
        ranks = ranks_of(scores[row:row + 1], np.array([columns]))[0]
        ideal = discounts(np.arange(1, len(columns) + 1)).sum()
        values["ndcg10"][row] = discounts(ranks).sum() / ideal
        values["r10"][row], values["r100"][row] = np.mean(ranks <= 10), np.mean(ranks <= 100)
    return values


def inverse_frequencies(passages) -> np.ndarray:
    """BM25's weight of each dimension of a sparse matrix of passages."""
    found = np.diff(passages.tocsc().indptr)
    return np.log1p((passages.shape[0] - found + 0.5) / (found + 0.5))


def sparse_scores(questions, passages, weights=None) -> np.ndarray:
    if weights is not None:
        questions = questions.multiply(weights[None, :]).tocsr()
    return (questions @ passages.T).toarray().astype(np.float32)


def max_sim(questions: np.ndarray, question_starts, passages: np.ndarray, passage_starts,
            block: int = 4096) -> np.ndarray:
    """Sum over a question's token vectors of the best product with one of the passage's: [questions, passages], exact,
    in float32. No text may be without vectors."""
    scores = np.empty((len(question_starts) - 1, len(passage_starts) - 1), np.float32)

    def blocks(starts):
        first = 0
        while first < len(starts) - 1:
            end = max(first + 1, int(np.searchsorted(starts, starts[first] + block, side="right")) - 1)
            yield first, end
            first = end

    for p, p_end in blocks(passage_starts):
        of_passages = np.ascontiguousarray(passages[passage_starts[p]:passage_starts[p_end]], np.float32)
        for q, q_end in blocks(question_starts):
            of_questions = np.asarray(questions[question_starts[q]:question_starts[q_end]], np.float32)
            products = of_passages @ of_questions.T
            best = np.maximum.reduceat(products, passage_starts[p:p_end] - passage_starts[p], axis=0)
            scores[q:q_end, p:p_end] = np.add.reduceat(best, question_starts[q:q_end] - question_starts[q], axis=1).T
    return scores


def pool_tokens(tokens: np.ndarray, starts: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each text one vector for `factor` tokens, the means of those that are most alike (Ward's clusters; Clavié et
    al., "Reducing the Footprint of Multi-Vector Retrieval with Minimal Performance Impact via Token Pooling", 2024)."""
    from scipy.cluster.hierarchy import fcluster, linkage
    if factor == 1:
        return tokens, starts
    pooled, lengths = [], [0]
    for begin, end in zip(starts, starts[1:]):
        of_text = np.asarray(tokens[begin:end], np.float32)
        wanted = -(-len(of_text) // factor)
        if wanted < len(of_text):
            labels = fcluster(linkage(of_text, "ward"), wanted, "maxclust")
            sums = np.zeros((labels.max(), of_text.shape[1]), np.float32)
            np.add.at(sums, labels - 1, of_text)
            of_text = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        pooled.append(of_text)
        lengths.append(len(of_text))
    return np.concatenate(pooled), np.cumsum(lengths)


def common_share(left, right, strongest: int | None) -> np.ndarray:
    """Of each pair of rows of two sparse matrices, 2 |common| / (|left| + |right|), over all dimensions or the strongest
    few of each."""
    import scipy.sparse

    def binary(matrix):
        matrix = matrix.tocsr().copy()
        if strongest is not None:
            for begin, end in zip(matrix.indptr, matrix.indptr[1:]):
                if end - begin > strongest:
                    row = matrix.data[begin:end]
                    row[np.argsort(-row, kind="stable")[strongest:]] = 0
            matrix.eliminate_zeros()
        return scipy.sparse.csr_matrix((np.ones_like(matrix.data), matrix.indices, matrix.indptr), matrix.shape)

    left, right = binary(left), binary(right)
    common = np.asarray(left.multiply(right).sum(axis=1)).ravel()
    sizes = np.asarray(left.sum(axis=1)).ravel() + np.asarray(right.sum(axis=1)).ravel()
    return np.divide(2 * common, sizes, out=np.zeros_like(common), where=sizes > 0)
