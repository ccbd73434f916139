#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/analyzer.h"
#include "dragoman/translate/table_set.h"
#include "dragoman/translate/translator.h"

namespace dragoman {

/// Word by word: each word that the pair's table knows becomes its most probable translation, as that is most often
/// written. Everything else, words that the table does not know too, stays as it is, and so do addresses, tags and code
/// (protected_ranges()); a text with letters of which it knows no word has no translation. It glosses, which is enough
/// to see what a text is about; it makes no sentences.
///
/// Thread-safe.
class LexiconTranslator final : public Translator {
 public:
  /// @param analyzer of the tables' words. @throws InvalidData if a table's words were made by another.
  LexiconTranslator(std::shared_ptr<const TableSet> tables, std::shared_ptr<const Analyzer> analyzer);

  std::string_view name() const override { return "lexicon"; }
  const std::string& stamp() const override { return stamp_; }
  bool serves(const Language& from, const Language& to) const override;
  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override;

 private:
  std::optional<std::string> say(const TranslationTable& table, std::string_view line, const Language& from) const;

  std::shared_ptr<const TableSet> tables_;
  std::shared_ptr<const Analyzer> analyzer_;
  std::string stamp_;
};

/// A text with glosses: behind each word that the table knows its most probable translation, "maji [water] ni moto
/// [hot]". None if it knows no word. @throws InvalidData if the table's words were made by another analyser.
std::optional<std::string> gloss(const TranslationTable& table, const Analyzer& analyzer, std::string_view text,
                                 const Language& from);

}  // namespace dragoman
