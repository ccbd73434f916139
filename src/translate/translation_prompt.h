#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/language_model.h"
#include "dragoman/text/language.h"
#include "encode/prompt_template.h"

namespace dragoman {

/// prompts/translate.yaml.
class TranslationPrompt {
 public:
  /// The one that ships. @throws NotFound naming the folders, InvalidData ("translate.yaml:3: ...").
  TranslationPrompt();

  std::vector<Message> messages(std::string_view sentence, const Language& from, const Language& to) const;
  /// Hash of the file: another prompt makes other translations.
  const std::string& stamp() const { return stamp_; }

 private:
  std::string system_, stamp_;
  PromptTemplate user_;
};

/// "Brazilian Portuguese", "Chinese": what English calls a language; its tag where English has no name.
std::string english_name(const Language& language);

/// An answer as the translation of a sentence: on one line, without quotation marks that the sentence has not. None for
/// an empty one, or a copy of four or more words.
std::optional<std::string> translation_in(std::string_view answer, std::string_view sentence);

}  // namespace dragoman
