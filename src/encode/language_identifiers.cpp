#include "dragoman/encode/language_identifiers.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {

std::shared_ptr<const LanguageIdentifier> open_language_identifier(const ModelStore& store, std::string_view name) {
  if (name == "script") return std::make_shared<LanguageIdentifier>();
  if (name.empty()) {
    const auto installed = store.list();
    const bool there = std::ranges::find(installed, kDefaultIdentifier, &Model::name) != installed.end();
    return there ? open_language_identifier(store, kDefaultIdentifier) : std::make_shared<LanguageIdentifier>();
  }
  // A file that was never installed needs no hash to be read.
  if (name.find('/') != name.npos || name.ends_with(".ftz") || name.ends_with(".bin")) {
    return std::make_shared<LanguageIdentifier>(std::filesystem::path(name));
  }
  const Model model = store.find(name);
  if (model.kind != ModelKind::language_identifier) {
    throw InvalidArgument(
        fmt::format("model '{}' is of kind {}; a language_identifier is needed, or a fastText file with its path",
                    printable(name), to_string(model.kind)));
  }
  return std::make_shared<LanguageIdentifier>(model.file);
}

}  // namespace dragoman
