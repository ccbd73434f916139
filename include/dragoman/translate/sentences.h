#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/language.h"
#include "dragoman/text/passages.h"

namespace dragoman {

/// A piece of a text on its way through a translator.
struct TextPiece {
  TextRange range;
  bool translate = false;  ///< A sentence; else spaces, line breaks, or what has no letters, which stay as they are.
};

/// Cuts a text into sentences and what lies between them; the pieces cover the text. Line breaks always end a sentence.
/// Within a line sentences end where Unicode's UAX #29 says so (ICU), but not behind an abbreviation that CLDR or our
/// own list has for the language, nor behind an initial ("Mr.", "z. B.", "Sr."), nor within what is protected (see
/// below). A sentence begins and ends with something visible.
/// @param text well-formed UTF-8, up to 2 GiB. An empty one has no pieces.
/// @throws InvalidArgument if it is longer; Unavailable if ICU has no data. O(bytes). Thread-safe.
std::vector<TextPiece> split_sentences(std::string_view text, const Language& language);

/// The text with its sentences replaced; all else stays, but for the space between two sentences of a line: where the
/// language translated to writes spaces and the text has none there, one is put; where it writes none ("zh", "ja",
/// "th"), one that is there is left out.
/// @param translations one for each piece that is to be translated, in order.
std::string join_sentences(std::string_view text, std::span<const TextPiece> pieces,
                           std::span<const std::string> translations, const Language& to);

/// What must come through a translation letter by letter: addresses of the web and of mail, markup tags and character
/// entities, code between backquotes, and numbers of three digits or more. Ascending, disjoint. O(bytes).
std::vector<TextRange> protected_ranges(std::string_view sentence);

/// Whether all that is protected in a sentence is found in its translation, as often as in the sentence. Of a number
/// the digits count, not what stands between them, which languages write differently ("1,250.5" and "1.250,5").
bool keeps_protected(std::string_view sentence, std::span<const TextRange> ranges, std::string_view translation);

/// The parts of a sentence before, between and behind its protected ranges, for translation one by one where a
/// translation of the whole lost some; the pieces cover the sentence.
std::vector<TextPiece> split_around(std::string_view sentence, std::span<const TextRange> ranges);

}  // namespace dragoman
