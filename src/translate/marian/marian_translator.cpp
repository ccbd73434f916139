#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/translate/marian.h"
#include "encode/forward/int8_matrix.h"
#include "translate/by_sentence.h"
#include "translate/marian/model_files.h"
#include "translate/marian/neural_model.h"
#include "translate/marian/seq2seq_model.h"

namespace dragoman {
namespace {

constexpr std::size_t kLeastCut = 8, kMostCut = 1024, kMostBeam = 64;
// A batch reads the weights once for all its sentences; what their states take must stay in the caches.
constexpr std::size_t kBatchSentences = 16, kBatchTokens = 768;

/// Raised when sentences come to be split, translated or put together otherwise.
constexpr int kVersion = 1;

using Tokens = std::vector<std::int32_t>;

/// A sentence on its way: it is cut into parts that the model can read.
struct Sentence {
  std::string_view text;
  std::size_t first_part = 0, parts = 0;
};

struct Part {
  Tokens source, target;
  bool begins_word = true;
};

class MarianTranslator final : public Translator {
 public:
  MarianTranslator(NeuralModel model, const MarianOptions& options)
      : model_(std::move(model)), options_(options), source_(*model_.source), target_(*model_.target) {
    if (options.beam_size) model_.search.beam_size = *options.beam_size;
    stamp_ = fmt::format("marian {} {} {} beam={} cut={} split={} protect={}", kVersion, model_.sha256,
                         to_string(model_.model.precision()), model_.search.beam_size, options.max_tokens,
                         options.split_sentences, options.protect);
  }

  std::string_view name() const override { return "marian"; }
  const std::string& stamp() const override { return stamp_; }
  bool serves(const Language& from, const Language& to) const override { return model_.languages.serves(from, to); }

  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override {
    require_pair(*this, from, to);
    prefix_ = model_.languages.source_prefix(from);
    search_ = model_.search;
    if (const auto token = model_.languages.target_prompt(to)) search_.prompt.push_back(*token);
    return translate_by_sentence(texts, from, to, {.split = options_.split_sentences, .protect = options_.protect},
                                 [this](std::span<const std::string_view> sentences) { return say(sentences); });
  }

 private:
  /// Translations of sentences; none for one in letters that are unknown for the most part.
  std::vector<std::optional<std::string>> say(std::span<const std::string_view> sentences) const {
    std::vector<Sentence> plans;
    std::vector<Part> parts;
    for (const std::string_view text : sentences) {
      Sentence plan{text, parts.size(), 0};
      const Tokens tokens = source_.tokenize(text);
      if (knows(text, tokens)) cut(tokens, parts);
      plan.parts = parts.size() - plan.first_part;
      plans.push_back(plan);
    }
    run(parts);
    std::vector<std::optional<std::string>> said;
    for (const Sentence& plan : plans) {
      std::string text;
      for (std::size_t i = plan.first_part; i < plan.first_part + plan.parts; ++i) {
        const std::string of_part = target_text(parts[i].target);
        if (!text.empty() && parts[i].begins_word && !of_part.empty()) text += ' ';
        text += of_part;
      }
      said.push_back(plan.parts > 0 ? std::optional(std::move(text)) : std::nullopt);
    }
    return said;
  }

  /// Whether the model has seen most letters of a sentence; else it is in another language.
  bool knows(std::string_view text, const Tokens& tokens) const {
    return 2 * source_.count_known_letters(tokens) >= PieceVocabulary::count_letters(text);
  }

  /// Appends the parts of a sentence.
  void cut(const Tokens& tokens, std::vector<Part>& parts) const {
    const std::size_t most = options_.max_tokens;
    for (std::size_t begin = 0; begin < tokens.size();) {
      std::size_t end = std::min(tokens.size(), begin + most);
      if (end < tokens.size()) end = best_cut(tokens, begin, end);
      Part part;
      part.source = prefix_;
      part.source.insert(part.source.end(), tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                         tokens.begin() + static_cast<std::ptrdiff_t>(end));
      part.begins_word = begin == 0 || source_.begins_word(tokens[begin]);
      part.source.push_back(source_.end());
      parts.push_back(std::move(part));
      begin = end;
    }
  }

  /// The last end of a clause in the second half of what fits, else of a word, else all that fits.
  std::size_t best_cut(const Tokens& tokens, std::size_t begin, std::size_t end) const {
    const std::size_t least = begin + (end - begin) / 2;
    for (std::size_t at = end; at > least; --at) {
      if (source_.ends_clause(tokens[at - 1]) && source_.begins_word(tokens[at])) return at;
    }
    for (std::size_t at = end; at > least; --at) {
      if (source_.begins_word(tokens[at])) return at;
    }
    return end;
  }

  /// Translates all parts, in batches of parts of about one length.
  void run(std::vector<Part>& parts) const {
    if (parts.empty()) return;
    std::vector<std::size_t> order(parts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return parts[i].source.size(); });
    const std::size_t threads = threads_or_all(options_.threads);
    // Few parts are shared out, too; a part's translation does not depend on its batch.
    const std::size_t most = std::clamp<std::size_t>((parts.size() + threads - 1) / threads, 1, kBatchSentences);
    std::vector<std::size_t> starts = {0};
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t size = parts[order[i]].source.size();
      if (i > starts.back() && (i - starts.back() == most || tokens + size > kBatchTokens)) {
        starts.push_back(i);
        tokens = 0;
      }
      tokens += size;
    }
    const std::size_t batches = starts.size();
    starts.push_back(order.size());
    std::vector<marian::Workspace> workspaces(threads);
    std::mutex mutex;
    std::size_t done = 0;
    parallel_for(batches, threads, [&](std::size_t batch, std::size_t worker) {
      std::vector<Tokens> sources;
      for (std::size_t i = starts[batch]; i < starts[batch + 1]; ++i) sources.push_back(parts[order[i]].source);
      marian::encode(model_.model, sources, workspaces[worker]);
      auto targets = marian::decode(model_.model, sources, model_.shortlist ? &*model_.shortlist : nullptr, search_,
                                    workspaces[worker]);
      for (std::size_t i = 0; i < targets.size(); ++i) {
        parts[order[starts[batch] + i]].target = std::move(targets[i]);
      }
      const std::lock_guard lock(mutex);
      done += targets.size();
      report(options_.progress, {"translate", "sentences", done, parts.size()});
    });
  }

  /// Rows beyond the vocabulary pad the model; they have no text.
  std::string target_text(const Tokens& ids) const {
    Tokens known;
    std::ranges::copy_if(ids, std::back_inserter(known),
                         [&](std::int32_t id) { return static_cast<std::size_t>(id) < target_.size(); });
    return target_.text(known);
  }

  NeuralModel model_;
  MarianOptions options_;
  const PieceVocabulary &source_, &target_;
  std::string stamp_;
  // Of the pair that is being translated.
  Tokens prefix_;
  marian::Search search_;
};

void check(const MarianOptions& options) {
  if (options.max_tokens < kLeastCut || options.max_tokens > kMostCut) {
    throw InvalidArgument(fmt::format("max_tokens is {}; {} to {} is legal", options.max_tokens, kLeastCut, kMostCut));
  }
  if (options.beam_size && (*options.beam_size < 1 || *options.beam_size > kMostBeam)) {
    throw InvalidArgument(fmt::format("beam_size is {}; 1 to {} is legal", *options.beam_size, kMostBeam));
  }
}

/// Of an installed model or an entry of the catalogue.
template <class Entry>
bool translates(const Entry& entry, const Language& from, const Language& to) {
  if (entry.kind != ModelKind::translator || entry.languages.size() < 2) return false;
  const auto agree = [](const std::string& tag, const Language& wanted) {
    return Language::parse(tag).primary() == wanted.primary();
  };
  if (entry.languages[0] != kManyLanguages) return agree(entry.languages[0], from) && agree(entry.languages[1], to);
  const auto speaks = [&](const Language& wanted) {
    return std::any_of(entry.languages.begin() + 1, entry.languages.end(),
                       [&](const std::string& tag) { return agree(tag, wanted); });
  };
  return speaks(from) && speaks(to) && !same_written_language(from, to);
}

void check_vocabulary(const PieceVocabulary& vocabulary, std::size_t rows, const std::string& place) {
  if (vocabulary.size() > rows) {
    throw InvalidData(
        fmt::format("{}: a vocabulary of {} pieces, but the model has rows for {}", place, vocabulary.size(), rows));
  }
}

NeuralModel open_marian_model(const std::filesystem::path& path, const std::string& sha256,
                              const MarianOptions& options, Precision precision) {
  const std::string place = path.string();
  MarianFiles files = open_marian_files(path, sha256);
  const auto from = files.from ? files.from : options.from, to = files.to ? files.to : options.to;
  if (!from || !to) {
    throw InvalidArgument(
        fmt::format("{}: a folder does not say what it translates; name both languages, or install "
                    "it with: dragoman model add {} --language SOURCE --language TARGET",
                    place, place));
  }
  NeuralModel model(marian::read_marian_model(files.model, precision, place));
  model.sha256 = files.sha256;
  model.languages.list = {*from, *to};
  model.source = std::make_shared<PieceVocabulary>(files.source_vocabulary, place + ": source vocabulary");
  model.target = files.target_vocabulary.data() == files.source_vocabulary.data()
                     ? model.source
                     : std::make_shared<PieceVocabulary>(files.target_vocabulary, place + ": target vocabulary");
  const MarianConfig& config = model.model.config();
  check_vocabulary(*model.source, config.source_vocabulary, place);
  check_vocabulary(*model.target, config.target_vocabulary, place);
  if (!files.shortlist.empty()) {
    model.shortlist.emplace(files.shortlist, config.target_vocabulary, place + ": shortlist");
  }
  model.search.beam_size = files.settings.beam_size;
  model.search.normalize = files.settings.normalize;
  model.search.word_penalty = files.settings.word_penalty;
  model.search.max_length_factor = files.settings.max_length_factor;
  model.search.end = model.target->end();
  model.search.never = {model.target->unknown()};
  model.mapped = std::move(files.mapped);
  return model;
}

std::unique_ptr<Translator> open(const std::filesystem::path& path, const std::string& sha256,
                                 const MarianOptions& options) {
  check(options);
  const Precision precision = options.precision.value_or(has_fast_int8() ? Precision::int8 : Precision::f32);
  return std::make_unique<MarianTranslator>(is_seq2seq_model(path)
                                                ? open_seq2seq_model(path, sha256, precision)
                                                : open_marian_model(path, sha256, options, precision),
                                            options);
}

}  // namespace

std::unique_ptr<Translator> open_marian_translator(const std::filesystem::path& model, const MarianOptions& options) {
  return open(model, "", options);
}

std::unique_ptr<Translator> open_marian_translator(const Model& model, const MarianOptions& options) {
  return open(model.file, model.sha256, options);
}

std::vector<Model> find_marian_models(const ModelStore& store, const Language& from, const Language& to) {
  std::vector<Model> found;
  for (Model& model : store.list()) {
    if (translates(model, from, to)) found.push_back(std::move(model));
  }
  return found;
}

std::unique_ptr<Translator> open_marian_translator(const ModelStore& store, const Language& from, const Language& to,
                                                   const MarianOptions& options) {
  const auto installed = find_marian_models(store, from, to);
  if (!installed.empty()) return open_marian_translator(installed.front(), options);
  std::string remedy = "the catalogue has none either; add one with: dragoman model add FOLDER";
  for (const CatalogueEntry& entry : read_catalogue()) {
    if (!translates(entry, from, to)) continue;
    remedy = fmt::format("get one with: dragoman model pull {}", entry.name);
    break;
  }
  throw NotFound(
      fmt::format("no neural translation model from '{}' to '{}' is installed; {}", from.tag(), to.tag(), remedy));
}

}  // namespace dragoman
