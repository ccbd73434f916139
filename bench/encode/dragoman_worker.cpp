// Dragoman's encoder as a worker of bench/encode/speed (the protocol is in peers.py): texts in, tokenising included.
//
//   dragoman_worker MODEL f32|bf16|int8 THREADS WORK
#include <fmt/format.h>

#include <string_view>

#include "dragoman/base/error.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/model_store.h"
#include "worker.h"

int main(int argc, char** argv) try {
  if (argc != 5) return fmt::print(stderr, "usage: dragoman_worker MODEL f32|bf16|int8 THREADS WORK\n"), 2;
  dragoman::EncoderOptions options;
  options.precision = dragoman::parse_precision(argv[2]);
  options.threads = std::stoul(argv[3]);
  const auto encoder = dragoman::open_encoder(dragoman::ModelStore().find(argv[1]), options);
  if (encoder->precision() != *options.precision) {
    return fmt::print(stderr, "this build does not multiply in {}\n", argv[2]), 1;
  }
  return serve(argv[4], [&](std::span<const TimedText> texts, const std::string& set) {
    std::vector<std::string_view> views;
    for (const TimedText& text : texts) views.push_back(text.text);
    const auto as = set == "queries" ? dragoman::EncodeAs::query : dragoman::EncodeAs::passage;
    std::vector<float> vectors;
    for (const auto& encoding : encoder->encode(views, as)) {
      vectors.insert(vectors.end(), encoding.dense.begin(), encoding.dense.end());
    }
    return vectors;
  });
} catch (const std::exception& error) {
  return fmt::print(stderr, "dragoman_worker: {}\n", error.what()), 1;
}
