// Makes the golden logits of a language model with llama.cpp alone: each prompt in one batch, control tokens read from
// the prompt as it is spelled.
//
//   ninja -C build/dev make_language_model_golden
//   make_language_model_golden MODEL.gguf < language_model_prompts.json > language_model_logits.json
//
// The committed file was made by llama.cpp 0.5.0-dev (0c1e57098) from the installed smollm2-135m-instruct.
#include <llama.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kBest = 10;

std::vector<llama_token> tokenize(const llama_vocab* vocabulary, const std::string& text) {
  std::vector<llama_token> tokens(text.size() + 8);
  const auto count = llama_tokenize(vocabulary, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                                    static_cast<std::int32_t>(tokens.size()), true, true);
  tokens.resize(static_cast<std::size_t>(std::max(count, 0)));
  return tokens;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: make_language_model_golden MODEL.gguf < prompts.json\n", stderr), 2;
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  llama_backend_init();
  llama_model* model = llama_model_load_from_file(argv[1], llama_model_default_params());
  if (model == nullptr) return std::fprintf(stderr, "%s: cannot be loaded\n", argv[1]), 1;
  const llama_vocab* vocabulary = llama_model_get_vocab(model);
  nlohmann::ordered_json prompts = nlohmann::ordered_json::object();
  std::cin >> prompts;
  std::cout << "{\n  \"prompts\": [\n";
  for (std::size_t p = 0; p < prompts["prompts"].size(); ++p) {
    auto prompt = prompts["prompts"][p];
    auto tokens = tokenize(vocabulary, prompt["spelled"]);
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = 1;
    llama_context* context = llama_init_from_model(model, params);
    if (llama_decode(context, llama_batch_get_one(tokens.data(), static_cast<std::int32_t>(tokens.size()))) != 0) {
      return std::fputs("llama_decode failed\n", stderr), 1;
    }
    const float* logits = llama_get_logits_ith(context, -1);
    std::vector<llama_token> best(static_cast<std::size_t>(llama_vocab_n_tokens(vocabulary)));
    std::iota(best.begin(), best.end(), 0);
    std::partial_sort(best.begin(), best.begin() + kBest, best.end(),
                      [&](llama_token a, llama_token b) { return logits[a] > logits[b]; });
    prompt["tokens"] = tokens;
    for (std::size_t i = 0; i < kBest; ++i) {
      prompt["best"].push_back({{"token", best[i]}, {"logit", std::stod(std::to_string(logits[best[i]]))}});
    }
    std::cout << "    " << prompt.dump() << (p + 1 < prompts["prompts"].size() ? ",\n" : "\n");
    llama_free(context);
  }
  std::cout << "  ]\n}\n";
  llama_model_free(model);
}
