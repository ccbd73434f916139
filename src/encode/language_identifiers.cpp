#include "dragoman/encode/language_identifiers.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/model_install.h"

namespace dragoman {

bool has_default_identifier(const std::filesystem::path& models) {
  try {
    std::error_code ignored;
    return std::filesystem::exists(manifest_path(ModelStore(models).folder(), kDefaultIdentifier), ignored);
  } catch (const InvalidArgument&) {
    return false;  // There is no folder for models at all; who needs none of them need not hear of it.
  }
}

std::shared_ptr<const LanguageIdentifier> open_language_identifier(const std::filesystem::path& models,
                                                                   std::string_view name) {
  if (name.empty() && has_default_identifier(models)) name = kDefaultIdentifier;
  if (name.empty() || name == "script") return std::make_shared<LanguageIdentifier>();
  // A file that was never installed needs no hash to be read.
  if (name.find('/') != name.npos || name.ends_with(".ftz") || name.ends_with(".bin")) {
    return std::make_shared<LanguageIdentifier>(std::filesystem::path(name));
  }
  const Model model = ModelStore(models).find(name);
  if (model.kind != ModelKind::language_identifier) {
    throw InvalidArgument(
        fmt::format("model '{}' is of kind {}; a language_identifier is needed, or a fastText file with its path",
                    printable(name), to_string(model.kind)));
  }
  return std::make_shared<LanguageIdentifier>(model.file);
}

}  // namespace dragoman
