#pragma once

#include <cstddef>
#include <cstdint>

namespace dragoman {

/// Arrays that the kernels write to need room for so many more elements than they are said to hold.
inline constexpr std::size_t kKernelPadding = 16;
/// collect() looks at so many documents at a time.
inline constexpr std::size_t kTouchedDocuments = 16;

// The inner loops of top-k search. Vector code for the processor at hand (Highway); the functions that end in _scalar
// are the same in plain C++, and give the same bits: no step is one whose rounding depends on the processor.

/// out[i] = max(1, round(weight * tf / (tf + norm))), tf = frequencies[i], norm = norms[documents[i]]; the product
/// first, to nearest even; count is at most 128. BM25, where a norm is k1 * (1 - b + b * length / average). Results
/// must be below 2^31.
void score_bm25(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count, const float* norms,
                float weight, std::int32_t* out);
void score_bm25_scalar(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                       const float* norms, float weight, std::int32_t* out);

/// The same with a weight for each posting.
void score_bm25_weights(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                        const float* norms, const float* weights, std::int32_t* out);

/// out[i] = max(1, round(weight * frequencies[i])).
void score_impacts(const std::uint32_t* frequencies, std::size_t count, float weight, std::int32_t* out);
void score_impacts_scalar(const std::uint32_t* frequencies, std::size_t count, float weight, std::int32_t* out);

/// Finds scores of at least `cut` (above 0) in the groups of 16 that are touched, in ascending order; writes `base`
/// plus their places, and them. Sets all scores of these groups, and the marks, to 0. Returns how many. `touched` is
/// read in eights: it must have room for so many.
std::size_t collect(std::int32_t* scores, std::uint8_t* touched, std::size_t groups, std::int32_t cut,
                    std::uint32_t base, std::uint32_t* out_documents, std::int32_t* out_scores);
std::size_t collect_scalar(std::int32_t* scores, std::uint8_t* touched, std::size_t groups, std::int32_t cut,
                           std::uint32_t base, std::uint32_t* out_documents, std::int32_t* out_scores);

/// Copies the pairs whose score is at least `cut`. Returns how many. In and out may be the same.
std::size_t keep_at_least(const std::uint32_t* documents, const std::int32_t* scores, std::size_t count,
                          std::int32_t cut, std::uint32_t* out_documents, std::int32_t* out_scores);
std::size_t keep_at_least_scalar(const std::uint32_t* documents, const std::int32_t* scores, std::size_t count,
                                 std::int32_t cut, std::uint32_t* out_documents, std::int32_t* out_scores);

/// How many of 128 ascending numbers are below each of `count` wanted ones. Where fewer are wanted than 128, the rest
/// must be 2^32 - 1.
void count_below(const std::uint32_t* numbers, const std::uint32_t* wanted, std::size_t count, std::uint32_t* out);
void count_below_scalar(const std::uint32_t* numbers, const std::uint32_t* wanted, std::size_t count,
                        std::uint32_t* out);

/// One posting of score_bm25() and of score_impacts().
std::int32_t bm25_of(float weight, std::uint32_t frequency, float norm);
std::int32_t impact_of(float weight, std::uint32_t frequency);

}  // namespace dragoman
