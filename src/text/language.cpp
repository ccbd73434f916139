#include "dragoman/text/language.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/locid.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

using CodePair = std::pair<std::string_view, std::string_view>;

/// Where CLDR's aliases, which ICU applies, do not give the code that corpora and models use.
constexpr std::array<CodePair, 4> kAliases = {{
    {"fil", "tl"},  // CLDR prefers Filipino; test collections and models say Tagalog, and it is shorter.
    {"pbt", "ps"},  // Southern Pashto is what FLORES has for Pashto.
    {"pbu", "ps"},  // Northern Pashto.
    {"pst", "ps"},  // Central Pashto.
}};

/// Scripts of languages that CLDR's likely subtags do not know, all of them FLORES languages.
constexpr std::array<CodePair, 9> kScripts = {{
    {"acm", "Arab"},
    {"acq", "Arab"},
    {"ajp", "Arab"},
    {"azb", "Arab"},
    {"cjk", "Latn"},
    {"crh", "Latn"},  // CLDR says Cyrl, in spite of the official orthography of 1997.
    {"din", "Latn"},
    {"lus", "Latn"},
    {"quy", "Latn"},
}};

template <std::size_t size>
std::string_view lookup(const std::array<CodePair, size>& pairs, std::string_view code) {
  const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const CodePair& pair) { return pair.first == code; });
  return found == pairs.end() ? std::string_view{} : found->second;
}

struct Subtags {
  std::string language, script, region;
};

/// Takes apart a tag that this file has made.
Subtags split(std::string_view tag) {
  Subtags parts;
  for (std::size_t begin = 0; begin < tag.size();) {
    const std::size_t end = std::min(tag.find('-', begin), tag.size());
    const std::string_view part = tag.substr(begin, end - begin);
    (begin == 0 ? parts.language : part.size() == 4 ? parts.script : parts.region) = part;
    begin = end + 1;
  }
  return parts;
}

/// The script a language is written in where nothing else is said; empty if unknown.
std::string likely_script(const std::string& language, const std::string& region) {
  if (language == "und") return {};
  if (const auto script = lookup(kScripts, language); !script.empty()) return std::string(script);
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale(language.c_str(), region.c_str());
  locale.addLikelySubtags(status);
  return U_SUCCESS(status) ? locale.getScript() : "";
}

/// "Kore" is Hangul with Han and "Jpan" kana with Han; FLORES and users write Hang, and some Hira or Kana.
bool part_of(std::string_view script, std::string_view whole) {
  return script == whole || (whole == "Kore" && script == "Hang") ||
         (whole == "Jpan" && (script == "Hira" || script == "Kana" || script == "Hrkt"));
}

[[noreturn]] void reject(std::string_view tag) {
  throw InvalidArgument(fmt::format(
      "'{}' is not a language tag; legal ones look like en, eng, pt-BR, zh-Hant, eng_Latn or und", printable(tag, 40)));
}

}  // namespace

Language Language::parse(std::string_view tag) {
  std::string bcp47(tag);
  std::replace(bcp47.begin(), bcp47.end(), '_', '-');
  // BCP-47 reserves primary subtags of four letters and has none of five to eight: such a word ("english") is a
  // mistake. A leading "x-" or "i-" is a private or grandfathered tag, which ICU resolves.
  if (const std::size_t primary = std::min(bcp47.find('-'), bcp47.size()); primary == 0 || primary > 3) reject(tag);
  UErrorCode status = U_ZERO_ERROR;
  std::array<char, ULOC_FULLNAME_CAPACITY> name{};
  std::int32_t parsed = 0;
  // The length is checked because ICU stops in silence at the first subtag that it cannot read.
  uloc_forLanguageTag(bcp47.c_str(), name.data(), static_cast<std::int32_t>(name.size()), &parsed, &status);
  if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING ||
      static_cast<std::size_t>(parsed) != bcp47.size() || bcp47.size() != tag.size()) {
    reject(tag);
  }
  icu::Locale locale(name.data());
  locale.canonicalize(status);  // deu -> de, arb -> ar, cmn -> zh, iw -> he: CLDR's aliases.
  if (U_FAILURE(status) || locale.isBogus()) reject(tag);

  Subtags parts{locale.getLanguage(), locale.getScript(), locale.getCountry()};
  if (parts.language.empty()) parts.language = "und";
  if (const auto alias = lookup(kAliases, parts.language); !alias.empty()) parts.language = alias;
  if (const auto likely = likely_script(parts.language, parts.region);
      !parts.script.empty() && part_of(parts.script, likely)) {
    parts.script.clear();
  }
  Language language;
  language.tag_ = std::move(parts.language);
  if (!parts.script.empty()) language.tag_ += "-" + parts.script;
  if (!parts.region.empty()) language.tag_ += "-" + parts.region;
  return language;
}

std::string_view Language::primary() const { return std::string_view(tag_).substr(0, tag_.find('-')); }

std::string Language::iso_639_3() const {
  const std::string code = uloc_getISO3Language(std::string(primary()).c_str());
  return code.empty() ? std::string(primary()) : code;
}

std::string Language::script() const {
  const Subtags parts = split(tag_);
  return parts.script.empty() ? likely_script(parts.language, parts.region) : parts.script;
}

bool matches(const Language& wanted, const Language& document) {
  if (wanted.primary() != document.primary()) return false;
  const Subtags parts = split(wanted.tag());
  if (!parts.script.empty() && parts.script != document.script()) return false;
  return parts.region.empty() || parts.region == split(document.tag()).region;
}

bool same_written_language(const Language& a, const Language& b) {
  return a.primary() == b.primary() && a.script() == b.script();
}

}  // namespace dragoman
