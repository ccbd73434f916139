#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dragoman/base/hash.h"
#include "dragoman/rerank/reranker.h"
#include "rerank/fake_language_model.h"

namespace dragoman::test {

/// "sw worth 3": a candidate a word, in several scripts, whose planted worth is given.
inline std::vector<Candidate> candidates(const std::vector<int>& worths) {
  const std::vector<std::string> words = {"habari", "новость", "新聞", "समाचार", "ข่าว", "أخبار", "nyheter", "ニュース"};
  std::vector<Candidate> list;
  for (std::size_t i = 0; i < worths.size(); ++i) {
    list.push_back({"d" + std::to_string(i), words[i % words.size()] + " worth " + std::to_string(worths[i]) + " ."});
  }
  return list;
}

inline std::vector<std::size_t> order(const RerankResult& result) {
  std::vector<std::size_t> list;
  for (const Reranked& item : result.order) list.push_back(item.candidate);
  return list;
}

inline std::shared_ptr<FakeLanguageModel> model(FakeLanguageModel::Opinion opinion, std::size_t context = 4096) {
  return std::make_shared<FakeLanguageModel>(std::move(opinion), context);
}

/// Noise that is the same for the same prompt: an unreliable model.
inline void moody(const std::string& prompt, const std::string& answer, std::vector<float>& logits) {
  std::mt19937_64 random(checksum(prompt + "|" + answer));
  for (float& logit : logits) logit = static_cast<float>(random() % 1000);
}

/// "Is this passage relevant?": as much as it is worth.
inline void planted_pointwise(const std::string& prompt, const std::string&, std::vector<float>& logits) {
  logits['Y'] = static_cast<float>(worth(between(prompt, "Passage:", "\n\n")));
}

/// "A or B?": whichever is worth more.
inline void planted_pairwise(const std::string& prompt, const std::string&, std::vector<float>& logits) {
  logits['A'] = static_cast<float>(worth(between(prompt, "Passage A:", "\n\n")));
  logits['B'] = static_cast<float>(worth(between(prompt, "Passage B:", "\n\n")));
}

/// "Which is the best?": each letter as much as its passage is worth.
inline void planted_setwise(const std::string& prompt, const std::string&, std::vector<float>& logits) {
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    const std::string line = between(prompt, std::string("\n[") + letter + "] ", "\n");
    if (line.empty()) break;
    logits[static_cast<unsigned char>(letter)] = static_cast<float>(worth(line));
  }
}

/// Digits by worth 0 to 4.
inline void planted_grades(const std::string& prompt, const std::string&, std::vector<float>& logits) {
  const int grade = worth(between(prompt, "Passage:", "\n\n"));
  logits[static_cast<unsigned char>('0' + std::min(grade, 4))] = 5;
}

/// Spells the identifiers by falling worth.
inline void planted_listwise(const std::string& prompt, const std::string& answer, std::vector<float>& logits) {
  std::vector<std::pair<int, int>> ranks;  // -worth, rank
  for (int rank = 1;; ++rank) {
    const std::string line = between(prompt, "\n[" + std::to_string(rank) + "] ", "\n");
    if (line.empty()) break;
    ranks.emplace_back(-worth(line), rank);
  }
  std::ranges::sort(ranks);
  std::string wanted;
  for (const auto& [value, rank] : ranks) wanted += (wanted.empty() ? "[" : " > [") + std::to_string(rank) + "]";
  if (answer.size() < wanted.size()) logits[static_cast<unsigned char>(wanted[answer.size()])] = 1;
}

inline RerankResult rerank(const RerankOptions& options, std::shared_ptr<FakeLanguageModel> model,
                           const std::vector<Candidate>& list, std::string_view query = "Was gibt es Neues?") {
  Query asked;
  asked.text = query;
  return make_reranker(options, std::move(model))->rerank(asked, list);
}

}  // namespace dragoman::test
