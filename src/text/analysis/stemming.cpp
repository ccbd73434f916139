#include "text/analysis/stemming.h"

#include <fmt/format.h>
#include <libstemmer.h>
#include <unicode/uchar.h>

#include <map>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "text/icu.h"

namespace dragoman {
namespace {

struct DeleteStemmer {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using SnowballHandle = std::unique_ptr<sb_stemmer, DeleteStemmer>;

class SnowballStemmer : public Stemmer {
 public:
  explicit SnowballStemmer(std::string algorithm) : algorithm_(std::move(algorithm)) { of_this_thread(); }

  void stem(std::string& word) const override {
    sb_stemmer* stemmer = of_this_thread();
    const auto* symbols = reinterpret_cast<const sb_symbol*>(word.data());
    const sb_symbol* stem = sb_stemmer_stem(stemmer, symbols, static_cast<int>(word.size()));
    if (stem == nullptr) throw Unavailable("libstemmer has run out of memory");
    const int size = sb_stemmer_length(stemmer);
    // Some algorithms leave nothing of a word that is all ending.
    if (size > 0) word.assign(reinterpret_cast<const char*>(stem), static_cast<std::size_t>(size));
  }

 private:
  /// A stemmer holds the word it works on, so each thread has its own.
  sb_stemmer* of_this_thread() const {
    thread_local std::map<std::string, SnowballHandle, std::less<>> handles;
    SnowballHandle& handle = handles[algorithm_];
    if (handle == nullptr) {
      handle.reset(sb_stemmer_new(algorithm_.c_str(), "UTF_8"));
      if (handle == nullptr) {
        throw NotFound(fmt::format("libstemmer has no stemmer '{}'; install libstemmer 2.2 or later", algorithm_));
      }
    }
    return handle.get();
  }

  std::string algorithm_;
};

bool is_mark(char32_t code_point) {
  return code_point > 0x7F && (U_GET_GC_MASK(static_cast<UChar32>(code_point)) & U_GC_M_MASK) != 0;
}

class TruncatingStemmer : public Stemmer {
 public:
  explicit TruncatingStemmer(std::size_t letters) : letters_(letters) {}

  void stem(std::string& word) const override {
    std::size_t count = 0, cut = 0;
    for (std::size_t at = 0; at < word.size(); ++count) {
      const std::size_t here = at;
      const char32_t code_point = next_code_point(word, at);
      if (code_point >= '0' && code_point <= '9') return;
      if (count >= letters_ && cut == 0 && !is_mark(code_point)) cut = here;
    }
    if (cut != 0) word.resize(cut);
  }

 private:
  std::size_t letters_;
};

}  // namespace

std::unique_ptr<Stemmer> make_snowball_stemmer(const std::string& algorithm) {
  return std::make_unique<SnowballStemmer>(algorithm);
}

std::string snowball_version() {
  // libstemmer does not say its version. Its results of words that releases have changed tell them apart well enough,
  // and its list of algorithms.
  static const std::string version = [] {
    std::string made;
    for (const char** name = sb_stemmer_list(); *name != nullptr; ++name) {
      made += *name;
      std::string word = "vergangenheitsbewältigung";
      make_snowball_stemmer(*name)->stem(word);
      made += word;
    }
    return fmt::format("snowball:{:08x}", checksum(made) & 0xFFFFFFFF);
  }();
  return version;
}

std::unique_ptr<Stemmer> make_truncating_stemmer(std::size_t letters) {
  return std::make_unique<TruncatingStemmer>(letters);
}

std::vector<std::string_view> character_ngrams(std::string_view word, std::size_t letters) {
  std::vector<std::size_t> begins;
  for (std::size_t at = 0; at < word.size(); next_code_point(word, at)) begins.push_back(at);
  if (begins.size() <= letters) return {word};
  begins.push_back(word.size());
  std::vector<std::string_view> ngrams;
  for (std::size_t i = 0; i + letters < begins.size(); ++i) {
    ngrams.push_back(word.substr(begins[i], begins[i + letters] - begins[i]));
  }
  return ngrams;
}

}  // namespace dragoman
