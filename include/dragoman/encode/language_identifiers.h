#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "dragoman/encode/model_store.h"
#include "dragoman/text/language_identifier.h"

namespace dragoman {

/// The model that tells languages where no other is named, if it is installed.
inline constexpr const char* kDefaultIdentifier = "lid.176";

/// Opens what a user names: an installed language identifier, a path to a fastText classifier (.ftz, .bin), "script"
/// for none, so that the script alone decides, or "" for the default one if it is installed, else none.
/// @throws NotFound, InvalidData as ModelStore::find and LanguageIdentifier; InvalidArgument for a model of another
/// kind.
/// @param models where models lie, as of ModelStore.
std::shared_ptr<const LanguageIdentifier> open_language_identifier(const std::filesystem::path& models,
                                                                   std::string_view name = "");

/// Is the default one installed?
bool has_default_identifier(const std::filesystem::path& models);

/// What to say of an identifier without a model: where to get one.
inline constexpr const char* kNoIdentifierNotice =
    "languages are told from their scripts alone; for more: dragoman model pull lid.176";

}  // namespace dragoman
