#include "lexical/lexical_support.h"

#include <sstream>

namespace dragoman::test {

std::vector<Token> tokens(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<Token> out;
  for (std::string word; stream >> word;) out.push_back({word, 0, 0});
  return out;
}

std::vector<Words> slice(const std::vector<Words>& documents, std::size_t begin, std::size_t end) {
  return {documents.begin() + static_cast<std::ptrdiff_t>(begin), documents.begin() + static_cast<std::ptrdiff_t>(end)};
}

void write_segment(const std::filesystem::path& path, DocumentNumber first, const std::vector<Words>& documents,
                   const LexicalBuildOptions& options) {
  LexicalSegmentBuilder builder(options);
  for (const Words& document : documents) {
    builder.add(first++, Language::parse(document.language), tokens(document.text));
  }
  builder.write(path, kStamp);
}

std::shared_ptr<const LexicalSegment> make_segment(const std::filesystem::path& path, DocumentNumber first,
                                                   const std::vector<Words>& documents,
                                                   const LexicalBuildOptions& options) {
  write_segment(path, first, documents, options);
  return std::make_shared<const LexicalSegment>(path, kStamp);
}

std::vector<DocumentNumber> numbers(const std::vector<ScoredDocument>& hits) {
  std::vector<DocumentNumber> out;
  for (const ScoredDocument& hit : hits) out.push_back(hit.document);
  return out;
}

std::vector<std::uint8_t> random_filter(std::mt19937& random, std::size_t documents) {
  std::vector<std::uint8_t> allowed;
  const auto kind = random() % 3;
  for (std::size_t i = 0; i < documents && kind > 0; ++i) {
    allowed.push_back(kind == 1 ? random() % 2 == 0 : i >= 7000 && i < 7300);
  }
  return allowed;
}

std::size_t random_depth(std::mt19937& random) {
  static const std::vector<std::size_t> kDepths = {1, 2, 10, 100, 128, 129, 1000, 30'000};
  return kDepths[random() % kDepths.size()];
}

}  // namespace dragoman::test
