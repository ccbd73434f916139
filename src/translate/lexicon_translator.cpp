#include "dragoman/translate/lexicon_translator.h"

#include "dragoman/translate/sentences.h"
#include "translate/bitext.h"
#include "translate/by_sentence.h"

namespace dragoman {
namespace {

/// Words of a text that a table knows, none within another, nor within an address, a tag or code.
std::vector<Token> known_words(const TranslationTable& table, const Analyzer& analyzer, std::string_view text,
                               const Language& from) {
  std::vector<Token> known, apart;
  for (Token& word : analyzer.analyze(text, from)) {
    if (!table.find(word.text).empty()) known.push_back(std::move(word));
  }
  const auto kept = protected_ranges(text);
  auto range = kept.begin();
  for (Token& word : without_parts(std::move(known))) {
    // A pair of characters that begins within the one before.
    if (!apart.empty() && word.begin < apart.back().end) continue;
    while (range != kept.end() && range->end <= word.begin) ++range;
    if (range == kept.end() || range->begin >= word.end) apart.push_back(std::move(word));
  }
  return apart;
}

}  // namespace

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
  // Nothing can be lost: what is protected is not touched.
  const BySentenceOptions by_line{.split = false, .protect = false};
  return translate_by_sentence(texts, from, to, by_line, [&](std::span<const std::string_view> lines) {
    std::vector<std::optional<std::string>> said;
    for (const std::string_view line : lines) said.push_back(say(*table, line, from));
    return said;
  });
}

std::optional<std::string> LexiconTranslator::say(const TranslationTable& table, std::string_view line,
                                                  const Language& from) const {
  std::string translation;
  std::size_t end = 0;  // Of the line, as far as it was gone over.
  for (const Token& word : known_words(table, *analyzer_, line, from)) {
    translation += line.substr(end, word.begin - end);
    translation += table.find(word.text)[0].written;
    end = word.end;
  }
  if (end == 0) return std::nullopt;
  translation += line.substr(end);
  return translation;
}

std::optional<std::string> gloss(const TranslationTable& table, const Analyzer& analyzer, std::string_view text,
                                 const Language& from) {
  table.require_analyzer(analyzer.version());
  std::string glossed;
  std::size_t end = 0;
  for (const Token& word : known_words(table, analyzer, text, from)) {
    glossed += text.substr(end, word.end - end);
    ((glossed += " [") += table.find(word.text)[0].written) += ']';
    end = word.end;
  }
  if (end == 0) return std::nullopt;
  glossed += text.substr(end);
  return glossed;
}

}  // namespace dragoman
