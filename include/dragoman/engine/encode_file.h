#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/encode/encoder.h"

namespace dragoman {

/// How texts lie in a file.
enum class TextFormat {
  by_name,  ///< json_lines for .jsonl and .ndjson (also .gz, .zst) and for a BEIR folder, else lines.
  lines,    ///< A text a line; an empty line is an empty text.
  /// An object a line, with the members of a corpus: `text` (or `contents`), before which `title` is put, and perhaps
  /// `_id` (or `id`, `docid`), which all lines must have or none. Empty lines are passed over.
  json_lines,
};

/// "lines", "json_lines". @throws InvalidArgument naming them.
TextFormat parse_text_format(std::string_view name);

struct EncodeFileOptions {
  std::string input;             ///< A file (.gz, .zst as they are), a BEIR folder, or "-", standard input.
  std::filesystem::path output;  ///< Of the dense vectors; ends with ".npy". The other files are named after it.
  TextFormat format = TextFormat::by_name;
  EncodeAs as = EncodeAs::passage;
  EncodeOptions encode = {};
  std::size_t batch = 256;  ///< Texts that are encoded, written and cached together, > 0.
  /// Becomes true from elsewhere, a signal handler say, when the work shall end before the next batch. May be null.
  const std::atomic<bool>* stop = nullptr;
};

struct EncodeFileReport {
  std::uint64_t texts = 0;
  std::uint64_t tokens = 0;                  ///< Read by the model now or, for what came from the cache, once.
  std::uint64_t truncated = 0;               ///< Texts of which the model did not read the end.
  std::uint64_t cached = 0;                  ///< Texts that came from the cache.
  std::size_t dimension = 0;                 ///< Of the dense vectors as written.
  std::vector<std::filesystem::path> files;  ///< That were written.
};

/// Encodes a file of texts into NumPy's format (docs/formats/encodings.md): row i belongs to text i.
///
///     OUT.npy                      dense, float32 [texts, dimension]
///     OUT.sparse.{indptr,indices,weights}.npy   compressed sparse rows
///     OUT.multivector.npy          float32 [token vectors, dimension], and OUT.multivector.offsets.npy
///     OUT.ids.txt                  where the texts have ids
///
/// Each file appears whole or not at all, the dense one last. What was encoded before a kill is in the encoder's cache,
/// if it has one: the same call then encodes the rest, and the files have the same bytes as an undisturbed call's.
///
/// Memory: one batch. Calls `progress` after each, with texts and tokens.
/// @throws InvalidArgument (no head, a head the model lacks, batch 0, a name without .npy), NotFound, InvalidData (a
///         line that cannot be read, no texts at all), Unavailable (a full disk; `stop`).
EncodeFileReport encode_file(const Encoder& encoder, const EncodeFileOptions& options,
                             const ProgressCallback& progress = {});

}  // namespace dragoman
