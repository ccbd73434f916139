#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "dragoman/base/utf8.h"
#include "dragoman/text/analyzer.h"
#include "support/test_support.h"

namespace {

using dragoman::Analyzer;

const std::array<Analyzer, 5>& analyzers() {
  static const std::array<Analyzer, 5> all = {
      Analyzer("multilingual"), Analyzer("icu"), Analyzer("whitespace"), Analyzer("multilingual+camel_case"),
      Analyzer("multilingual+spans", std::make_shared<const dragoman::LanguageIdentifier>(
                                         dragoman::test::source_dir() / "tests/golden/fasttext/softmax.bin"))};
  return all;
}

/// A language of every row of the table.
const std::vector<dragoman::Language>& languages() {
  static const auto all = [] {
    std::vector<dragoman::Language> made(1);
    for (const auto& rules : Analyzer::language_rules()) {
      if (!rules.languages.empty()) made.push_back(dragoman::Language::parse(rules.languages.front()));
    }
    return made;
  }();
  return all;
}

void check(const std::vector<dragoman::Token>& tokens, std::string_view text, bool in_order) {
  std::size_t begin = 0;
  for (const dragoman::Token& token : tokens) {
    if (token.text.empty() || token.text.size() > Analyzer::kMaxTokenBytes) std::abort();
    if (dragoman::find_invalid_utf8(token.text) != std::string_view::npos) std::abort();
    if (token.begin >= token.end || token.end > text.size()) std::abort();
    if (in_order && token.begin < begin) std::abort();
    begin = token.begin;
  }
}

}  // namespace

// Any bytes in any language: sound tokens inside the text, the same ones a second time, whatever was remembered
// between.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Analyzer& analyzer = analyzers()[data[0] % analyzers().size()];
  const dragoman::Language& language = languages()[data[1] % languages().size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto tokens = analyzer.analyze(text, language);
  // Parts of a word follow it, but begin behind it.
  check(tokens, text, data[0] % analyzers().size() != 3);
  if (analyzer.analyze(text, language) != tokens) std::abort();
  check(analyzer.analyze_query(text, language), text, false);
  check(analyzer.analyze_query(text, language, languages()), text, true);
  const std::vector<dragoman::LanguageSpan> spans = {{{size / 4, size / 2}, language, "", 1}};
  if (size / 2 <= text.size()) check(analyzer.analyze(text, spans), text, false);
  return 0;
}
