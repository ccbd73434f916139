#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// A text of WORK/SET.json: as it is, and as tokens that were made before.
struct TimedText {
  std::string text;
  std::vector<std::int32_t> tokens;
};

/// Unit vectors of texts, one after the other. `set` is "passages" or "queries".
using EncodeTexts = std::function<std::vector<float>(std::span<const TimedText> texts, const std::string& set)>;

inline double user_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec) + 1e-6 * static_cast<double>(used.ru_utime.tv_usec);
}

/// Of this program alone: ru_maxrss would begin with what its parent had.
inline std::uint64_t peak_rss_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (std::uint64_t kibibytes = 0; word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

inline std::vector<TimedText> read_texts(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error(path.string() + ": cannot be read");
  std::vector<TimedText> texts;
  for (const auto& record : nlohmann::json::parse(stream)) texts.push_back({record.at("text"), record.at("tokens")});
  return texts;
}

/// Answers the commands that peers.py describes until standard input ends.
/// @return what main() returns.
inline int serve(const std::filesystem::path& work, const EncodeTexts& encode) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  std::map<std::string, std::vector<TimedText>> sets;
  std::cout << R"({"ready": true})" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command, set, argument;
    words >> command >> set >> argument;
    if (command == "quit") break;
    if (!sets.contains(set)) sets[set] = read_texts(work / (set + ".json"));
    const std::span<const TimedText> texts = sets[set];
    nlohmann::json answer;
    if (command == "latency") {
      std::vector<double> milliseconds;
      for (const TimedText& text : texts.first(std::min(texts.size(), std::size_t{std::stoul(argument)}))) {
        const auto begin = Clock::now();
        encode({&text, 1}, set);
        milliseconds.push_back(1e3 * since(begin));
      }
      answer["milliseconds"] = milliseconds;
    } else {
      const double before = user_seconds();
      const auto begin = Clock::now();
      const std::vector<float> vectors = encode(texts, set);
      answer["wall"] = since(begin);
      answer["user"] = user_seconds() - before;
      answer["peak_rss_bytes"] = peak_rss_bytes();
      std::size_t tokens = 0;
      for (const TimedText& text : texts) tokens += text.tokens.size();
      answer["tokens"] = tokens;
      if (command == "vectors") {
        std::ofstream(argument, std::ios::binary)
            .write(reinterpret_cast<const char*>(vectors.data()),
                   static_cast<std::streamsize>(vectors.size() * sizeof(float)));
      }
    }
    std::cout << answer.dump() << std::endl;
  }
  return 0;
}
