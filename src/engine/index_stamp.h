#pragma once

#include <string>
#include <string_view>

#include "dragoman/engine/search_options.h"

namespace dragoman {

class Analyzer;
class Collection;
class Encoder;

/// What a lexical or dense segment must have been made by. The number in front is raised when we change how a document
/// becomes words or passages.
std::string lexical_stamp(const Analyzer& analyzer, bool positions);
std::string dense_stamp(const Encoder& encoder);
std::string romanized_stamp();

std::string multi_vector_stamp(const Encoder& encoder);
/// The stamp of sparse segments has the collection's scale in it: segments of another cannot be searched together.
std::string sparse_stamp(const Encoder& encoder, const Collection& collection);
/// The weight that becomes 1020 in the collection's sparse index; 1 before there is one.
float sparse_scale(const Collection& collection);
void set_sparse_scale(Collection& collection, float scale);

/// Kind of a first stage's segments: "lexical", else the stage's name.
std::string_view kind_of(FirstStage stage);

/// Kind of the segments of the romanised index.
inline constexpr std::string_view kRomanizedKind = "romanized";

/// Kind of the codebook that multi-vector segments are to share while a call makes them; gone when all are there.
inline constexpr std::string_view kCodebookKind = "multivector_codebook";

/// Name of the analyser that makes, or is to make, the collection's lexical index.
std::string analyzer_of(const Collection& collection);

/// Does the collection's lexical index keep, or is it to keep, where words stand?
bool keeps_positions(const Collection& collection);

/// What is searched of a document: its title, if it has one, and a text.
std::string with_title(std::string_view title, std::string_view text);

}  // namespace dragoman
