#include "dragoman/dataset/stats.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/evaluate/judgements.h"
#include "dragoman/evaluate/topics.h"
#include "dragoman/text/analyzer.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kDocumentsBetweenReports = 256;
constexpr std::size_t kMaxTagBytes = 12;  // "-zho-Hant-TW"

Distribution distribution_of(std::vector<std::uint32_t> values) {
  Distribution distribution;
  if (values.empty()) return distribution;
  std::ranges::sort(values);
  const auto at_share = [&](std::size_t percent) { return values[(values.size() * percent + 99) / 100 - 1]; };
  distribution.count = values.size();
  distribution.mean = static_cast<double>(std::accumulate(values.begin(), values.end(), std::uint64_t{0})) /
                      static_cast<double>(values.size());
  distribution.least = values.front();
  distribution.median = at_share(50);
  distribution.p95 = at_share(95);
  distribution.most = values.back();
  return distribution;
}

/// Words of the analyser, each place once: "東京都" is three characters there, though the index also has its pairs.
std::uint32_t count_words(const Analyzer& analyzer, std::string_view text) {
  std::uint32_t words = 0;
  std::size_t end = 0;
  for (const Token& token : analyzer.analyze(text)) {
    if (token.begin < end) continue;
    end = token.end;
    ++words;
  }
  return words;
}

/// The texts of one language.
struct Lengths {
  std::vector<std::uint32_t> code_points, words;
  std::uint64_t empty = 0;
};

class LengthsByLanguage {
 public:
  void add(const Language& language, std::string_view title, std::string_view text) {
    Lengths& lengths = by_tag_[language.tag()];
    const std::uint32_t words = count_words(analyzer_, title) + count_words(analyzer_, text);
    lengths.code_points.push_back(static_cast<std::uint32_t>(count_code_points(title) + count_code_points(text)));
    lengths.words.push_back(words);
    lengths.empty += title.find_first_not_of(" \t\r\n") == std::string_view::npos &&
                     text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  }
  std::map<std::string, LanguageStats> finish() {
    std::map<std::string, LanguageStats> stats;
    for (auto& [tag, lengths] : by_tag_) {
      const std::uint64_t count = lengths.words.size();
      stats[tag] = {count, lengths.empty, distribution_of(std::move(lengths.code_points)),
                    distribution_of(std::move(lengths.words))};
    }
    return stats;
  }

 private:
  Analyzer analyzer_{"icu"};
  std::map<std::string, Lengths> by_tag_;
};

using TagOf = std::unordered_map<std::string, std::string>;

/// Query id -> what its translations share.
std::unordered_map<std::string, std::string> question_members(const std::string& path) {
  std::unordered_map<std::string, std::string> questions;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (line.find("\"question\"") == std::string_view::npos) continue;
    const Json object = parse_json_object(line, lines.place());
    const auto id = object.contains("_id") ? string_member(object, "_id", "") : string_member(object, "id", "");
    const auto question = object.find("question");
    if (id && question != object.end() && question->is_string()) questions[*id] = question->get<std::string>();
  }
  return questions;
}

bool is_tag_of(const std::string& text, const Language& language) {
  try {
    return Language::parse(text) == language;
  } catch (const InvalidArgument&) {
    return false;
  }
}

/// "q0345" of "q0345-ru", if the query is in Russian; the language may have a script or a region: "h007-zho-CN".
std::string without_language(const Query& query) {
  for (std::size_t dash = query.id.rfind('-'); dash != std::string::npos && dash != 0;) {
    if (is_tag_of(query.id.substr(dash + 1), query.language)) return query.id.substr(0, dash);
    if (query.id.size() - dash > kMaxTagBytes) break;
    dash = query.id.rfind('-', dash - 1);
  }
  return query.id;
}

void count_questions(const std::vector<Query>& queries, const std::string& path, DatasetStats& stats) {
  const auto members = question_members(path);
  std::unordered_map<std::string, std::pair<std::uint64_t, std::set<std::string>>> questions;
  for (const Query& query : queries) {
    const auto member = members.find(query.id);
    auto& [count, languages] = questions[member == members.end() ? without_language(query) : member->second];
    ++count;
    languages.insert(query.language.tag());
  }
  stats.questions = questions.size();
  for (const auto& [key, question] : questions) {
    if (question.second.size() > 1) stats.parallel_queries += question.first;
  }
}

SplitStats split_stats(const Judgements& judgements, const TagOf& query_tags, const TagOf& document_tags) {
  SplitStats stats;
  std::vector<std::uint32_t> relevant;
  const auto tag_of = [](const TagOf& tags, const std::string& id) {
    const auto found = tags.find(id);
    return found == tags.end() ? std::string("und") : found->second;
  };
  for (const auto& [query, grades] : judgements) {
    const std::string query_tag = tag_of(query_tags, query);
    std::uint32_t above_zero = 0;
    for (const auto& [document, grade] : grades) {
      ++stats.grades[grade];
      ++stats.judgements;
      if (grade <= 0) continue;
      ++above_zero;
      ++stats.judgements_by_pair[fmt::format("{}>{}", query_tag, tag_of(document_tags, document))];
    }
    relevant.push_back(above_zero);
    ++stats.queries;
    ++stats.queries_by_language[query_tag];
  }
  stats.relevant = distribution_of(std::move(relevant));
  return stats;
}

}  // namespace

DatasetStats dataset_stats(const DatasetFiles& files, const ProgressCallback& progress) {
  DatasetStats stats;
  TagOf document_tags, query_tags;
  if (!files.corpus.empty()) {
    CorpusReader reader(files.corpus);
    LengthsByLanguage lengths;
    for (Document document; reader.next(document);) {
      lengths.add(document.language, document.title, document.text);
      document_tags[document.id] = document.language.tag();
      if (document_tags.size() % kDocumentsBetweenReports == 0) {
        report(progress, {"count documents", "bytes", reader.bytes_read(), reader.bytes_total()});
      }
    }
    stats.documents = lengths.finish();
  }
  if (!files.queries.empty()) {
    std::vector<Query> queries = read_queries(files.queries);
    LengthsByLanguage lengths;
    for (Query& query : queries) {
      if (query.language.undetermined()) query.language = identify_language(query.text).language;
      lengths.add(query.language, "", query.text);
      query_tags[query.id] = query.language.tag();
    }
    stats.queries = lengths.finish();
    count_questions(queries, files.queries, stats);
  }
  for (const auto& [split, path] : files.judgements) {
    stats.splits[split] = split_stats(read_judgements(path), query_tags, document_tags);
  }
  return stats;
}

}  // namespace dragoman
