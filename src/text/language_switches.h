#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/language_identifier.h"
#include "dragoman/text/script.h"

namespace dragoman {

/// Finds what is in other languages in a text whose language is known: code switching, quotations, translations side by
/// side. Most texts have nothing of the kind, and are read at about the speed of telling their language; only where a
/// run of words looks foreign is it told word by word where it begins and ends.
///
/// Thread-safe. The same text gives the same answer everywhere.
class LanguageSwitches {
 public:
  /// Numbers languages; those with the same number are not told apart.
  using Kind = std::function<std::size_t(const Language&)>;

  /// @param identifier without a model only foreign scripts are found, if they tell their language.
  LanguageSwitches(std::shared_ptr<const LanguageIdentifier> identifier, Kind kind);

  /// Parts of a text in `language` that are in one of another kind with a belief of more than three quarters, in
  /// ascending order. Within its own script a language is told from others only if the model knows it.
  std::vector<LanguageSpan> find(std::string_view text, const Language& language) const;

 private:
  /// What is known of a script before any text is seen.
  struct KnownScript {
    std::vector<std::size_t> kinds;  ///< By number of the candidate.
    bool of_one_kind = false;
  };

  void find_in(std::string_view text, const ScriptSpan& span, const Language& own,
               std::vector<LanguageSpan>& found) const;
  /// Parts of a span in which `own` may not be the language.
  std::vector<TextRange> doubtful_parts(std::string_view text, const ScriptSpan& span, const KnownScript& known,
                                        std::size_t own_kind) const;
  void split(std::string_view text, const ScriptSpan& span, const Language& own, std::size_t own_kind,
             std::vector<LanguageSpan>& found) const;

  std::shared_ptr<const LanguageIdentifier> identifier_;
  Kind kind_;
  std::map<std::string, KnownScript, std::less<>> scripts_;
};

}  // namespace dragoman
