#include "dragoman/translate/lexicon_translator.h"

#include "translate/bitext.h"

namespace dragoman {

LexiconTranslator::LexiconTranslator(std::shared_ptr<const TableSet> tables, std::shared_ptr<const Analyzer> analyzer)
    : tables_(std::move(tables)), analyzer_(std::move(analyzer)) {
  const std::string version = analyzer_->version();
  for (const auto& table : tables_->tables()) {
    table->require_analyzer(version);
    stamp_ += (stamp_.empty() ? "" : " ") + table->stamp();
  }
}

bool LexiconTranslator::serves(const Language& from, const Language& to) const {
  return tables_->find(from, to) != nullptr;
}

std::vector<std::optional<std::string>> LexiconTranslator::translate(std::span<const std::string> texts,
                                                                     const Language& from, const Language& to) {
  require_pair(*this, from, to);
  const auto table = tables_->find(from, to);
  std::vector<std::optional<std::string>> translations;
  for (const std::string& text : texts) {
    std::vector<Token> known;
    for (Token& word : analyzer_->analyze(text, from)) {
      if (!table->find(word.text).empty()) known.push_back(std::move(word));
    }
    std::string translation;
    std::size_t end = 0;  // Of the original, as far as it was gone over.
    for (const Token& word : without_parts(std::move(known))) {
      if (word.begin < end) continue;  // A pair of characters that begins within the one before.
      translation += text.substr(end, word.begin - end);
      translation += table->find(word.text)[0].written;
      end = word.end;
    }
    if (end == 0 && !text.empty()) {
      translations.emplace_back(std::nullopt);
      continue;
    }
    translations.push_back(translation + text.substr(end));
  }
  return translations;
}

}  // namespace dragoman
