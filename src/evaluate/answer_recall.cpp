#include "dragoman/evaluate/answer_recall.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "dragoman/base/error.h"
#include "evaluate/code_points.h"
#include "text/icu.h"

namespace dragoman {
namespace {

/// One space for every run of white space, none at the ends.
std::string squeeze(std::string_view text) {
  std::string result;
  const std::u32string code_points = to_code_points(text);
  for (const std::u32string_view word : split_words(code_points)) {
    if (!result.empty()) result += ' ';
    result += to_utf8(word);
  }
  return result;
}

/// Takes texts in until it has read enough tokens.
class Reader {
 public:
  explicit Reader(const AnswerRecallOptions& options) : left_(options.max_tokens) {
    if (left_ == 0) throw InvalidArgument("answer recall: max_tokens is 0, expected at least 1");
  }

  bool has_enough() const { return left_ == 0; }

  void read(std::string_view text) {
    const std::string squeezed = squeeze(text);
    std::size_t begin = 0, read = 0;
    for (const std::size_t end : unit_ends(Boundary::word, squeezed)) {
      if (has_enough()) break;
      if (squeezed[begin] != ' ') {
        --left_;
        read = end;
      }
      begin = end;
    }
    if (!read_.empty()) read_ += ' ';
    read_.append(squeezed, 0, read);
  }

  bool contains(const std::string& answer) const {
    const std::string squeezed = squeeze(answer);
    return !squeezed.empty() && read_.find(squeezed) != std::string::npos;
  }

 private:
  std::size_t left_;
  std::string read_;
};

bool contains_one(const Reader& reader, std::span<const std::string> answers) {
  return std::any_of(answers.begin(), answers.end(),
                     [&](const std::string& answer) { return reader.contains(answer); });
}

}  // namespace

bool contains_answer(std::span<const std::string> texts, std::span<const std::string> answers,
                     const AnswerRecallOptions& options) {
  Reader reader(options);
  for (const std::string& text : texts) {
    if (reader.has_enough()) break;
    reader.read(text);
  }
  return contains_one(reader, answers);
}

AnswerRecall answer_recall(const Run& run, const Answers& answers, const TextOf& text_of,
                           const AnswerRecallOptions& options) {
  AnswerRecall result;
  double found = 0;
  for (const auto& [query_id, given] : answers) {
    std::vector<std::string> spans = given;
    std::erase_if(spans, [](const std::string& answer) { return answer == "yes" || answer == "no"; });
    if (spans.empty()) continue;
    Reader reader(options);
    if (const auto ranking = run.find(query_id); ranking != run.end()) {
      for (const Hit& hit : ranking->second) {
        if (reader.has_enough()) break;
        reader.read(text_of(hit.id));
      }
    }
    const bool is_found = contains_one(reader, spans);
    result.found.emplace(query_id, is_found);
    if (is_found) found += 1;
  }
  result.recall = found / static_cast<double>(result.found.size());
  return result;
}

}  // namespace dragoman
