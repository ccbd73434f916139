// llama.cpp's encoder as a worker of bench/encode/speed (the protocol is in peers.py): flash attention on,
// micro-batches of 512 tokens, which is where it is fastest, and tokens that were made before.
//
//   llama_worker MODEL.gguf THREADS WORK
#include <llama.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "worker.h"

namespace {

constexpr std::size_t kBatchTokens = 512, kBatchTexts = 256;

class Llama {
 public:
  Llama(const char* file, int threads) {
    llama_log_set(
        [](ggml_log_level level, const char* text, void*) {
          if (level == GGML_LOG_LEVEL_ERROR) std::fputs(text, stderr);
        },
        nullptr);
    llama_backend_init();
    model_ = llama_model_load_from_file(file, llama_model_default_params());
    if (model_ == nullptr) throw std::runtime_error(std::string(file) + ": cannot be loaded");
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = kBatchTokens;
    params.n_seq_max = kBatchTexts;
    params.kv_unified = true;
    params.n_threads = params.n_threads_batch = threads;
    params.embeddings = true;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    context_ = llama_init_from_model(model_, params);
    if (context_ == nullptr) throw std::runtime_error(std::string(file) + ": no context could be made");
    batch_ = llama_batch_init(kBatchTokens, 0, 1);
  }
  Llama(const Llama&) = delete;
  Llama& operator=(const Llama&) = delete;
  ~Llama() {
    llama_batch_free(batch_);
    llama_free(context_);
    llama_model_free(model_);
  }

  std::vector<float> encode(std::span<const TimedText> texts) {
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return texts[i].tokens.size(); });
    std::vector<float> vectors(texts.size() * dimension());
    for (std::size_t next = 0; next < order.size();) {
      batch_.n_tokens = 0;
      const std::size_t first = next;
      while (next < order.size() && next - first < kBatchTexts && add(texts[order[next]], next - first)) ++next;
      if (next == first) throw std::runtime_error("a text is longer than 512 tokens");
      if (llama_encode(context_, batch_) != 0) throw std::runtime_error("llama_encode failed");
      for (std::size_t i = first; i < next; ++i) keep(i - first, vectors.data() + order[i] * dimension());
    }
    return vectors;
  }

 private:
  std::size_t dimension() const { return static_cast<std::size_t>(llama_model_n_embd_out(model_)); }

  bool add(const TimedText& text, std::size_t sequence) {
    if (static_cast<std::size_t>(batch_.n_tokens) + text.tokens.size() > kBatchTokens) return false;
    for (std::size_t position = 0; position < text.tokens.size(); ++position) {
      const auto i = batch_.n_tokens++;
      batch_.token[i] = text.tokens[position];
      batch_.pos[i] = static_cast<llama_pos>(position);
      batch_.n_seq_id[i] = 1;
      batch_.seq_id[i][0] = static_cast<llama_seq_id>(sequence);
      batch_.logits[i] = 1;
    }
    return true;
  }

  void keep(std::size_t sequence, float* vector) const {
    const float* pooled = llama_get_embeddings_seq(context_, static_cast<llama_seq_id>(sequence));
    const double squares = std::inner_product(pooled, pooled + dimension(), pooled, 0.0);
    for (std::size_t d = 0; d < dimension(); ++d) vector[d] = static_cast<float>(pooled[d] / std::sqrt(squares));
  }

  llama_model* model_ = nullptr;
  llama_context* context_ = nullptr;
  llama_batch batch_{};
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) return std::fputs("usage: llama_worker MODEL.gguf THREADS WORK\n", stderr), 2;
  Llama llama(argv[1], std::stoi(argv[2]));
  return serve(argv[3], [&](std::span<const TimedText> texts, const std::string&) { return llama.encode(texts); });
} catch (const std::exception& error) {
  return std::fprintf(stderr, "llama_worker: %s\n", error.what()), 1;
}
