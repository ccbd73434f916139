#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "dragoman/text/language.h"

namespace dragoman {

/// Two texts that say the same: sentences, or a word and its translation.
struct TextPair {
  std::string_view source, target;  ///< Without white space at their ends, neither empty.
  std::optional<double> count;      ///< What a third column says: how many senses two words share, say.
};

/// What was read of a place of parallel text.
struct ParallelTextReport {
  bool has_languages = true;    ///< False for a folder that has nothing in one of the two.
  std::uint64_t pairs = 0;      ///< Taken.
  std::uint64_t one_sided = 0;  ///< Left out, as one side is empty.
};

/// Reads texts in two languages from one place, files of which may be .gz or .zst:
///
/// - "FILE_A,FILE_B": two files whose lines belong together, as Moses has them; the first is the source.
/// - "FILE": lines of both texts with a tab between them and perhaps a count behind (TSV), or two words with a space
///   between them (MUSE dictionaries), or a translation memory (TMX; told by its first characters), or a dictionary as
///   the dict protocol's server reads it (NAME.index, with NAME.dict.dz or NAME.dict beside it; FreeDict). The source
///   stands first, unless the file's name begins with both languages the other way round ("deu-eng.tsv.gz").
/// - "FOLDER": files whose names begin with the two languages ("deu-eng.tsv.gz"), or one file for each that begins with
///   its language ("deu.txt.gz", "deu_Latn.tsv"), the lines of which belong together.
///
/// "#3" behind a file or folder says that texts are in the third of the columns that tabs make of a line; behind a
/// file that has both sides, "#3:4" says in which the source and the target are.
///
/// @param take called in the order of the lines; its views are valid during the call.
/// @throws NotFound if there is no such place; InvalidData, with its place, for lines that have no such column or are
///         not UTF-8, files of different length, or a damaged file; InvalidArgument for a file whose name says that it
///         is in other languages.
ParallelTextReport read_parallel_text(std::string_view place, const Language& from, const Language& to,
                                      const std::function<void(const TextPair&)>& take);

}  // namespace dragoman
