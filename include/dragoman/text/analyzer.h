#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// A word as the index knows it, and where it stood.
struct Token {
  std::string text;       ///< Normalised; never empty, at most Analyzer::kMaxTokenBytes.
  std::size_t begin = 0;  ///< Byte range in the original, half-open.
  std::size_t end = 0;

  bool operator==(const Token&) const = default;
};

/// Splits text of any language into index words.
///
/// 1. Words lie between the boundaries of UAX #29, which ICU finds in Thai, Lao, Khmer and Burmese by dictionary. They
///    are also cut at apostrophes ("l'homme" is "l" and "homme"). Runs of Chinese characters and kana give every
///    character and every two neighbours instead: "東京都" is "東", "東京", "京", "京都", "都", with ranges that
///    overlap.
/// 2. Punctuation and white space are dropped; letters, numbers, marks, emoji and symbols are kept.
/// 3. Words are normalised by NFKC_Casefold, which also removes what is not seen (ZWJ, ZWNJ, soft hyphens). Beyond it,
///    decimal digits of all scripts become 0-9; i, ı, I and İ are one; tatweel and the optional vowel signs of Arabic
///    and Hebrew are removed.
/// 4. A longer word than kMaxTokenBytes is cut into several. A sign that stands for several words (U+FDFA) gives
///    several tokens of the same range.
///
/// Tokens are in the order of their begins. A text without words gives none. The same analyser must serve index and
/// query, so its version() is stamped into the index.
///
/// Thread-safe: analyze() may be called from many threads. O(bytes).
class Analyzer {
 public:
  static constexpr std::size_t kMaxTokenBytes = 256;

  /// @throws NotFound for an unknown name; the known one is "icu".
  explicit Analyzer(std::string_view name = "icu");
  ~Analyzer();
  Analyzer(Analyzer&&) noexcept;
  Analyzer& operator=(Analyzer&&) noexcept;

  /// @param text well-formed UTF-8; ill-formed bytes are read as U+FFFD and dropped.
  /// @throws InvalidArgument if the text is longer than 2 GiB.
  std::vector<Token> analyze(std::string_view text) const;

  /// Name, our own version and ICU's, which decides the boundaries: "icu-1/72.1".
  std::string version() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
