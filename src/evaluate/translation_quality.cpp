#include "dragoman/evaluate/translation_quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "dragoman/base/error.h"
#include "dragoman/evaluate/text_measures.h"
#include "dragoman/translate/parallel_text.h"

namespace dragoman {

std::vector<std::pair<std::string, std::string>> sample_sentences(const std::string& place, const Language& from,
                                                                  const Language& to, std::size_t most) {
  if (most == 0) throw InvalidArgument("sentences to measure by are 0, must be at least 1");
  std::vector<std::pair<std::string, std::string>> all;
  read_parallel_text(place, from, to, [&](const TextPair& pair) { all.emplace_back(pair.source, pair.target); });
  if (all.empty()) {
    throw InvalidData(fmt::format("{}: has no sentences in '{}' and '{}'", place, from.tag(), to.tag()));
  }
  const std::size_t count = std::min(most, all.size());
  std::vector<std::pair<std::string, std::string>> sample;
  for (std::size_t i = 0; i < count; ++i) sample.push_back(std::move(all[i * all.size() / count]));
  return sample;
}

TranslationQuality evaluate_translation(const TranslatorRegistry& registry, const TranslationRoute& route,
                                        const Language& from, const Language& to,
                                        std::span<const std::pair<std::string, std::string>> sentences,
                                        std::string source, const ProgressCallback& progress) {
  const auto translator = registry.open_uncached(route, from, to);
  std::vector<std::string> said;
  std::vector<std::vector<std::string>> references;
  const auto began = std::chrono::steady_clock::now();
  const std::size_t most = std::max<std::size_t>(translator->batch_texts(), 1);
  for (std::size_t begin = 0; begin < sentences.size(); begin += most) {
    std::vector<std::string> batch;
    for (std::size_t i = begin; i < std::min(begin + most, sentences.size()); ++i) {
      batch.push_back(sentences[i].first);
      references.push_back({sentences[i].second});
    }
    for (auto& translation : translator->translate(batch, from, to)) said.push_back(translation.value_or(""));
    report(progress, {"translate", "sentences", said.size(), sentences.size()});
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return {.route = route.name(),
          .from = from,
          .to = to,
          .chrf = corpus_chrf(said, references),
          .bleu = corpus_bleu(said, references).score,
          .sentences = sentences.size(),
          .sentences_per_second = static_cast<double>(sentences.size()) / std::max(seconds, 1e-9),
          .stamp = translator->stamp(),
          .source = std::move(source)};
}

}  // namespace dragoman
