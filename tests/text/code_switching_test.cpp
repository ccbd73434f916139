#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/text/analyzer.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::HasSubstr;

Language lang(const char* tag) { return Language::parse(tag); }

/// By the model that the tests of identification train for a blink: de, en, sw, ru, ar, hi, ja and th.
const Analyzer& with_model() {
  static const Analyzer analyzer("multilingual+spans", std::make_shared<const LanguageIdentifier>(
                                                           test::source_dir() / "tests/golden/fasttext/softmax.bin"));
  return analyzer;
}

/// By script alone.
const Analyzer& by_script() {
  static const Analyzer analyzer("multilingual+spans");
  return analyzer;
}

/// Words in their order; those of one place together: "cars/car run".
std::string words(const std::vector<Token>& tokens) {
  std::string line;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) line += tokens[i].begin == tokens[i - 1].begin && tokens[i].end == tokens[i - 1].end ? '/' : ' ';
    line += tokens[i].text;
  }
  return line;
}

std::string words(const Analyzer& analyzer, std::string_view text, const char* language) {
  return words(analyzer.analyze(text, lang(language)));
}

}  // namespace
}  // namespace dragoman
