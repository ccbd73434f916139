#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/evaluate/run_file.h"

namespace dragoman {

/// Query id -> its right answers, as they may stand in a text. "yes" and "no" are no such answers and do not count.
using Answers = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Text of a document, by id.
using TextOf = std::function<std::string(const std::string& document_id)>;

struct AnswerRecallOptions {
  std::size_t max_tokens = 5000;  ///< How much of the texts is read, from 1; 2,000 for R@2kt, 5,000 for R@5kt.
};

struct AnswerRecall {
  std::map<std::string, bool, std::less<>> found;  ///< Of each query with an answer: does it stand in what was read?
  double recall = 0;                               ///< Share of them; NaN if there is none.
};

/// Does one of the answers stand in the first tokens of these texts, read one after another?
///
/// A token is what lies between two word boundaries of UAX #29 and is no white space: a word, a number, each
/// punctuation mark; Chinese, Japanese and Thai are cut by ICU's dictionaries. What is read are the texts up to the
/// last token that counts, with one space between texts and for every run of white space; an answer, its white space
/// alike, must be part of that, character by character.
///
/// @throws InvalidArgument if max_tokens is 0.
///
/// O(bytes read * answers) time.
bool contains_answer(std::span<const std::string> texts, std::span<const std::string> answers,
                     const AnswerRecallOptions& options = {});

/// R@2kt and R@5kt of XOR-Retrieve: the share of questions whose answer stands in the first 2,000 or 5,000 tokens of
/// what was retrieved, however it is cut into passages. A query without a ranking counts 0; one without answers but
/// "yes" and "no" is left out. What is published is the mean over the questions' languages: call it for each.
///
/// Asai et al., "XOR QA: Cross-lingual Open-Retrieval Question Answering", NAACL 2021, section 3.1. Their script cuts
/// by NLTK's rules for English and searches between tokens joined by spaces, so that it misses answers with punctuation
/// inside ("St. John's"); values here are a little higher.
///
/// @param text_of is asked for the texts in the order of the ranking, until enough tokens are read; its errors pass.
/// @throws InvalidArgument as contains_answer().
AnswerRecall answer_recall(const Run& run, const Answers& answers, const TextOf& text_of,
                           const AnswerRecallOptions& options = {});

}  // namespace dragoman
