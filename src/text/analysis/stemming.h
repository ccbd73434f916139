#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// Makes one form of the forms of a word.
class Stemmer {
 public:
  virtual ~Stemmer() = default;
  /// Replaces a folded word by its stem, which may be longer than the word, but is never empty. Thread-safe.
  virtual void stem(std::string& word) const = 0;
};

/// A stemmer of the Snowball project, by its name there: "russian". @throws NotFound if libstemmer has none of the
/// name.
std::unique_ptr<Stemmer> make_snowball_stemmer(const std::string& algorithm);

/// Version of the library that holds the algorithms; part of what makes tokens.
std::string snowball_version();

/// The first `letters` code points of words without digits; marks count, but none is cut off its letter.
std::unique_ptr<Stemmer> make_truncating_stemmer(std::size_t letters);

/// Every `letters` neighbouring code points of a word, in their order; the word itself if it has no more.
std::vector<std::string_view> character_ngrams(std::string_view word, std::size_t letters);

}  // namespace dragoman
