#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/analyzer.h"

namespace dragoman {

/// Documents, and an index of their words.
struct LexicalDocuments {
  std::shared_ptr<const Bm25Index> index;
  std::shared_ptr<const AnalyzedDocuments> documents;
};

/// @param texts languages and texts.
/// @param path  of the index's segment, which is written.
inline LexicalDocuments make_lexical_documents(const std::vector<std::pair<const char*, const char*>>& texts,
                                               std::shared_ptr<const Analyzer> analyzer,
                                               const std::filesystem::path& path) {
  Collection::DocumentLanguages languages;
  LexicalSegmentBuilder builder;
  for (DocumentNumber i = 0; i < texts.size(); ++i) {
    const Language language = Language::parse(texts[i].first);
    builder.add(i, language, analyzer->analyze(texts[i].second, language));
    languages.languages.push_back(language);
    languages.of.push_back(static_cast<std::uint16_t>(i));
  }
  builder.write(path, analyzer->version());
  auto index = std::make_shared<Bm25Index>(
      std::vector<std::shared_ptr<const LexicalSegment>>{std::make_shared<LexicalSegment>(path, analyzer->version())});
  return {std::move(index), std::make_shared<AnalyzedDocuments>(std::move(analyzer), std::move(languages))};
}

/// The documents of a list, in its order.
inline std::vector<DocumentNumber> numbers(const RetrievedList& list) {
  std::vector<DocumentNumber> numbers;
  for (const Retrieved& found : list.documents) numbers.push_back(found.document);
  return numbers;
}

}  // namespace dragoman
