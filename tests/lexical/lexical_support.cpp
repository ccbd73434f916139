#include "lexical/lexical_support.h"

#include <sstream>

namespace dragoman::test {

std::vector<Token> tokens(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<Token> out;
  for (std::string word; stream >> word;) out.push_back({word, 0, 0});
  return out;
}

void write_segment(const std::filesystem::path& path, DocumentNumber first, const std::vector<Words>& documents) {
  LexicalSegmentBuilder builder;
  for (const Words& document : documents) {
    builder.add(first++, Language::parse(document.language), tokens(document.text));
  }
  builder.write(path, kStamp);
}

std::shared_ptr<const LexicalSegment> make_segment(const std::filesystem::path& path, DocumentNumber first,
                                                   const std::vector<Words>& documents) {
  write_segment(path, first, documents);
  return std::make_shared<const LexicalSegment>(path, kStamp);
}

}  // namespace dragoman::test
