#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "dragoman/text/analyzer.h"
#include "dragoman/translate/learn_table.h"
#include "dragoman/translate/translation_table.h"
#include "translate/bitext.h"

namespace dragoman {

/// Makes both directions' tables of a lexicon. Entries are made words by the analyser, so that inflected forms find
/// them as they find documents.
///
/// An entry of one word says what that word means. One of several ("give up") says it of each of them, and is listened
/// to for words that no entry has alone. A translation of several words shares its weight among them.
class LexiconTable {
 public:
  explicit LexiconTable(LexiconWeights weights) : weights_(weights) {}

  /// @param source, target  the entry's sides as words of documents, none empty; characters within pairs of them left
  /// out.
  /// @param weight          what the lexicon says it counts, if it does.
  void add(std::span<const Token> source, std::string_view source_text, std::span<const Token> target,
           std::string_view target_text, std::optional<double> weight);

  /// Weights of each row, before pruning.
  TableContent forward() const { return content(forward_, source_words_, target_words_); }
  TableContent backward() const { return content(backward_, target_words_, source_words_); }

 private:
  struct Row {
    std::unordered_map<std::uint32_t, double> alone, among_others;
  };
  static void count(std::vector<Row>& rows, std::span<const std::uint32_t> from, std::span<const std::uint32_t> to,
                    double weight);
  static TableContent content(const std::vector<Row>& rows, const Vocabulary& sources, const Vocabulary& targets);

  LexiconWeights weights_;
  Vocabulary source_words_, target_words_;
  std::vector<Row> forward_, backward_;
};

}  // namespace dragoman
