#include "text/analysis/decompounding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

/// Shorter parts are endings and chance.
constexpr std::size_t kMinPartLetters = 4;
constexpr std::size_t kMaxWordBytes = 80;

}  // namespace

Decompounder::Decompounder(std::shared_ptr<const HunspellDictionary> dictionary, std::string_view linking)
    : dictionary_(std::move(dictionary)), linking_{""} {
  for (std::size_t at = 0; at < linking.size();) {
    const std::size_t end = std::min(linking.find(' ', at), linking.size());
    if (end > at) linking_.emplace_back(linking.substr(at, end - at));
    at = end + 1;
  }
}

bool Decompounder::is_part(std::string_view word) const {
  return count_code_points(word) >= kMinPartLetters && dictionary_->knows(word);
}

std::string_view Decompounder::without_linking(std::string_view word) const {
  for (const std::string& link : linking_) {
    if (word.size() <= link.size() || !word.ends_with(link)) continue;
    const std::string_view rest = word.substr(0, word.size() - link.size());
    if (is_part(rest)) return rest;
  }
  return {};
}

std::vector<std::string> Decompounder::parts(std::string_view word) const {
  if (word.size() > kMaxWordBytes || count_code_points(word) < 2 * kMinPartLetters) return {};
  for (std::size_t cut = word.size() - 1; cut > 0; --cut) {
    if ((static_cast<unsigned char>(word[cut]) & 0xC0) == 0x80) continue;  // Inside a code point.
    const std::string_view second = word.substr(cut);
    if (!is_part(second)) continue;
    const std::string_view first = without_linking(word.substr(0, cut));
    if (first.empty()) continue;
    std::vector<std::string> all = parts(first);
    if (all.empty()) all.emplace_back(first);
    all.emplace_back(second);
    return all;
  }
  return {};
}

const char* compound_linking(std::string_view primary) {
  struct Language {
    std::string_view primary;
    const char* linking;
  };
  static constexpr std::array<Language, 9> kLanguages = {{{"de", "s es n en er ens"},
                                                          {"nl", "s e en er"},
                                                          {"sv", "s e o u"},
                                                          {"da", "s e"},
                                                          {"nb", "s e"},
                                                          {"nn", "s e"},
                                                          {"no", "s e"},
                                                          {"fi", "n"},
                                                          {"hu", ""}}};
  const auto found = std::ranges::find(kLanguages, primary, &Language::primary);
  return found == kLanguages.end() ? nullptr : found->linking;
}

}  // namespace dragoman
