#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/environment.h"
#include "dragoman/base/error.h"
#include "dragoman/translate/apertium.h"

namespace dragoman {
namespace {

/// Debian 12's packages of pairs: "apertium-" and one of these. Most translate both ways, some only one.
constexpr std::array<std::string_view, 45> kPackages = {
    "afr-nld", "arg-cat", "bel-rus", "br-fr",   "cat-ita", "cat-srd", "dan-nor", "en-gl",   "eng-cat",
    "eng-spa", "eo-ca",   "eo-en",   "eo-es",   "eo-fr",   "es-gl",   "es-pt",   "es-ro",   "eu-en",
    "eu-es",   "fr-es",   "fra-cat", "fra-frp", "hbs-eng", "hbs-mkd", "hbs-slv", "ind-zlm", "isl-eng",
    "isl-swe", "mkd-bul", "mkd-eng", "nno-nob", "oc-ca",   "oc-es",   "oci-fra", "pol-szl", "por-cat",
    "pt-gl",   "rus-ukr", "spa-arg", "spa-ast", "spa-cat", "spa-ita", "srd-ita", "swe-dan", "urd-hin"};

/// "spa-eng" or "es-pt_BR" as two languages; nothing else has just one hyphen.
std::optional<std::pair<Language, Language>> pair_of(std::string_view name) {
  const std::size_t hyphen = name.find('-');
  if (hyphen == name.npos || name.find('-', hyphen + 1) != name.npos) return std::nullopt;
  const auto language = [](std::string_view code) {
    // "oc_aran": a dialect of Apertium's own, behind whose mark stands no region.
    const std::size_t mark = code.find('_');
    if (mark != code.npos && !(mark + 1 < code.size() && code[mark + 1] >= 'A' && code[mark + 1] <= 'Z')) {
      throw InvalidArgument("no region");
    }
    std::string tag(code);
    std::ranges::replace(tag, '_', '-');
    return Language::parse(tag);
  };
  try {
    return std::pair(language(name.substr(0, hyphen)), language(name.substr(hyphen + 1)));
  } catch (const InvalidArgument&) {
    return std::nullopt;
  }
}

}  // namespace

std::filesystem::path default_apertium_folder() {
  const std::string folder = environment("DRAGOMAN_APERTIUM");
  return folder.empty() ? "/usr/share/apertium/modes" : folder;
}

std::vector<ApertiumMode> find_apertium_modes(const std::filesystem::path& folder) {
  std::vector<ApertiumMode> modes;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".mode") continue;
    const std::string name = entry.path().stem().string();
    if (const auto pair = pair_of(name)) modes.push_back({name, pair->first, pair->second, entry.path()});
  }
  std::ranges::sort(modes, {}, &ApertiumMode::name);
  return modes;
}

std::optional<ApertiumMode> find_apertium_mode(const std::vector<ApertiumMode>& modes, const Language& from,
                                               const Language& to) {
  const auto region_rank = [](const Language& asked, const Language& has) {
    return asked == has ? 0 : has.tag() == has.primary() ? 1 : 2;
  };
  const ApertiumMode* best = nullptr;
  int least = 0;
  for (const ApertiumMode& mode : modes) {
    if (!same_written_language(mode.from, from) || !same_written_language(mode.to, to)) continue;
    const int rank = region_rank(from, mode.from) + region_rank(to, mode.to);
    if (best != nullptr && rank >= least) continue;
    best = &mode;
    least = rank;
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

std::string apertium_package(const Language& from, const Language& to) {
  for (const std::string_view name : kPackages) {
    const auto pair = pair_of(name);
    if (!pair) continue;
    const auto& [one, other] = *pair;
    const bool there = same_written_language(one, from) && same_written_language(other, to);
    const bool back = same_written_language(one, to) && same_written_language(other, from);
    if (there || back) return fmt::format("apertium-{}", name);
  }
  return {};
}

}  // namespace dragoman
