#include "encode/golden.h"

#include <cmath>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"

namespace dragoman::test {

Json golden(std::string_view file, const char* member) {
  const auto path = source_dir() / "tests" / "golden" / file;
  return parse_json_object(read_file(path), path.string()).at(member);
}

std::vector<GoldenText> golden_texts() {
  std::vector<GoldenText> texts;
  const Json entries = golden("encoder_texts.json", "texts");
  for (const Json& entry : entries) {
    GoldenText text{entry.at("name"), {}, entry.value("vector", false)};
    const std::string once = entry.at("text");
    for (int i = entry.value("repeat", 1); i > 0; --i) text.text += once;
    texts.push_back(std::move(text));
  }
  return texts;
}

InstalledModel installed(std::string_view name) {
  try {
    return {ModelStore().find(name), {}};
  } catch (const NotFound& error) {
    return {std::nullopt, error.what()};
  }
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double product = 0, a_squares = 0, b_squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += static_cast<double>(a[i]) * b[i];
    a_squares += static_cast<double>(a[i]) * a[i];
    b_squares += static_cast<double>(b[i]) * b[i];
  }
  return product / std::sqrt(a_squares * b_squares);
}

const SharedEncoder& shared_encoder() {
  static const SharedEncoder shared = [] {
    SharedEncoder opened{installed("multilingual-e5-small"), nullptr};
    if (opened.installed.model) opened.encoder = open_encoder(*opened.installed.model, {.threads = 3});
    return opened;
  }();
  return shared;
}

const SharedLanguageModel& shared_language_model() {
  static const SharedLanguageModel shared = [] {
    SharedLanguageModel opened{installed("smollm2-135m-instruct"), nullptr};
    if (opened.installed.model) {
      opened.model = open_language_model(
          *opened.installed.model, {.threads = 1, .context_tokens = 1024, .weights = LanguageModelWeights::stored});
    }
    return opened;
  }();
  return shared;
}

}  // namespace dragoman::test
