#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/analyzer.h"
#include "text/analysis/pipeline.h"
#include "text/analysis/segments.h"
#include "text/analysis/word_cache.h"

namespace dragoman {

/// One analysis of one text by one pipeline.
class Tokenizer {
 public:
  /// Appends to `tokens`, with ranges moved by `offset`. All must outlive it.
  Tokenizer(const Pipeline& pipeline, std::string_view text, std::size_t offset, std::vector<Token>& tokens);

  void run();

 private:
  struct CjkCharacter {
    std::size_t begin, end;    // In the text.
    std::size_t folded_begin;  // In folded_run_.
    bool alone;                // Folded by itself: surely one token.
  };

  void cut_segment(std::size_t begin, std::size_t end);
  std::size_t cluster_end(std::size_t at, std::size_t end) const;
  void add_trimmed(std::size_t begin, std::size_t end);
  void add_word(std::size_t begin, std::size_t end);
  void add_camel_case_parts(std::size_t begin, std::size_t end);
  void add_folded(std::string_view folded, std::size_t begin, std::size_t end);
  void add_index_word(std::string_view word, std::size_t begin, std::size_t end);
  void add_cjk(std::size_t begin, std::size_t end);
  void flush_cjk();
  bool fold(std::string_view word, std::string& out) const;

  const Pipeline& pipeline_;
  std::string_view text_;
  std::size_t offset_;
  std::vector<Token>& tokens_;
  const CharacterTable& characters_;
  WordCache& cache_;
  std::string word_;               // In work.
  std::vector<CjkCharacter> run_;  // Neighbouring characters that wait for the end of their run.
  std::string folded_run_;
};

}  // namespace dragoman
