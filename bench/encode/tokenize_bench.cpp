// Tokens a second: the unigram model of multilingual-e5-small by our tokenizer and by llama.cpp's, and how long ours
// takes to open; WordPiece and byte-level BPE with the small vocabularies of tests/golden. Time is the processor's.
#include <benchmark/benchmark.h>

#include <fstream>
#include <optional>
#include <sstream>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/encode/model_store.h"
#include "encode/gguf_file.h"
#include "encode/llama_runtime.h"
#include "encode/tokenize/tokenizer.h"

namespace {

using namespace dragoman;

constexpr std::string_view kSentences[] = {
    "The library opens at nine and closes after sunset. ",
    "Библиотека открывается в девять и закрывается после заката. ",
    "تفتح المكتبة في التاسعة وتغلق بعد غروب الشمس. ",
    "पुस्तकालय नौ बजे खुलता है और सूर्यास्त के बाद बंद होता है। ",
    "ห้องสมุดเปิดเวลาเก้าโมงและปิดหลังพระอาทิตย์ตก ",
    "图书馆九点开门，日落之后关门。",
    "図書館は九時に開き、日没後に閉まります。",
    "Maktaba hufunguliwa saa tatu na kufungwa baada ya jua kutua. ",
};

std::string mixed_text() {
  std::string text;
  while (text.size() < 4096) {
    for (const std::string_view sentence : kSentences) text += sentence;
  }
  return text;
}

std::optional<Model> installed(benchmark::State& state) {
  try {
    return ModelStore().find("multilingual-e5-small");
  } catch (const NotFound& missing) {
    state.SkipWithError(missing.what());
    return std::nullopt;
  }
}

void run(benchmark::State& state, const Tokenizer& tokenizer) {
  const std::string text = mixed_text();
  std::size_t tokens = 0;
  for (auto _ : state) tokens += tokenizer.tokenize(text).size();
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(tokens));
}

void open_unigram(benchmark::State& state) {
  const auto model = installed(state);
  if (!model) return;
  const MappedFile file(model->file);
  for (auto _ : state) {
    benchmark::DoNotOptimize(open_tokenizer(read_gguf(file.bytes(), "model"), file.bytes(), "model"));
  }
}
BENCHMARK(open_unigram)->Unit(benchmark::kMillisecond);

void unigram(benchmark::State& state) {
  const auto model = installed(state);
  if (!model) return;
  const MappedFile file(model->file);
  run(state, *open_tokenizer(read_gguf(file.bytes(), "model"), file.bytes(), "model"));
}
BENCHMARK(unigram);

void unigram_by_llama(benchmark::State& state) {
  const auto model = installed(state);
  if (!model) return;
  const auto loaded = load_llama_model(model->file);
  const llama_vocab* vocabulary = llama_model_get_vocab(loaded.get());
  const std::string text = mixed_text();
  std::size_t tokens = 0;
  for (auto _ : state) tokens += llama_tokens(vocabulary, text, ControlTokens::as_text).size();
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(tokens));
}
BENCHMARK(unigram_by_llama);

void golden(benchmark::State& state, std::string_view name) {
  std::ostringstream content;
  content << std::ifstream(DRAGOMAN_GOLDEN_TOKENIZERS).rdbuf();
  const Json parsed = parse_json_object(content.str(), DRAGOMAN_GOLDEN_TOKENIZERS);
  for (const Json& entry : parsed.at("hugging_face")) {
    if (entry.at("name") == name) return run(state, *read_tokenizer_json(entry.at("tokenizer").dump(), "golden"));
  }
  state.SkipWithError("no such tokenizer in the golden file");
}
BENCHMARK_CAPTURE(golden, word_piece_uncased, "WordPiece uncased");
BENCHMARK_CAPTURE(golden, word_piece_cased, "WordPiece cased");
BENCHMARK_CAPTURE(golden, byte_pair_gpt2, "BPE of GPT-2");
BENCHMARK_CAPTURE(golden, byte_pair_qwen2, "BPE of Qwen 2");

}  // namespace
