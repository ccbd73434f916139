// Measures the lexical room with the arguments, and the lines of JSON, that the programs for other engines have:
//   lexical_bench index CORPUS.tsv DIR [OPTION]...                      a line a passage: id, tab, words with spaces
//   lexical_bench search DIR QUERIES.tsv ROUNDS RUN|- [OPTION]...       the same with queries; RUN gets the top 10
// index options: bisection (documents in the order of recursive graph bisection), memory=MIB
//   positions (keep where words stand)
//   scripts (each passage in the language that its script tells: else all are in one)
//   title=N (the first N words of a passage are its title: a second segment, for BM25F)
// search options: phrases (each query is one phrase), proximity=WEIGHT, exhaustive, all (only passages with all words),
// per_language (statistics), depth=N (only this one), fields (BM25F: titles count twice), unions (words as unions of
// one)
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clock.h"
#include "dragoman/base/file.h"
#include "dragoman/lexical/bm25.h"

namespace {

using namespace dragoman;
using namespace dragoman::bench;

constexpr std::string_view kStamp = "bench";

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// Ids of passages: how much each shares with the one before, how much follows, and that.
void write_ids(const std::filesystem::path& path, const std::vector<std::string>& ids) {
  std::string bytes, last;
  for (const std::string& id : ids) {
    const auto shared = std::min<std::size_t>(std::ranges::mismatch(id, last).in1 - id.begin(), 255);
    bytes += static_cast<char>(shared);
    bytes += static_cast<char>(id.size() - shared);
    bytes += id.substr(shared);
    last = id;
  }
  std::ofstream(path, std::ios::binary) << bytes;
}

std::vector<std::string> read_ids(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  std::vector<std::string> ids;
  std::string id;
  for (std::size_t at = 0; at < bytes.size();) {
    id.resize(static_cast<unsigned char>(bytes[at]));
    const std::size_t size = static_cast<unsigned char>(bytes[at + 1]);
    id += bytes.substr(at + 2, size);
    at += 2 + size;
    ids.push_back(id);
  }
  return ids;
}

std::pair<std::string, std::string_view> id_and_text(std::string_view line) {
  const std::size_t tab = line.find('\t');
  return {std::string(line.substr(0, tab)), line.substr(tab + 1)};
}

int index(const std::string& corpus, const std::filesystem::path& folder, const std::vector<std::string>& options) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  LexicalBuildOptions build;
  build.spill_folder = folder;
  build.threads = 1;
  bool scripts = false;
  std::size_t title_words = 0;
  for (const std::string& option : options) {
    if (option == "scripts") scripts = true;
    if (option == "positions") build.positions = true;
    if (option == "bisection") build.order = DocumentOrder::bisection;
    if (option.starts_with("title=")) title_words = std::stoull(option.substr(6));
    if (option.starts_with("memory=")) build.memory_bytes = std::stoull(option.substr(7)) << 20;
  }
  const auto begin = Clock::now();
  const double cpu = cpu_seconds();
  LexicalSegmentBuilder builder(build), titles(build);
  std::vector<std::string> ids;
  LineReader reader(corpus);
  for (std::string_view line; reader.next(line);) {
    auto [id, text] = id_and_text(line);
    const Language language = scripts ? identify_language(text).language : Language();
    const auto document = static_cast<DocumentNumber>(ids.size());
    const std::vector<std::string_view> words = split(text);
    const std::size_t in_title = std::min(title_words, words.size());
    builder.add_words(document, language, std::span(words).subspan(in_title));
    if (title_words != 0) titles.add_words(document, language, std::span(words).first(in_title));
    ids.push_back(std::move(id));
  }
  std::uint64_t segment = builder.write(folder / "segment", kStamp);
  if (title_words != 0) segment += titles.write(folder / "titles", kStamp);
  write_ids(folder / "ids", ids);
  fmt::print(
      "{{\"engine\":\"dragoman{}\",\"op\":\"index\",\"docs\":{},\"wall_s\":{:.2f},\"cpu_s\":{:.2f},\"bytes\":{},"
      "\"rss_kb\":{}}}\n",
      std::string(build.order == DocumentOrder::bisection ? " bisection" : "") + (build.positions ? " positions" : ""),
      ids.size(), seconds_since(begin), cpu_seconds() - cpu, segment + std::filesystem::file_size(folder / "ids"),
      peak_kilobytes());
  return 0;
}

struct BenchQuery {
  std::string id, text;
  std::vector<std::string_view> words;
  std::vector<WordUnion> unions = {};
  std::vector<Phrase> phrases = {};
};

Phrase phrase_of(const std::vector<std::string_view>& words) {
  PhraseForm form;
  for (const std::string_view word : words)
    form.push_back({std::string(word), static_cast<std::uint32_t>(form.size())});
  return {{form}, 0};
}

int search(const std::filesystem::path& folder, const std::string& file, int rounds, const std::string& run,
           const std::vector<std::string>& options) {
  Bm25Options bm25;
  bm25.statistics = LexicalStatistics::pooled;
  std::string name = "dragoman";
  bool phrases = false;
  std::vector<std::size_t> depths = {10, 1000};
  bool fields = false, unions = false;
  for (const std::string& option : options) {
    if (option == "phrases") phrases = true;
    if (option.starts_with("proximity=")) bm25.proximity = std::stof(option.substr(10));
    if (option == "exhaustive") bm25.method = TopKMethod::exhaustive;
    if (option == "all") bm25.match = LexicalMatch::all;
    if (option == "per_language") bm25.statistics = LexicalStatistics::per_language;
    fields = fields || option == "fields";
    unions = unions || option == "unions";
    if (option.starts_with("depth=")) depths = {std::stoull(option.substr(6))};
    name += " " + option;
  }
  const auto begin = Clock::now();
  const auto open = [&](const char* file_name) { return std::make_shared<LexicalSegment>(folder / file_name, kStamp); };
  const Bm25Index index = fields ? Bm25Index::of_fields({{"title", {open("titles")}}, {"text", {open("segment")}}})
                                 : Bm25Index({open("segment")});
  if (fields) {
    FieldBm25& title = bm25.fields.emplace_back();
    title.field = "title";
    title.weight = 2;
  }
  fmt::print(stderr, "opened and verified in {:.3f} s\n", seconds_since(begin));

  std::vector<std::unique_ptr<BenchQuery>> queries;
  LineReader reader(file);
  for (std::string_view line; reader.next(line);) {
    const auto [id, text] = id_and_text(line);
    auto& query = queries.emplace_back(new BenchQuery{id, std::string(text), {}});
    query->words = split(query->text);
    for (const std::string_view word : query->words) query->unions.push_back({.words = {{word, 1}}});
    if (phrases) query->phrases.push_back(phrase_of(query->words));
  }
  const auto search_for = [&](const BenchQuery& query, std::size_t depth) {
    return unions ? index.search(query.unions, depth, bm25, nullptr)
                  : index.search(query.words, query.phrases, depth, bm25, nullptr);
  };
  if (run != "-") {
    const std::vector<std::string> ids = read_ids(folder / "ids");
    std::ofstream out(run);
    for (const auto& query : queries) {
      int rank = 0;
      for (const ScoredDocument& hit : search_for(*query, 10)) {
        out << fmt::format("{} Q0 {} {} {} dragoman\n", query->id, ids[hit.document], ++rank, hit.score);
      }
    }
  }
  for (const std::size_t depth : depths) {
    std::vector<double> best(queries.size(), 1e9);
    double best_wall = 1e9, best_cpu = 1e9;
    std::size_t hits = 0;
    for (int round = 0; round < rounds; ++round) {
      double wall = 0, cpu = 0;
      hits = 0;
      for (std::size_t q = 0; q < queries.size(); ++q) {
        const double cpu_before = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        const auto before = Clock::now();
        hits += search_for(*queries[q], depth).size();
        const double took = seconds_since(before);
        cpu += cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_before;
        wall += took;
        best[q] = std::min(best[q], took);
      }
      best_wall = std::min(best_wall, wall);
      best_cpu = std::min(best_cpu, cpu);
    }
    std::sort(best.begin(), best.end());
    const auto percentile = [&](double share) {
      return 1e6 * best[static_cast<std::size_t>(static_cast<double>(best.size() - 1) * share)];
    };
    const auto count = static_cast<double>(queries.size());
    fmt::print(
        "{{\"engine\":\"{}\",\"op\":\"search\",\"k\":{},\"runs\":{},\"qps_wall\":{:.0f},\"qps_cpu\":{:.0f},"
        "\"p50_us\":{:.0f},\"p99_us\":{:.0f},\"hits\":{},\"rss_kb\":{}}}\n",
        name, depth, rounds, count / best_wall, count / best_cpu, percentile(0.5), percentile(0.99), hits,
        peak_kilobytes());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() >= 3 && arguments[0] == "index") {
      return index(arguments[1], arguments[2], {arguments.begin() + 3, arguments.end()});
    }
    if (arguments.size() >= 5 && arguments[0] == "search") {
      return search(arguments[1], arguments[2], std::stoi(arguments[3]), arguments[4],
                    {arguments.begin() + 5, arguments.end()});
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "lexical_bench: {}\n", error.what());
    return 1;
  }
  fmt::print(
      stderr,
      "usage: lexical_bench index CORPUS.tsv DIR [bisection] [positions] [memory=MIB] [scripts] [title=N]\n"
      "       lexical_bench search DIR QUERIES.tsv ROUNDS RUN|- [exhaustive] [all] [per_language] [depth=N] [fields]\n"
      "                     [unions] [phrases] [proximity=WEIGHT]\n");
  return 2;
}
