#include "translate/by_sentence.h"

#include "dragoman/translate/sentences.h"

namespace dragoman {
namespace {

std::vector<TextPiece> split_lines(std::string_view text) {
  std::vector<TextRange> breaks;
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) breaks.push_back({at, at + 1});
  return split_around(text, breaks);
}

/// Where to cut a sentence that has more than `most` bytes.
std::size_t best_cut(std::string_view sentence, std::size_t most) {
  constexpr std::string_view kClauseEnds = ",;:)";
  std::size_t at_word = 0;
  for (std::size_t at = most; at > most / 2; --at) {
    if (sentence[at] != ' ') continue;
    if (kClauseEnds.find(sentence[at - 1]) != kClauseEnds.npos) return at;
    if (at_word == 0) at_word = at;
  }
  if (at_word != 0) return at_word;
  std::size_t at = most;
  while (at > 1 && (static_cast<unsigned char>(sentence[at]) & 0xC0) == 0x80) --at;
  return at;
}

/// The same pieces, none of those to be translated longer than `most` bytes. What is protected is not cut in two: where
/// it begins a part it is one for itself, which nobody translates.
std::vector<TextPiece> cut_long(std::vector<TextPiece> pieces, std::string_view text,
                                const BySentenceOptions& options) {
  const std::size_t most = options.most_bytes;
  std::vector<TextPiece> cut;
  for (TextPiece piece : pieces) {
    std::vector<TextRange> whole;  // Seen from the beginning of the text.
    const std::size_t start = piece.range.begin;
    if (options.protect && piece.translate && piece.range.end - start > most) {
      for (const TextRange& range : protected_ranges(piece.range.of(text))) {
        whole.push_back({start + range.begin, start + range.end});
      }
    }
    std::size_t next = 0;  // Of those, the first that does not lie before the piece.
    while (piece.translate && piece.range.end - piece.range.begin > most) {
      std::size_t at = piece.range.begin + best_cut(piece.range.of(text), most);
      while (next < whole.size() && whole[next].end <= at) ++next;
      if (next < whole.size() && whole[next].begin < at) {
        at = whole[next].begin;
        if (at == piece.range.begin) {
          cut.push_back({whole[next], false});
          piece.range.begin = whole[next].end;
          continue;
        }
      }
      cut.push_back({{piece.range.begin, at}, true});
      piece.range.begin = at;
      if (text[at] != ' ') continue;
      cut.push_back({{at, at + 1}, false});
      piece.range.begin = at + 1;
    }
    if (piece.range.begin < piece.range.end) cut.push_back(piece);
  }
  return cut;
}

/// Says sentences, and once more around what must not be lost where a translation lost some of it.
std::vector<std::optional<std::string>> say_protected(std::span<const std::string_view> sentences,
                                                      const SaySentences& say) {
  auto said = say(sentences);
  struct Again {
    std::size_t sentence;
    std::vector<TextPiece> pieces;
  };
  std::vector<Again> again;
  std::vector<std::string_view> fragments;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (!said[i]) continue;
    const auto ranges = protected_ranges(sentences[i]);
    if (ranges.empty() || keeps_protected(sentences[i], ranges, *said[i])) continue;
    again.push_back({i, split_around(sentences[i], ranges)});
    for (const TextPiece& piece : again.back().pieces) {
      if (piece.translate) fragments.push_back(piece.range.of(sentences[i]));
    }
  }
  if (again.empty()) return said;
  const auto fragments_said = say(fragments);
  std::size_t next = 0;
  for (const Again& one : again) {
    std::string joined;
    for (const TextPiece& piece : one.pieces) {
      const std::string original(piece.range.of(sentences[one.sentence]));
      joined += piece.translate ? fragments_said[next++].value_or(original) : original;
    }
    said[one.sentence] = std::move(joined);
  }
  return said;
}

}  // namespace

std::vector<std::optional<std::string>> translate_by_sentence(std::span<const std::string> texts, const Language& from,
                                                              const Language& to, const BySentenceOptions& options,
                                                              const SaySentences& say) {
  std::vector<std::vector<TextPiece>> pieces;
  std::vector<std::string_view> sentences;
  for (const std::string& text : texts) {
    pieces.push_back(options.split ? split_sentences(text, from) : split_lines(text));
    if (options.most_bytes > 0) pieces.back() = cut_long(std::move(pieces.back()), text, options);
    for (const TextPiece& piece : pieces.back()) {
      if (piece.translate) sentences.push_back(piece.range.of(text));
    }
  }
  const auto said = options.protect ? say_protected(sentences, say) : say(sentences);

  std::vector<std::optional<std::string>> translations;
  std::size_t next = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::vector<std::string> of_text;
    std::size_t known = 0;
    for (const TextPiece& piece : pieces[i]) {
      if (!piece.translate) continue;
      const auto& one = said[next++];
      known += one.has_value();
      of_text.push_back(one.value_or(std::string(piece.range.of(texts[i]))));
    }
    if (!of_text.empty() && known == 0) {
      translations.emplace_back();
    } else {
      translations.emplace_back(join_sentences(texts[i], pieces[i], of_text, to));
    }
  }
  return translations;
}

}  // namespace dragoman
