#include "dragoman/translate/learn_table.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/parallel.h"
#include "dragoman/translate/parallel_text.h"
#include "dragoman/translate/table_set.h"
#include "translate/bitext.h"
#include "translate/lexicon_table.h"
#include "translate/word_aligner.h"

namespace dragoman {
namespace {

/// Pairs that are analysed together.
constexpr std::size_t kBlock = 4096;

void check(const LearnOptions& options) {
  if (options.pairs.empty() && options.lexicons.empty()) {
    throw InvalidArgument("neither sentence pairs nor a lexicon was given to learn from");
  }
  if (options.from.undetermined() || options.to.undetermined() || same_written_language(options.from, options.to)) {
    throw InvalidArgument(fmt::format("a table is of two languages that are known and differ, not '{}' and '{}'",
                                      options.from.tag(), options.to.tag()));
  }
  if (!(options.lexicon_share >= 0 && options.lexicon_share <= 1)) {
    throw InvalidArgument(fmt::format("lexicon_share is {}, must be in [0, 1]", options.lexicon_share));
  }
  if (options.model1_iterations == 0) throw InvalidArgument("model1_iterations is 0, must be at least 1");
  if (options.most_words == 0) throw InvalidArgument("most_words is 0, must be at least 1");
  TableContent none;
  prune(none, options.prune);  // So that bad options are told before the work.
}

/// A pair of texts with its words.
struct AnalyzedPair {
  std::string source, target;
  std::optional<double> count;
  std::vector<Token> source_tokens, target_tokens;
};

class Learning {
 public:
  Learning(const LearnOptions& options, const ProgressCallback& progress)
      : options_(options), progress_(progress), analyzer_(options.analyzer), lexicon_(options.lexicon_weights) {}

  LearnReport run() {
    for (const std::string& place : options_.pairs) {
      read(place, [&](AnalyzedPair& pair) { add_sentences(pair); });
    }
    for (const std::string& place : options_.lexicons) {
      read(place, [&](AnalyzedPair& pair) { add_entry(pair); });
    }
    if (report_.sentence_pairs + report_.lexicon_pairs == 0) {
      throw InvalidData(fmt::format("there is no pair of texts in '{}' and '{}' in what was given", options_.from.tag(),
                                    options_.to.tag()));
    }
    std::optional<TableContent> forward, backward;
    if (report_.sentence_pairs > 0) {
      std::tie(forward, backward) = align();
      prune(*forward, options_.prune);
      prune(*backward, options_.prune);
    }
    if (report_.lexicon_pairs > 0) {
      add_lexicon(lexicon_.forward(), forward);
      add_lexicon(lexicon_.backward(), backward);
    }
    make_folder(options_.into);
    write(options_.from, options_.to, *forward);
    write(options_.to, options_.from, *backward);
    return std::move(report_);
  }

 private:
  /// Calls `take` for every pair that has words on both sides.
  void read(const std::string& place, const std::function<void(AnalyzedPair&)>& take) {
    std::vector<AnalyzedPair> block;
    std::uint64_t done = 0;
    const auto flush = [&] {
      parallel_for(block.size(), options_.threads, [&](std::size_t i, std::size_t) {
        block[i].source_tokens = without_parts(analyzer_.analyze(block[i].source, options_.from));
        block[i].target_tokens = without_parts(analyzer_.analyze(block[i].target, options_.to));
      });
      for (AnalyzedPair& pair : block) {
        pair.source_tokens.empty() || pair.target_tokens.empty() ? void(++report_.one_sided) : take(pair);
      }
      done += block.size();
      block.clear();
      dragoman::report(progress_, {.stage = "read pairs", .unit = "pairs", .done = done});
    };
    const ParallelTextReport read = read_parallel_text(place, options_.from, options_.to, [&](const TextPair& pair) {
      block.push_back({std::string(pair.source), std::string(pair.target), pair.count, {}, {}});
      if (block.size() == kBlock) flush();
    });
    flush();
    report_.one_sided += read.one_sided;
    const std::string name = std::filesystem::path(place).filename().string();
    if (!read.has_languages) {
      report_.without_languages.push_back(place);
    } else {
      sources_.push_back(name.empty() ? place : name);
    }
  }

  void add_sentences(const AnalyzedPair& pair) {
    if (std::max(pair.source_tokens.size(), pair.target_tokens.size()) > options_.most_words) {
      ++report_.too_long;
      return;
    }
    ++report_.sentence_pairs;
    add_to_bitext(pair);
  }

  void add_to_bitext(const AnalyzedPair& pair) {
    bitext_.source.add(bitext_.source_words.add(pair.source_tokens, pair.source));
    bitext_.target.add(bitext_.target_words.add(pair.target_tokens, pair.target));
  }

  void add_entry(const AnalyzedPair& pair) {
    lexicon_.add(pair.source_tokens, pair.source, pair.target_tokens, pair.target, pair.count);
    ++report_.lexicon_pairs;
    // Beside sentences an entry is a very short one: it tells the aligner what words of sentences mean, and sentences
    // tell which of its translations is meant how often.
    if (report_.sentence_pairs > 0) add_to_bitext(pair);
  }

  std::pair<TableContent, TableContent> align() {
    const auto started = std::chrono::steady_clock::now();
    WordAligner aligner(bitext_, {.model1_iterations = options_.model1_iterations,
                                  .hmm_iterations = options_.hmm_iterations,
                                  .threads = options_.threads});
    aligner.train([&](std::size_t done, std::size_t all) {
      dragoman::report(progress_, {.stage = "align words", .unit = "iterations", .done = done, .total = all});
    });
    report_.perplexities = aligner.perplexities();
    report_.aligned_pairs = bitext_.source.size();
    report_.align_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    TableContent forward{bitext_.source_words.table_words(), bitext_.target_words.table_words(), aligner.rows()};
    TableContent backward{forward.targets, forward.sources, {}};
    backward.rows.resize(backward.sources.size());
    for (std::uint32_t source = 0; source < forward.rows.size(); ++source) {
      for (const TableContent::Cell& cell : forward.rows[source]) {
        backward.rows[cell.target].push_back({source, cell.weight});
      }
    }
    return {std::move(forward), std::move(backward)};
  }

  void add_lexicon(TableContent lexicon, std::optional<TableContent>& table) const {
    prune(lexicon, {.cumulative = 1, .most = options_.prune.most, .least = 0});
    table = table ? interpolate(lexicon, *table, options_.lexicon_share) : std::move(lexicon);
  }

  void write(const Language& from, const Language& to, TableContent& content) {
    // Interpolation leaves more translations than either had.
    prune(content, {.cumulative = 1, .most = options_.prune.most, .least = 0});
    const bool learned = report_.sentence_pairs > 0, lexicon = report_.lexicon_pairs > 0;
    const TableInfo info{.from = from,
                         .to = to,
                         .kind = learned && lexicon ? TableKind::combined
                                 : learned          ? TableKind::learned
                                                    : TableKind::lexicon,
                         .analyzer = analyzer_.version(),
                         .sources = sources_,
                         .sentence_pairs = report_.sentence_pairs,
                         .lexicon_pairs = report_.lexicon_pairs};
    LearnReport::Table table{.file = options_.into / table_name(from, to)};
    table.bytes = write_translation_table(table.file, info, content);
    for (const auto& row : content.rows) {
      table.words += row.empty() ? 0 : 1;
      table.translations += row.size();
    }
    report_.tables.push_back(std::move(table));
  }

  const LearnOptions& options_;
  const ProgressCallback& progress_;
  Analyzer analyzer_;
  Bitext bitext_;
  LexiconTable lexicon_;
  std::vector<std::string> sources_;
  LearnReport report_;
};

}  // namespace

LearnReport learn_translation_tables(const LearnOptions& options, const ProgressCallback& progress) {
  check(options);
  return Learning(options, progress).run();
}

}  // namespace dragoman
