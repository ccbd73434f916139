#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "dragoman/translate/apertium.h"
#include "translate/apertium/flushed_pipe.h"
#include "translate/apertium/stream_format.h"
#include "translate/by_sentence.h"

namespace dragoman {
namespace {

/// Raised when sentences come to be handed over or put together otherwise.
constexpr int kVersion = 1;
/// Fewer known words than one in so many: another language.
constexpr std::size_t kLeastKnown = 4;
constexpr int kTries = 2;  // Of a sentence.
/// A pipeline that fails at so many sentences one after another fails at all.
constexpr std::size_t kMostFailures = 3;
/// What has no stop for so long is cut: a tagger holds a whole sentence.
constexpr std::size_t kMostSentenceBytes = 4000;
constexpr std::size_t kBatchTexts = 256;
constexpr std::size_t kShownBytes = 60;

class ApertiumTranslator final : public Translator {
 public:
  ApertiumTranslator(ApertiumMode mode, const ApertiumOptions& options, const std::string& pipeline, std::string stamp)
      : mode_(std::move(mode)),
        options_(options),
        pipe_(apertium::pipeline_of(pipeline), options.patience),
        stamp_(std::move(stamp)) {}

  std::string_view name() const override { return "apertium"; }
  const std::string& stamp() const override { return stamp_; }
  std::size_t batch_texts() const override { return kBatchTexts; }
  std::vector<std::string> notices() const override { return notices_; }
  bool serves(const Language& from, const Language& to) const override {
    return same_written_language(from, mode_.from) && same_written_language(to, mode_.to);
  }

  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override {
    require_pair(*this, from, to);
    return translate_by_sentence(
        texts, mode_.from, mode_.to,
        {.split = options_.split_sentences, .protect = options_.protect, .most_bytes = kMostSentenceBytes},
        [this](std::span<const std::string_view> sentences) { return say(sentences); });
  }

 private:
  /// A sentence on its way through the pipeline.
  struct Asked {
    std::string stream;  ///< Ends with `end`, a superblank that tells which answer belongs to it.
    std::string end;
    bool stopped = false;  ///< A full stop was put behind it: taggers want one.
  };

  static Asked question(std::string_view sentence, std::size_t number) {
    static constexpr std::array<std::string_view, 11> kStops = {".",  "?",  "!",  ":", ";", "…",
                                                                "。", "？", "！", "।", "؟"};
    Asked asked;
    asked.stopped = std::ranges::none_of(kStops, [&](std::string_view stop) { return sentence.ends_with(stop); });
    asked.end = fmt::format("[][={}]", number);
    asked.stream = apertium::to_stream(sentence) + (asked.stopped ? "." : "") + asked.end;
    return asked;
  }

  /// What is said in the answer to a question; nothing if it is the answer to another.
  static std::optional<std::string_view> answer_to(const Asked& asked, std::string_view answer) {
    if (!answer.ends_with(asked.end)) return std::nullopt;
    answer.remove_suffix(asked.end.size());
    if (asked.stopped && answer.ends_with('.')) answer.remove_suffix(1);
    return answer;
  }

  static std::optional<std::string> reading(std::string_view answer) {
    auto read = apertium::from_stream(answer);
    if (find_invalid_utf8(read.text) != std::string::npos) return std::nullopt;
    if (read.unknown > 0 && kLeastKnown * (read.words - read.unknown) < read.words) return std::nullopt;
    return std::move(read.text);
  }

  std::vector<std::optional<std::string>> say(std::span<const std::string_view> sentences) {
    std::vector<Asked> asked;
    std::vector<std::string> streams;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      asked.push_back(question(sentences[i], i));
      streams.push_back(asked.back().stream);
    }
    std::vector<std::optional<std::string>> said;
    int tries = 0;             // Of the first sentence that is left.
    std::size_t given_up = 0;  // Sentences, one after another.
    while (said.size() < asked.size()) {
      // A sentence at which the pipeline failed goes alone: those behind it must not suffer for it twice.
      const auto left = std::span(streams).subspan(said.size(), tries > 0 ? 1 : streams.size() - said.size());
      const auto answers = pipe_.ask(left);
      std::size_t done = 0;
      bool in_step = true;
      for (const std::string& answer : answers) {
        const auto text = answer_to(asked[said.size()], answer);
        in_step = text.has_value();
        if (!in_step) break;
        said.push_back(reading(*text));
        ++done;
      }
      if (done > 0) tries = 0, given_up = 0;
      if (done == left.size()) continue;
      std::string why = pipe_.failure();
      if (!in_step) {
        why = "answered something else than it was asked";
        pipe_.stop();
      }
      if (++tries < kTries) continue;
      give_up(sentences[said.size()], why, ++given_up);
      said.emplace_back();
      tries = 0;
    }
    return said;
  }

  void give_up(std::string_view sentence, const std::string& why, std::size_t given_up) {
    if (given_up == kMostFailures) {
      throw Unavailable(fmt::format(
          "apertium {}: it {}, at {} sentences one after another; see whether it works: echo {} | apertium {}",
          mode_.name, why, given_up, "Test", mode_.name));
    }
    notices_.push_back(fmt::format("apertium {}: it {}, twice, and was started again; no translation of \"{}\"",
                                   mode_.name, why, printable(sentence, kShownBytes)));
  }

  ApertiumMode mode_;
  ApertiumOptions options_;
  apertium::FlushedPipe pipe_;
  std::string stamp_;
  std::vector<std::string> notices_;
};

/// Of the mode and the files that its programs read.
std::string hash_of(std::string_view pipeline) {
  Sha256 hash;
  hash.update(pipeline);
  for (const std::string& file : apertium::files_of(pipeline)) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored)) hash.update(sha256_of_file(file));
  }
  return hash.finish();
}

[[noreturn]] void throw_missing(const Language& from, const Language& to, const std::filesystem::path& folder) {
  const std::string package = apertium_package(from, to);
  throw NotFound(fmt::format("apertium has no pair from '{}' to '{}' in {}; {}", from.tag(), to.tag(), folder.string(),
                             package.empty() ? "Debian has no package with it either"
                                             : fmt::format("install it with: sudo apt install apertium {}", package)));
}

}  // namespace

std::unique_ptr<Translator> open_apertium_translator(const Language& from, const Language& to,
                                                     const ApertiumOptions& options) {
  if (options.patience.count() <= 0) {
    throw InvalidArgument(fmt::format("apertium: patience is {} ms, must be more than 0", options.patience.count()));
  }
  const auto folder = options.folder.empty() ? default_apertium_folder() : options.folder;
  auto mode = find_apertium_mode(find_apertium_modes(folder), from, to);
  if (!mode) throw_missing(from, to, folder);
  const std::string pipeline = read_file(mode->file);
  std::string stamp = fmt::format("apertium {} {} {} split={} protect={}", kVersion, mode->name, hash_of(pipeline),
                                  options.split_sentences, options.protect);
  return std::make_unique<ApertiumTranslator>(*std::move(mode), options, pipeline, std::move(stamp));
}

}  // namespace dragoman
