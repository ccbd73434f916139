#include "dragoman/translate/sentences.h"

#include <unicode/brkiter.h>
#include <unicode/filteredbrk.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>

#include "dragoman/base/error.h"
#include "text/icu.h"
#include "text/trimmed.h"

namespace dragoman {
namespace {

/// Abbreviations that are followed by a name or a number, as a rule, and that CLDR's lists have not.
struct Abbreviations {
  std::string_view language;
  std::initializer_list<const char*> words;
};
// In every language: names of people and places bring them along.
constexpr std::initializer_list<const char*> kAnywhere = {"Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "St."};
constexpr std::initializer_list<const char*> kEnglish = {"Rev.", "Gen.", "Sgt.", "Capt.", "Lt.",
                                                         "Col.", "Sen.", "Rep.", "Gov.",  "No.",
                                                         "Fig.", "vs.",  "e.g.", "i.e.",  "cf."};
constexpr std::initializer_list<const char*> kPortuguese = {"Sr.",    "Sra.", "Srta.", "Srs.", "Dr.",  "Dra.", "Prof.",
                                                            "Profa.", "Eng.", "Gen.",  "Cel.", "Cap.", "Av.",  "Pe.",
                                                            "D.",     "art.", "n.",    "p.",   "ex.",  "fig."};
constexpr std::initializer_list<const char*> kSpanish = {"Sr.", "Sra.", "Srta.", "Sres.", "Dr.",  "Dra.", "Prof.",
                                                         "Ud.", "Uds.", "Gral.", "Av.",   "núm.", "pág.", "fig."};
constexpr std::initializer_list<const char*> kFrench = {"M.", "MM.", "Dr.", "Pr.", "St.", "av.", "fig.", "p.", "cf."};
constexpr std::initializer_list<const char*> kGerman = {"Hr.",  "Fr.",  "Dr.",   "Prof.", "St.",   "Nr.",
                                                        "Abb.", "Str.", "z. B.", "d. h.", "u. a.", "z.B.",
                                                        "d.h.", "bzw.", "ca.",   "vgl."};
constexpr std::initializer_list<const char*> kItalian = {"Sig.", "Sig.ra", "Dott.", "Prof.",
                                                         "Ing.", "Avv.",   "pag.",  "fig."};
constexpr std::initializer_list<const char*> kRussian = {"проф.", "г.", "им.", "ул.", "акад.", "рис.", "стр.", "т. е."};
constexpr std::initializer_list<const char*> kSwahili = {"Bw.", "Bi.", "Dkt.", "Prof.", "Na."};
constexpr Abbreviations kAbbreviations[] = {{"en", kEnglish}, {"pt", kPortuguese}, {"es", kSpanish}, {"fr", kFrench},
                                            {"de", kGerman},  {"it", kItalian},    {"ru", kRussian}, {"sw", kSwahili}};

/// A sentence iterator that knows the abbreviations of a language. Costly to make, so each thread keeps them.
icu::BreakIterator& sentence_iterator(const Language& language) {
  thread_local std::map<std::string, std::unique_ptr<icu::BreakIterator>, std::less<>> iterators;
  const std::string name(language.undetermined() ? "en" : language.primary());
  auto& iterator = iterators[name];
  if (!iterator) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Locale locale(name.c_str());
    std::unique_ptr<icu::BreakIterator> plain(icu::BreakIterator::createSentenceInstance(locale, status));
    if (U_FAILURE(status)) throw Unavailable("ICU has no data for sentence boundaries; install its data package");
    // With CLDR's list for the language, which may be none.
    std::unique_ptr<icu::FilteredBreakIteratorBuilder> builder(
        icu::FilteredBreakIteratorBuilder::createInstance(locale, status));
    if (U_FAILURE(status) || !builder) {
      status = U_ZERO_ERROR;
      builder.reset(icu::FilteredBreakIteratorBuilder::createEmptyInstance(status));
    }
    for (const char* word : kAnywhere) builder->suppressBreakAfter(icu::UnicodeString::fromUTF8(word), status);
    const auto own = std::ranges::find(kAbbreviations, name, &Abbreviations::language);
    if (own != std::end(kAbbreviations)) {
      for (const char* word : own->words) builder->suppressBreakAfter(icu::UnicodeString::fromUTF8(word), status);
    }
    iterator.reset(builder->wrapIteratorWithFilter(plain.release(), status));
    if (!iterator || U_FAILURE(status)) throw Unavailable("ICU cannot find sentence boundaries");
  }
  return *iterator;
}

struct TextCloser {
  void operator()(UText* text) const { utext_close(text); }
};

std::vector<std::size_t> sentence_ends(std::string_view line, const Language& language) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UText, TextCloser> text(
      utext_openUTF8(nullptr, line.data(), static_cast<std::int64_t>(line.size()), &status));
  icu::BreakIterator& iterator = sentence_iterator(language);
  iterator.setText(text.get(), status);
  if (U_FAILURE(status)) throw Unavailable("ICU cannot find sentence boundaries");
  std::vector<std::size_t> ends;
  for (auto end = iterator.next(); end != icu::BreakIterator::DONE; end = iterator.next()) {
    ends.push_back(static_cast<std::size_t>(end));
  }
  if (ends.empty() || ends.back() != line.size()) ends.push_back(line.size());
  return ends;
}

bool is_line_break(char32_t c) { return (c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029; }

bool has_letters(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (u_isalpha(static_cast<UChar32>(next_code_point(text, at)))) return true;
  }
  return false;
}

/// "P. Diddy", "U.N. General Assembly": behind a single capital letter and a full stop a name goes on more often than a
/// sentence begins, and two sentences taken for one are translated better than one that is torn apart.
bool ends_in_initial(std::string_view text) {
  text = trimmed(text, {0, text.size()}).of(text);
  if (!text.ends_with('.')) return false;
  auto at = static_cast<std::int32_t>(text.size() - 1);
  UChar32 letter = 0, before = 0;
  if (at == 0) return false;
  U8_PREV(text.data(), 0, at, letter);
  if (letter < 0 || !u_isupper(letter)) return false;
  if (at == 0) return true;
  U8_PREV(text.data(), 0, at, before);
  return before >= 0 && !u_isalnum(before);
}

/// Pieces that cover a text, given what is to be translated in it.
class Cover {
 public:
  explicit Cover(std::string_view text) : text_(text) {}

  void add(TextRange range) {
    range = trimmed(text_, range);
    if (range.begin == range.end || !has_letters(range.of(text_))) return;
    fill(range.begin);
    pieces_.push_back({range, true});
    end_ = range.end;
  }

  std::vector<TextPiece> finish() {
    fill(text_.size());
    return std::move(pieces_);
  }

 private:
  void fill(std::size_t until) {
    if (until > end_) pieces_.push_back({{end_, until}, false});
    end_ = until;
  }

  std::string_view text_;
  std::vector<TextPiece> pieces_;
  std::size_t end_ = 0;
};

bool writes_spaces(const Language& language) {
  static constexpr std::array kWithout = {"Hans", "Hant", "Hani", "Jpan", "Hira",
                                          "Kana", "Thai", "Laoo", "Khmr", "Mymr"};
  return std::ranges::find(kWithout, language.script()) == kWithout.end();
}

}  // namespace

std::vector<TextPiece> split_sentences(std::string_view text, const Language& language) {
  check_can_be_split(text);
  Cover cover(text);
  std::size_t begin = 0;
  const auto add_line = [&](std::size_t end) {
    const std::string_view line = text.substr(begin, end - begin);
    if (line.empty()) return;
    std::size_t first = 0;
    const auto whole = protected_ranges(line);
    for (const std::size_t sentence_end : sentence_ends(line, language)) {
      // The question mark of an address ends no sentence.
      const auto around = [&](const TextRange& range) {
        return range.begin < sentence_end && sentence_end < range.end;
      };
      if (std::ranges::any_of(whole, around)) continue;
      if (sentence_end < line.size() && ends_in_initial(line.substr(0, sentence_end))) continue;
      cover.add({begin + first, begin + sentence_end});
      first = sentence_end;
    }
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    if (!is_line_break(next_code_point(text, at))) continue;
    add_line(here);
    begin = at;
  }
  add_line(text.size());
  return cover.finish();
}

std::string join_sentences(std::string_view text, std::span<const TextPiece> pieces,
                           std::span<const std::string> translations, const Language& to) {
  const bool spaces = writes_spaces(to);
  std::string joined;
  std::size_t next = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string_view original = pieces[i].range.of(text);
    if (!pieces[i].translate) {
      const bool between = i > 0 && i + 1 < pieces.size() && pieces[i - 1].translate && pieces[i + 1].translate;
      if (spaces || !between || original != " ") joined += original;
      continue;
    }
    if (spaces && i > 0 && pieces[i - 1].translate) joined += ' ';
    joined += translations[next++];
  }
  return joined;
}

std::vector<TextPiece> split_around(std::string_view sentence, std::span<const TextRange> ranges) {
  Cover cover(sentence);
  std::size_t begin = 0;
  for (const TextRange& range : ranges) {
    cover.add({begin, range.begin});
    begin = range.end;
  }
  cover.add({begin, sentence.size()});
  return cover.finish();
}

}  // namespace dragoman
