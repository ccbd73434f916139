#include "text/analysis/tokenizer.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "dragoman/base/utf8.h"
#include "text/icu.h"

namespace dragoman {
namespace {

/// A character of Chinese or Japanese with its marks, at most; more is an attack.
constexpr std::size_t kMaxClusterBytes = 64;

/// About what European text has; a wrong guess costs a reallocation.
constexpr std::size_t kBytesPerToken = 7;

WordCache& cache_of_this_thread() {
  thread_local WordCache cache;
  return cache;
}

bool is_single_hiragana(std::string_view word) {
  std::size_t at = 0;
  const char32_t code_point = next_code_point(word, at);
  return at == word.size() && code_point >= 0x3041 && code_point <= 0x3096;
}

}  // namespace

Tokenizer::Tokenizer(const Pipeline& pipeline, std::string_view text, std::size_t offset, std::vector<Token>& tokens)
    : pipeline_(pipeline),
      text_(text),
      offset_(offset),
      tokens_(tokens),
      characters_(pipeline.folder_->characters()),
      cache_(cache_of_this_thread()) {
  tokens_.reserve(tokens_.size() + text.size() / kBytesPerToken + 1);
}

void Tokenizer::run() {
  Segmenter segments(text_, characters_);
  for (Segment segment; segments.next(segment);) {
    if ((segment.flags & Character::content) == 0) continue;
    constexpr int kToBeCut = Character::apostrophe | Character::cjk;
    if (segment.trimmed && (segment.flags & kToBeCut) == 0 && segment.end - segment.begin <= Analyzer::kMaxTokenBytes) {
      if (!run_.empty()) flush_cjk();
      add_word(segment.begin, segment.end);
    } else {
      cut_segment(segment.begin, segment.end);
    }
  }
  flush_cjk();
}

void Tokenizer::cut_segment(std::size_t begin, std::size_t end) {
  std::size_t word_begin = begin;
  std::size_t safe_cut = begin;  // Last place inside the word where no mark follows.
  for (std::size_t at = begin; at < end;) {
    const std::size_t here = at;
    const Character& character = characters_.of(next_code_point(text_, at));
    if (character.is(Character::apostrophe)) {
      add_trimmed(word_begin, here);
      word_begin = safe_cut = at;
    } else if (character.is(Character::cjk)) {
      add_trimmed(word_begin, here);
      at = cluster_end(at, end);
      add_cjk(here, at);
      word_begin = safe_cut = at;
    } else {
      if (!character.is(Character::extends)) safe_cut = here;
      if (at - word_begin > Analyzer::kMaxTokenBytes) {
        const std::size_t cut = safe_cut > word_begin ? safe_cut : here;
        add_trimmed(word_begin, cut);
        word_begin = safe_cut = cut;
      }
    }
  }
  add_trimmed(word_begin, end);
}

std::size_t Tokenizer::cluster_end(std::size_t at, std::size_t end) const {
  const std::size_t limit = at + kMaxClusterBytes;
  while (at < end && at < limit) {
    std::size_t next = at;
    if (!characters_.of(next_code_point(text_, next)).is(Character::extends)) break;
    at = next;
  }
  return at;
}

/// White space and punctuation are dropped, and also trimmed: "__init__".
void Tokenizer::add_trimmed(std::size_t begin, std::size_t end) {
  std::size_t first = end, last = begin;
  for (std::size_t at = begin; at < end;) {
    const std::size_t here = at;
    if (!characters_.of(next_code_point(text_, at)).is(Character::content)) continue;
    first = std::min(first, here);
    last = at;
  }
  if (first >= last) return;
  flush_cjk();
  add_word(first, last);
}

bool Tokenizer::fold(std::string_view word, std::string& out) const { return pipeline_.folder_->fold(word, out); }

void Tokenizer::add_word(std::size_t begin, std::size_t end) {
  const std::string_view word = text_.substr(begin, end - begin);
  if (pipeline_.remembers_) {
    const std::string_view known = cache_.find(pipeline_.id_, word);
    if (known.data() != nullptr) {
      add_index_word(known, begin, end);
      return;
    }
  }
  word_.clear();
  const bool one_token = fold(word, word_) && word_.size() <= Analyzer::kMaxTokenBytes;
  if (!one_token || pipeline_.options_.decompounder != nullptr) {
    const std::string folded = std::move(word_);
    add_folded(folded, begin, end);
  } else {
    pipeline_.finish(word_);
    if (pipeline_.remembers_) cache_.keep(pipeline_.id_, word, word_);
    add_index_word(word_, begin, end);
  }
  if (pipeline_.options_.camel_case) add_camel_case_parts(begin, end);
}

/// "XMLParser" is also "xml" and "parser", "camelCase" also "camel" and "case".
void Tokenizer::add_camel_case_parts(std::size_t begin, std::size_t end) {
  std::vector<std::size_t> cuts = {begin};
  bool lower_before = false, upper_before = false;
  std::size_t previous = begin;
  for (std::size_t at = begin; at < end;) {
    const std::size_t here = at;
    const auto code_point = static_cast<UChar32>(next_code_point(text_, at));
    const bool upper = u_isUUppercase(code_point), lower = u_isULowercase(code_point);
    if (upper && lower_before) cuts.push_back(here);
    if (lower && upper_before && previous != cuts.back()) cuts.push_back(previous);
    lower_before = lower;
    upper_before = upper;
    previous = here;
  }
  if (cuts.size() == 1) return;
  cuts.push_back(end);
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    std::string folded;
    fold(text_.substr(cuts[i], cuts[i + 1] - cuts[i]), folded);
    add_folded(folded, cuts[i], cuts[i + 1]);
  }
}

/// Normalisation may lengthen a word, and make several of one (U+FDFA is a phrase of four).
void Tokenizer::add_folded(std::string_view folded, std::size_t begin, std::size_t end) {
  const auto add = [&](std::string_view part) {
    std::string word(part);
    pipeline_.finish(word);
    add_index_word(word, begin, end);
  };
  std::size_t word_begin = 0;
  const auto add_until = [&](std::size_t word_end) {
    std::string_view word = folded.substr(word_begin, word_end - word_begin);
    while (!word.empty()) {
      const std::string_view piece = utf8_prefix(word, Analyzer::kMaxTokenBytes);
      add(piece);
      if (pipeline_.options_.decompounder != nullptr) {
        for (const std::string& part : pipeline_.options_.decompounder->parts(piece)) add(part);
      }
      word.remove_prefix(piece.size());
    }
  };
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t here = at;
    if (!parts_tokens(next_code_point(folded, at))) continue;
    add_until(here);
    word_begin = at;
  }
  add_until(folded.size());
}

void Tokenizer::add_index_word(std::string_view word, std::size_t begin, std::size_t end) {
  if (word.empty()) return;
  if (pipeline_.rules_->stemming == Stemming::ngrams && pipeline_.cuts(word)) {
    for (const std::string_view part : character_ngrams(word, pipeline_.rules_->letters)) {
      tokens_.push_back({std::string(part), offset_ + begin, offset_ + end});
    }
    return;
  }
  tokens_.push_back({std::string(word), offset_ + begin, offset_ + end});
}

void Tokenizer::add_cjk(std::size_t begin, std::size_t end) {
  if (!run_.empty() && run_.back().end != begin) flush_cjk();
  const std::size_t folded_begin = folded_run_.size();
  const bool alone = fold(text_.substr(begin, end - begin), folded_run_);
  if (folded_run_.size() != folded_begin) run_.push_back({begin, end, folded_begin, alone});
}

/// Every character, and every two neighbours. ICU's dictionary cuts the same name one way in a question and another
/// way in a sentence, and then nothing matches. nDCG@10 of BM25, dictionary words / pairs / both / characters and
/// pairs: Chinese XQuAD .963 / .967 / .966 / .967, XQuAD-R .830 / .822 / .835 / .839, news headlines .911 / .913 /
/// .917 / .915, Japanese headlines .911 / .917 / .917 / .923. Thai is better off with the dictionary (XQuAD .968,
/// pairs .960), and so Lao, Khmer and Burmese keep it, too.
void Tokenizer::flush_cjk() {
  const auto add = [&](std::string_view folded, std::size_t begin, std::size_t end, bool one_token) {
    if (one_token) {
      tokens_.push_back({std::string(folded), offset_ + begin, offset_ + end});
    } else {
      add_folded(folded, begin, end);
    }
  };
  const std::string_view folded = folded_run_;
  for (std::size_t i = 0; i < run_.size(); ++i) {
    const CjkCharacter& character = run_[i];
    const bool last = i + 1 == run_.size();
    const std::size_t folded_end = last ? folded.size() : run_[i + 1].folded_begin;
    const auto single = folded.substr(character.folded_begin, folded_end - character.folded_begin);
    if (!pipeline_.rules_->drop_single_kana || !is_single_hiragana(single)) {
      add(single, character.begin, character.end, character.alone);
    }
    if (last) break;
    const CjkCharacter& next = run_[i + 1];
    const std::size_t pair_end = i + 2 == run_.size() ? folded.size() : run_[i + 2].folded_begin;
    add(folded.substr(character.folded_begin, pair_end - character.folded_begin), character.begin, next.end,
        character.alone && next.alone);
  }
  run_.clear();
  folded_run_.clear();
}

}  // namespace dragoman
