#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/language.h"

namespace dragoman {

enum class FileRole { documents, queries, judgements, run };

/// What a file's name, and the folders it lies in, say about it.
struct FileName {
  FileRole role = FileRole::documents;  ///< Documents, unless a word of the name says otherwise.
  std::vector<Language> languages;      ///< In the order of the name; empty if it names none.
  std::string split;                    ///< "train", "dev", "test", "test-a", "dev-small", ...; empty if none.
  std::string stem;                     ///< The name without folders, .gz and .zst.
};

/// @param path relative to the folder that was given: "miracl-v1.0-sw/qrels/qrels.miracl-v1.0-sw-dev.tsv". The file's
///             own name goes before the nearest folder, and that before the next one.
FileName parse_file_name(std::string_view path);

/// One word of a name: a language code of ISO 639-1 or -3 in small letters, or an English name ("swahili").
/// Undetermined if it is none of the languages that collections are known to name so.
Language language_of_word(std::string_view word);

/// "train" of "training", "dev" of "validation"; empty if the word names no split.
std::string split_of_word(std::string_view word);

/// Splits at '.', '-', '_' and '/'; empty words are left out.
std::vector<std::string_view> words_of_name(std::string_view name);

}  // namespace dragoman
