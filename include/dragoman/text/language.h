#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace dragoman {

/// A BCP-47 language tag with a script where it matters: "en", "zh-Hant", "ur-Latn", "und-Cyrl" (script known, language
/// not), "und". Accepts ISO 639-1 and 639-3 ("deu"), BCP-47 ("pt-BR"), FLORES ("eng_Latn") and MTEB ("eng-Latn");
/// prints BCP-47 with the shortest code, and without a script that the language is written in anyway ("eng_Latn" is
/// "en", "arb_Arab" is "ar", "cmn_Hans" is "zh"). A region is kept ("pt-BR"); variants and extensions are dropped.
/// Which individual languages count as a larger one is CLDR's judgement ("prs" is "fa-AF", "twi" is "ak").
class Language {
 public:
  /// "und", the undetermined language.
  Language() = default;

  /// @throws InvalidArgument if `tag` is not a well-formed tag of any accepted kind.
  static Language parse(std::string_view tag);

  const std::string& tag() const { return tag_; }
  /// Primary subtag: "zh" of "zh-Hant".
  std::string_view primary() const;
  /// Three-letter code of the primary subtag: "deu" of "de", "zho" of "zh-Hant", "und".
  std::string iso_639_3() const;
  /// Four-letter script, written or implied: "Latn" of "en", "Hant" of "zh-TW", "Kore" of "ko"; empty if unknown.
  std::string script() const;
  bool undetermined() const { return primary() == "und"; }

  auto operator<=>(const Language&) const = default;

 private:
  std::string tag_ = "und";
};

/// Does `document` satisfy a user who asked for `wanted`? The primary subtags must agree, and so must the region and
/// the script where `wanted` names them: "zh" takes "zh-Hant", "zh-Hant" does not take "zh".
bool matches(const Language& wanted, const Language& document);

/// Do two languages agree but for their region?
bool same_written_language(const Language& a, const Language& b);

/// What the writing tells. A script that one living language dominates gives that language (Hangul "ko", kana "ja",
/// Thai "th", Greek "el", Han without kana "zh"); any other gives "und-Latn", "und-Cyrl", "und-Deva" ...; a text
/// without letters gives "und". `confidence` is the share of letters in the deciding script, never above 0.9 for a
/// guessed language. Deterministic, thread-safe, O(bytes), looks at the first 64 KiB.
struct LanguageGuess {
  Language language;
  float confidence = 0;  ///< In [0, 1].
};
LanguageGuess identify_language(std::string_view text);

}  // namespace dragoman
