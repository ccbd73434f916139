// Translates the lines of standard input with a Marian model, as bench/translate/compare asks, and says what it took.
//   marian_worker MODEL FROM TO THREADS [int8|f32] [BEAM]
// Each line is one sentence and is translated once, whatever is lost: what the peers do.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "clock.h"
#include "dragoman/translate/marian.h"

int main(int count, char** arguments) try {
  if (count < 5) {
    fmt::print(stderr, "usage: marian_worker MODEL FROM TO THREADS [int8|f32] [BEAM]\n");
    return 2;
  }
  const auto from = dragoman::Language::parse(arguments[2]), to = dragoman::Language::parse(arguments[3]);
  dragoman::MarianOptions options;
  options.from = from;
  options.to = to;
  options.threads = std::stoul(arguments[4]);
  if (count > 5) options.precision = dragoman::parse_precision(arguments[5]);
  if (count > 6) options.beam_size = std::stoul(arguments[6]);
  options.split_sentences = options.protect = false;
  options.max_tokens = 1024;

  const auto opening = dragoman::bench::Clock::now();
  const auto translator = dragoman::open_marian_translator(std::filesystem::path(arguments[1]), options);
  const double open_seconds = dragoman::bench::seconds_since(opening);
  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) lines.push_back(line);
  translator->translate(std::vector<std::string>(lines.begin(), lines.begin() + std::min<long>(10, std::ssize(lines))),
                        from, to);

  const auto begin = dragoman::bench::Clock::now();
  const double cpu = dragoman::bench::cpu_seconds();
  const auto translations = translator->translate(lines, from, to);
  fmt::print(stderr, "{{\"open\": {:.4f}, \"seconds\": {:.4f}, \"cpu\": {:.4f}, \"peak_mb\": {:.1f}}}\n", open_seconds,
             dragoman::bench::seconds_since(begin), dragoman::bench::cpu_seconds() - cpu,
             static_cast<double>(dragoman::bench::peak_kilobytes()) / 1024);
  for (const auto& translation : translations) fmt::print("{}\n", translation.value_or(""));
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "marian_worker: {}\n", error.what());
  return 1;
}
