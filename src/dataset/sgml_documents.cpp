#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "dataset/readers.h"
#include "dataset/sgml.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

/// What the newspapers of TREC and CLEF call these parts, in small letters.
const std::vector<std::string> kTitleElements = {"title", "headline", "head", "hl", "ti"};
const std::vector<std::string> kTextElements = {"text", "lead", "leadpara", "lp",   "ld",
                                                "le",   "tx",   "te",       "body", "abstract"};

/// Elements that stand within a line; all others begin a new one.
const std::vector<std::string> kInlineElements = {"a",    "b",      "em",  "f",   "font", "i",
                                                  "span", "strong", "sub", "sup", "u"};

enum class Part { other, id, title, text };

class Elements {
 public:
  explicit Elements(const ConvertOptions& options)
      : title_(options.title_elements.empty() ? kTitleElements : in_small_letters(options.title_elements)),
        text_(options.text_elements.empty() ? kTextElements : in_small_letters(options.text_elements)) {}

  Part part_of(const std::string& element) const {
    if (element == "docno") return Part::id;
    if (std::ranges::find(title_, element) != title_.end()) return Part::title;
    if (std::ranges::find(text_, element) != text_.end()) return Part::text;
    return Part::other;
  }

 private:
  static std::vector<std::string> in_small_letters(std::vector<std::string> names) {
    for (std::string& name : names) {
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    }
    return names;
  }

  std::vector<std::string> title_, text_;
};

/// Text with its runs of blanks made one; a line break is kept where the source has an empty line.
std::string tidied(std::string_view text) {
  std::string tidy;
  std::size_t breaks = 0, blanks = 0;
  for (const char c : text) {
    if (c == '\n') {
      ++breaks;
    } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
      ++blanks;
    } else {
      if (!tidy.empty() && breaks + blanks > 0) tidy += breaks > 1 ? '\n' : ' ';
      breaks = blanks = 0;
      tidy += c;
    }
  }
  return tidy;
}

/// Each stretch of text belongs to the innermost element around it that has a part; elements within it (<P>) divide it.
Document parse_document(const SgmlRecords::Record& record, const Elements& elements) {
  std::string id, title, text;
  std::vector<std::string> open;
  const auto part_here = [&] {
    const auto inner = std::find_if(open.rbegin(), open.rend(),
                                    [&](const std::string& name) { return elements.part_of(name) != Part::other; });
    return inner == open.rend() ? Part::other : elements.part_of(*inner);
  };
  for (const SgmlToken& token : scan_sgml(record.content)) {
    if (token.kind == SgmlToken::Kind::text) {
      const Part part = part_here();
      if (part != Part::other) (part == Part::id ? id : part == Part::title ? title : text) += token.text();
      continue;
    }
    if (token.kind == SgmlToken::Kind::begin) {
      if (!token.content.ends_with('/')) open.push_back(token.name);
    } else if (const auto begin = std::find(open.rbegin(), open.rend(), token.name); begin != open.rend()) {
      open.erase(std::prev(begin.base()), open.end());  // With the elements in it that were never ended.
    }
    if (std::ranges::find(kInlineElements, token.name) == kInlineElements.end()) text += "\n\n";
  }
  Document document;
  document.id = trimmed(id);
  document.title = tidied(title);
  document.text = tidied(text);
  return document;
}

}  // namespace

void read_sgml_documents(const InputFile& file, const Language& language, const Conversion& conversion,
                         DatasetWriter& writer) {
  const std::string& given = conversion.options.encoding;
  InputLines lines(file, conversion.progress, given.empty() ? declared_encoding(file) : given,
                   SgmlRecords::kMaxRecordBytes);
  SgmlRecords records(lines, {"doc"});
  const Elements elements(conversion.options);
  bool any = false;
  for (SgmlRecords::Record record; records.next(record); any = true) {
    Document document = parse_document(record, elements);
    if (document.id.empty()) throw InvalidData(fmt::format("{}: the <DOC> has no <DOCNO>", record.place));
    document.language = language;
    document.language_given = !language.undetermined();
    writer.add(document, record.place);
  }
  if (!any) throw InvalidData(fmt::format("{}: holds no <DOC>", file.path));
}

}  // namespace dragoman
