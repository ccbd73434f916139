#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/analysis/stemming.h"

class Hunspell;
struct UConverter;

namespace dragoman {

/// A Hunspell dictionary on the disk: NAME.aff and NAME.dic. Thread-safe: threads that look words up at the same time
/// have a copy each, made when it is needed.
class HunspellDictionary {
 public:
  /// The one installed for a language, as "/usr/share/hunspell/de_DE": that of the region where most of its speakers
  /// live, else the first by name. Looks into the folders of DICPATH, as Hunspell's own tools do, and into those of the
  /// system.
  static std::optional<std::filesystem::path> find(std::string_view primary);

  /// Reads the files to know their contents; Hunspell reads them again at the first look-up, which throws InvalidData
  /// if it does not know their encoding. @throws NotFound if a file is missing.
  explicit HunspellDictionary(std::filesystem::path path);
  ~HunspellDictionary();

  /// Does it have a form of the word, in small letters as given or with a capital?
  bool knows(std::string_view word) const;

  /// Its lemma in small letters; empty if it is unknown. Of several the shortest, then the first by bytes.
  std::string lemma(std::string_view word) const;

  /// "de_DE:1f0c...", by the contents of both files.
  const std::string& stamp() const { return stamp_; }

 private:
  struct Copy;
  class Lease;

  std::filesystem::path path_;
  std::string stamp_;
  mutable std::mutex mutex_;  // Of the list alone, not while words are looked up.
  mutable std::vector<std::unique_ptr<Copy>> idle_;
};

/// Lemmas of a dictionary; words that it does not know go to `otherwise`, which may be null.
std::unique_ptr<Stemmer> make_lemmatiser(std::shared_ptr<const HunspellDictionary> dictionary,
                                         std::shared_ptr<const Stemmer> otherwise);

}  // namespace dragoman
