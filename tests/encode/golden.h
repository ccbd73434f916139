#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"

namespace dragoman::test {

/// The list `member` of a file of tests/golden: numbers from a model's original implementation (tools/make-golden).
Json golden(std::string_view file, const char* member);

/// A text with golden token ids; some have a golden vector as well.
struct GoldenText {
  std::string name, text;
  bool vector = false;
};
std::vector<GoldenText> golden_texts();

/// An installed model, or the store's word on why there is none.
struct InstalledModel {
  std::optional<Model> model;
  std::string missing;
};
InstalledModel installed(std::string_view name);

double cosine(std::span<const float> a, std::span<const float> b);

/// Opening the encoder takes a second, so the tests of a program share it.
struct SharedEncoder {
  InstalledModel installed;
  std::unique_ptr<Encoder> encoder;  ///< None if not installed. Three threads.
};
const SharedEncoder& shared_encoder();

/// The same with the language model: one thread, 1,024 tokens of context.
struct SharedLanguageModel {
  InstalledModel installed;
  std::unique_ptr<LanguageModel> model;
};
const SharedLanguageModel& shared_language_model();

}  // namespace dragoman::test
