#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uversion.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "dragoman/base/utf8.h"
#include "dragoman/text/romanize.h"
#include "dragoman/text/skeleton.h"
#include "text/icu.h"
#include "text/romanize/arabic_words.h"
#include "text/romanize/han_readings.h"
#include "text/romanize/letter_table.h"
#include "text/romanize/skeleton_keys.h"

namespace dragoman {
namespace {

/// Raised whenever the terms of any text change.
constexpr int kVersion = 1;

/// How often a query's own key counts against the coarser keys of the same word; measured with bench/text/romanized.
constexpr int kSkeletonWeight = 3;

/// A longer word is no word of a language; its first bytes must do.
constexpr std::size_t kMaxWordBytes = 256;
constexpr std::size_t kMaxPinyinBytes = 36;

/// Different words that a thread remembers the keys of; then it begins anew.
constexpr std::size_t kCachedWords = std::size_t{1} << 16;

enum class Writing { other, latin, arabic, han, katakana, kana };

Writing writing_of(char32_t c) {
  if (c < 0x80) return u_isalpha(static_cast<UChar32>(c)) ? Writing::latin : Writing::other;
  if ((c >= 0x30A1 && c <= 0x30FA) || c == 0x30FC) return Writing::katakana;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(c), &status)) {
    case USCRIPT_LATIN:
      return Writing::latin;
    case USCRIPT_ARABIC:
      return Writing::arabic;
    case USCRIPT_HAN:
      return Writing::han;
    case USCRIPT_HIRAGANA:
      return Writing::kana;
    default:
      return Writing::other;
  }
}

/// A piece between two word boundaries that has letters or digits.
struct Word {
  std::size_t begin, end;
  Writing writing;  ///< Of its first letters.
};

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  std::size_t begin = 0;
  for (const std::size_t end : unit_ends(Boundary::word, text)) {
    bool content = false;
    Writing writing = Writing::other;
    for (std::size_t at = begin; at < end && writing == Writing::other;) {
      const char32_t c = next_code_point(text, at);
      content |= u_isalnum(static_cast<UChar32>(c)) != 0;
      if (u_isalpha(static_cast<UChar32>(c)) != 0) writing = writing_of(c);
    }
    if (content) {
      const bool continues = !words.empty() && words.back().end == begin && writing == words.back().writing &&
                             (writing == Writing::han || writing == Writing::katakana);
      if (continues) {
        words.back().end = end;  // Runs of characters are read by their neighbours, and katakana is cut up by ICU.
      } else {
        words.push_back({begin, end, writing});
      }
    }
    begin = end;
  }
  return words;
}

/// The syllables of a word of Pinyin, the fewest that make it up; empty if it is no Pinyin. "v" stands for ü.
std::vector<std::string> pinyin_syllables(std::string_view word) {
  if (word.empty() || word.size() > kMaxPinyinBytes) return {};
  constexpr std::size_t kNone = ~std::size_t{0};
  constexpr std::size_t kLongestSyllable = 6;
  std::vector<std::size_t> count(word.size() + 1, kNone), before(word.size() + 1, 0);
  count[0] = 0;
  for (std::size_t end = 1; end <= word.size(); ++end) {
    for (std::size_t size = 1; size <= std::min(end, kLongestSyllable); ++size) {
      const std::size_t begin = end - size;
      if (count[begin] == kNone || count[begin] + 1 >= count[end]) continue;
      if (!is_pinyin(word.substr(begin, size))) continue;
      count[end] = count[begin] + 1;
      before[end] = begin;
    }
  }
  std::vector<std::string> syllables;
  if (count[word.size()] == kNone) return syllables;
  for (std::size_t end = word.size(); end > 0; end = before[end]) {
    syllables.emplace_back(word.substr(before[end], end - before[end]));
    std::ranges::replace(syllables.back(), 'v', 'u');
  }
  std::ranges::reverse(syllables);
  return syllables;
}

bool is_vowel_letter(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

struct WordKeys {
  std::string plain, sound, consonants;
};

/// The keys of a word. Texts repeat their words, and a thread remembers them.
const WordKeys& keys_of(std::string_view spelling, const Language& language) {
  thread_local std::unordered_map<std::string, WordKeys> cache;
  std::string name(language.primary());
  name += ' ';
  name += spelling;
  const auto found = cache.find(name);
  if (found != cache.end()) return found->second;
  if (cache.size() == kCachedWords) cache.clear();
  WordKeys keys;
  keys.plain = plain_latin(spelling, language);
  keys.sound = sound_key(keys.plain);
  keys.consonants = consonant_key(keys.plain);
  return cache.emplace(std::move(name), std::move(keys)).first->second;
}

/// Greek as it is typed by the look of its letters: h is eta, w is omega, 8 is theta, 3 is xi, x is chi.
std::string greeklish(std::string_view plain) {
  std::string read;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char before = i == 0 ? ' ' : plain[i - 1];
    switch (plain[i]) {
      case 'h':
        read += std::string_view("tckpg").find(before) == std::string_view::npos ? 'i' : 'h';
        break;
      case 'w':
        read += 'o';
        break;
      case 'u':
        read += std::string_view("oae").find(before) == std::string_view::npos ? 'i' : 'u';
        break;
      case '8':
      case '9':
        read += "th";
        break;
      case '3':
        read += "ks";
        break;
      case 'x':
        read += "ch";
        break;
      default:
        read += plain[i];
    }
  }
  return read;
}

class Terms {
 public:
  Terms(std::string_view text, const Language& language, SkeletonSide side)
      : text_(text), language_(language), side_(side) {}

  std::vector<Token> run() && {
    const std::vector<Word> words = words_of(text_);
    japanese_ = language_.primary() == "ja" || std::ranges::any_of(words, [](const Word& w) {
                  return w.writing == Writing::kana || w.writing == Writing::katakana;
                });
    for (const Word& word : words) take(word);
    return std::move(terms_);
  }

 private:
  std::string_view of(const Word& word) const {
    return utf8_prefix(text_.substr(word.begin, word.end - word.begin), kMaxWordBytes);
  }

  void add(std::string key, const Word& word, int times = 1) {
    if (key.empty()) return;
    for (; times > 1; --times) terms_.push_back({key, word.begin, word.end});
    terms_.push_back({std::move(key), word.begin, word.end});
  }

  void add_keys(std::string_view spelling, const Word& word, const Language& language) {
    const auto& [plain, sound, consonants] = keys_of(spelling, language);
    add(sound, word, side_ == SkeletonSide::query ? kSkeletonWeight : 1);
    add(consonants, word);
    if (word.writing == Writing::katakana) add(kana_key(plain), word);
    if (side_ == SkeletonSide::document || word.writing != Writing::latin) return;
    // What else the writer may have meant, each where it is a key of its own.
    add(kana_key(plain), word);
    if (std::string other = consonant_key(plain, ReadW::consonant); other != consonants) add(std::move(other), word);
    // Sanskrit's spelling of words whose last vowel is silent today: "bharata".
    if (plain.size() > 4 && plain.ends_with('a') && !is_vowel_letter(plain[plain.size() - 2])) {
      add(sound_key(std::string_view(plain).substr(0, plain.size() - 1)), word);
    }
    const std::string_view primary = language.primary();
    if (primary == "ar" || primary == "und") add_stem(plain, consonants, word);
    if (primary == "und") add_variant(plain_latin(spelling, Language::parse("ru")), sound, consonants, word);
    if (primary == "el") add_variant(greeklish(plain), sound, consonants, word);
  }

  /// Another reading of the letters, where its keys differ.
  void add_variant(std::string_view plain, std::string_view sound, std::string_view consonants, const Word& word) {
    if (std::string key = sound_key(plain); key != sound) add(std::move(key), word);
    if (std::string key = consonant_key(plain); key != consonants) add(std::move(key), word);
  }

  /// An Arabic word that was written together with its article, by letters ("lktab") or by sounds ("alkitab").
  void add_stem(std::string_view plain, std::string_view consonants, const Word& word) {
    for (const std::string_view article :
         {"wal", "bal", "fal", "bil", "lil", "al", "el", "wl", "bl", "fl", "ll", "l"}) {
      if (!plain.starts_with(article) || plain.size() < article.size() + 3) continue;
      // "l" alone is an article where nothing else could stand before a consonant.
      if (article.find_first_of("ae") == std::string_view::npos && is_vowel_letter(plain[article.size()])) continue;
      const std::string_view stem = plain.substr(article.size());
      add(sound_key(stem), word);
      if (std::string key = consonant_key(stem); key != consonants) add(std::move(key), word);
      return;
    }
  }

  void take(const Word& word) {
    const std::string_view spelling = of(word);
    if (word.writing == Writing::han) {
      syllables_.clear();
      return take_han(word);
    }
    if (word.writing == Writing::arabic && (language_.primary() == "ar" || language_.primary() == "und")) {
      const std::u32string letters = decode_utf8(spelling);
      std::string stem;
      for (const char32_t c : std::u32string_view(letters).substr(arabic_article(letters))) append_code_point(c, stem);
      return add_keys(stem, word, language_);
    }
    const bool kana = word.writing == Writing::kana || word.writing == Writing::katakana;
    add_keys(spelling, word, kana ? Language::parse("ja") : language_);
    if (side_ == SkeletonSide::query && word.writing == Writing::latin) take_pinyin(word);
  }

  /// Words of Pinyin may be written syllable by syllable, so the last syllable goes on into the next word.
  void take_pinyin(const Word& word) {
    std::string lower;
    for (const char c : of(word)) {
      if (c != '\'') lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    std::vector<std::string> syllables = pinyin_syllables(lower);
    if (syllables.empty()) return syllables_.clear();
    if (!syllables_.empty()) {
      add(skeleton(syllables_.back() + syllables.front()), {last_.begin, word.end, Writing::latin}, kSkeletonWeight);
    }
    for (std::size_t i = 0; i + 1 < syllables.size(); ++i) {
      std::string pair = skeleton(syllables[i] + syllables[i + 1]);
      // Of two syllables the pair is the word, whose own skeleton is there already.
      if (syllables.size() == 2 && pair == skeleton(lower)) break;
      add(std::move(pair), word, kSkeletonWeight);
    }
    syllables_ = std::move(syllables);
    last_ = word;
  }

  void take_han(const Word& word) {
    std::u32string characters;
    std::vector<std::size_t> offsets = {word.begin};
    const std::string_view until = text_.substr(0, word.end);
    for (std::size_t at = word.begin; at < word.end; offsets.push_back(at)) characters += next_code_point(until, at);
    const std::u32string_view all(characters);
    // What the list of Japanese words knows: inside a Japanese text anywhere, else if it is all there is.
    for (std::size_t at = 0; at < all.size();) {
      const HanWord known = known_japanese_word(all.substr(at));
      const bool taken = known.size != 0 && (japanese_ || (at == 0 && known.size == all.size() && all.size() > 1));
      if (taken) add_keys(known.latin, {offsets[at], offsets[at + known.size], Writing::han}, Language::parse("ja"));
      at += taken ? known.size : 1;
    }
    if (japanese_) return;  // Pinyin would be wrong.
    std::vector<std::string> syllables;
    for (std::size_t at = 0; at < all.size();) {
      const HanWord known = known_chinese_word(all.substr(at));
      const std::vector<std::string> parts =
          known.size > 1 ? pinyin_syllables(known.latin) : std::vector<std::string>{};
      if (known.size > 1 && parts.size() == known.size) {
        syllables.insert(syllables.end(), parts.begin(), parts.end());
        at += known.size;
      } else {
        syllables.emplace_back(pinyin(all[at++]));
      }
    }
    for (std::size_t i = 0; i + 1 < syllables.size(); ++i) {
      add(keys_of(syllables[i] + syllables[i + 1], Language()).sound, {offsets[i], offsets[i + 2], Writing::han});
    }
    if (syllables.size() == 1) add(skeleton(syllables[0]), word);
  }

  std::string_view text_;
  const Language& language_;
  SkeletonSide side_;
  bool japanese_ = false;
  std::vector<Token> terms_;
  std::vector<std::string> syllables_;  // Of the last word, if it was Pinyin.
  Word last_{};
};

}  // namespace

std::vector<Token> skeleton_terms(std::string_view text, const Language& language, SkeletonSide side) {
  return Terms(text, language, side).run();
}

std::string skeleton_version() { return fmt::format("skeleton-{}/{}", kVersion, U_ICU_VERSION); }

}  // namespace dragoman
