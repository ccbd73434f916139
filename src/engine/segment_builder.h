#pragma once

#include <span>

#include "dragoman/collection/collection.h"
#include "dragoman/engine/indexer.h"

namespace dragoman {

class Analyzer;
class Encoder;

/// Brings one kind of index up to date: makes segments for the documents that no live segment covers. Segments begin
/// and end at multiples of a fixed number of documents (or at the last document), so that the same documents give the
/// same segments however often the work was interrupted.
void build_lexical_segments(Collection& collection, const Analyzer& analyzer, const IndexOptions& options,
                            IndexReport& report, const ProgressCallback& progress);

/// The same for indexes over the encoder's representations, each document being encoded once for all that need it.
/// @param stages those that use the encoder; none twice.
void build_encoded_segments(Collection& collection, const Encoder& encoder, std::span<const FirstStage> stages,
                            const IndexOptions& options, IndexReport& report, const ProgressCallback& progress);

/// Inverted segments of the documents' skeleton_terms().
void build_romanized_segments(Collection& collection, const IndexOptions& options, const ProgressCallback& progress);

/// Inverted segments of the documents as a reader of a language has them (translate_documents.h).
void build_translated_segments(Collection& collection, const Language& to, const Analyzer& analyzer,
                               const IndexOptions& options, const ProgressCallback& progress);
std::string translated_stamp(const Analyzer& analyzer, const Language& to);

/// Make a live segment's file again of the documents that are there now, in the order that it has, and return its size.
std::uint64_t remake_lexical_segment(const Collection& collection, const Analyzer& analyzer,
                                     const SegmentRecord& segment, const IndexOptions& options,
                                     const ProgressCallback& progress);
std::uint64_t remake_romanized_segment(const Collection& collection, const SegmentRecord& segment,
                                       const IndexOptions& options, const ProgressCallback& progress);

std::uint64_t remake_translated_segment(const Collection& collection, const Language& to, const Analyzer& analyzer,
                                        const SegmentRecord& segment, const IndexOptions& options,
                                        const ProgressCallback& progress);

/// Number of the first document that no segment covers. @throws InvalidData if a live segment was made otherwise than
/// `stamp` says.
DocumentNumber first_uncovered(const Collection& collection, std::string_view kind, std::string_view stamp);

}  // namespace dragoman
