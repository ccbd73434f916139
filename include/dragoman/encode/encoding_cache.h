#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dragoman {

/// Encodings are kept on the disk by the text's content and by all that made them, so that no text goes through the
/// same model twice (docs/decisions/encoding-cache.md). EncoderOptions::cache turns that on.

inline constexpr std::uint64_t kDefaultCacheBytes = 4'000'000'000;

/// The user's folder for what can be made again: DRAGOMAN_CACHE, else XDG_CACHE_HOME/dragoman, else ~/.cache/dragoman.
/// Empty, which means no cache, if DRAGOMAN_CACHE is "off" or there is no home.
std::filesystem::path default_cache_folder();

/// What the cache holds of one model.
struct CachedModel {
  std::string name;   ///< As it was last opened.
  std::string stamp;  ///< Encoder::stamp().
  std::uint64_t encodings = 0, bytes = 0;
  std::uint64_t answers = 0;  ///< Of the encodings, those that are answers to prompts (or scores of pairs).
};

struct EncodingCacheSummary {
  std::filesystem::path file;       ///< CACHE/encodings/encodings.sqlite.
  std::uint64_t encodings = 0;      ///< Representations; a text with two heads counts twice.
  std::uint64_t bytes = 0;          ///< That the file takes for them; 0 if there is none.
  std::vector<CachedModel> models;  ///< Largest first.
};

/// @param cache  The folder, as in EncoderOptions. Without a file in it everything is 0, and none is made.
/// @throws InvalidData if the file is damaged, newer, or none of ours; Unavailable if it cannot be opened.
EncodingCacheSummary encoding_cache_summary(const std::filesystem::path& cache);
/// Of a model under this name alone; empty: of all. @throws NotFound if nothing is kept under the name.
EncodingCacheSummary encoding_cache_summary(const std::filesystem::path& cache, const std::string& model);

/// Empties the cache, also under processes that use it. A damaged or newer file is removed instead. Returns what was
/// there before (a damaged file's encodings are not counted).
/// @param model only what was kept of a model under this name, which is then all that is returned; empty: everything.
/// @throws NotFound if nothing was kept under the name; InvalidData if the file is another program's database, which is
///         left alone, or a damaged one of which only a part is to go; Unavailable.
EncodingCacheSummary clear_encoding_cache(const std::filesystem::path& cache, const std::string& model = {});

}  // namespace dragoman
