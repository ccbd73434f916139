#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/analyzer.h"

namespace dragoman {

/// Where each token stands, counted in words from 0: a token that begins where the one before it begins stands beside
/// it, any other behind it. So the n-grams of a word and the parts of a compound are at the word's own place, and of
/// Chinese and Japanese text each character is a place, with the pair that begins there beside it. What the analyser
/// drops (punctuation) leaves no gap.
std::vector<std::uint32_t> token_positions(std::span<const Token> tokens);

/// A word of a phrase, and its place in it.
struct PhraseTerm {
  std::string text;
  std::uint32_t position = 0;

  bool operator==(const PhraseTerm&) const = default;
  auto operator<=>(const PhraseTerm&) const = default;
};

/// One way to write a phrase in index words, in ascending order of positions, which begin at 0.
using PhraseForm = std::vector<PhraseTerm>;

/// Words that a document must have side by side.
///
/// Words of one place in the phrase must stand at one position. Let s(i) be a position where those of place i stand,
/// less i. The phrase stands where s does not descend from place to place, and the last is at most `slop` above the
/// first: with slop 0, all words are where the phrase has them; beyond, so many words altogether may stand in between.
/// Words never change their order. Its frequency counts from the beginning of the document: each time, every word
/// takes the first possible position, and none that was taken before. So it is at most the frequency of any of its
/// words.
struct Phrase {
  /// A document must have one of these; its frequency is that of the form that it has most often. Documents in other
  /// languages have other forms of the same words.
  std::vector<PhraseForm> forms;
  std::uint32_t slop = 0;
};

/// The form that tokens of one analysis make.
PhraseForm phrase_form(std::span<const Token> tokens);

/// A part of a query in quotes.
struct QuotedText {
  std::string text;
  std::uint32_t slop = 0;

  bool operator==(const QuotedText&) const = default;
};

/// A query with its quotes taken out of it.
struct QuotedQuery {
  std::string text;  ///< All of it, with a space for each quote of a pair, and for a slop.
  std::vector<QuotedText> phrases;
};

/// Finds what stands in quotes: "…" “…” „…“ „…” «…» »…« ‹…› 「…」 『…』 ＂…＂. A quote without its partner is text like
/// any other, and so are apostrophes and single quotes, which stand in words. ~N behind the closing quote is the slop,
/// at most 1000: "red bicycle"~2. A pair with nothing but white space in it is no phrase.
QuotedQuery parse_quotes(std::string_view query);

}  // namespace dragoman
