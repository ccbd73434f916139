#include "translate/provider_flags.h"

#include <fmt/format.h>

#include "search_flags.h"

namespace dragoman::cli {

void ProviderFlags::add(CLI::App& command) {
  command.add_option("--provider", providers_,
                     fmt::format("Who may translate, of: {}; or one of a kind: marian:NAME, apertium:MODE, llm:MODEL, "
                                 "libretranslate:URL, openai:URL#MODEL; several with commas between them [what is "
                                 "installed, and what DRAGOMAN_TRANSLATORS names]",
                                 provider_kind_names()));
  command
      .add_option("--translation-table", tables_,
                  "lexicon: tables, or folders of them [the folder translation, beside the models]")
      ->allow_extra_args(false);
  command.add_option("--analyzer", analyzer_, "lexicon: what made the tables' words")->capture_default_str();
}

void ProviderFlags::add_marian(CLI::App& command) {
  command.add_option("--model", model_,
                     "The one model: of marian its name, file, or a folder of Marian's files; with "
                     "--provider llm a language model");
  command.add_option("--precision", precision_, "marian: int8 or f32 [int8 where the processor is fast at it]");
  command.add_option("--beam-size", beam_size_, "marian: translations followed at a time, 1 to 64 [the model's]");
  command.add_option("--max-tokens", marian_.max_tokens, "marian: longer sentences are cut")->capture_default_str();
  command.add_flag("--whole-lines", whole_lines_, "marian, apertium: each line is one sentence");
  command.add_flag("--no-protect", no_protect_, "marian, apertium: do not look after lost numbers, addresses and tags");
  command.add_option("--patience", apertium_seconds_, "apertium: seconds without an answer after which it hangs")
      ->capture_default_str();
}

std::vector<std::string> ProviderFlags::providers() const {
  if (!model_.empty()) return {fmt::format("{}:{}", providers_.empty() ? "marian" : providers_, model_)};
  if (providers_.empty() && !tables_.empty()) return {"lexicon"};
  return split_list(providers_);
}

TranslatorRegistryOptions ProviderFlags::options(const Context& context) const {
  TranslatorRegistryOptions options{.models = context.models,
                                    .tables = tables_,
                                    .providers = providers(),
                                    .analyzer = analyzer_,
                                    .threads = context.threads,
                                    .cache = context.cache(),
                                    .cache_bytes = context.cache_bytes,
                                    .marian = marian_};
  options.marian.split_sentences = options.apertium.split_sentences = !whole_lines_;
  options.marian.protect = options.apertium.protect = !no_protect_;
  options.apertium.patience = std::chrono::seconds(apertium_seconds_);
  if (!precision_.empty()) options.marian.precision = parse_precision(precision_);
  if (beam_size_ != 0) options.marian.beam_size = beam_size_;
  return options;
}

}  // namespace dragoman::cli
