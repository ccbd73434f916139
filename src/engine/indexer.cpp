#include "dragoman/engine/indexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/collection/collection.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/text/analyzer.h"
#include "engine/segment_builder.h"

namespace dragoman {
namespace {

// A commit costs a wait for the disk; a batch makes it cheap and still holds little memory.
constexpr std::size_t kBatchDocuments = 1000;
constexpr std::size_t kBatchBytes = std::size_t{8} << 20;

bool wants(const IndexOptions& options, FirstStage stage) {
  return std::ranges::find(options.stages, stage) != options.stages.end();
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

void add_documents(Collection& collection, const std::string& corpus, IndexReport& report,
                   const ProgressCallback& progress) {
  CorpusReader reader(corpus);
  std::vector<Document> batch;
  std::size_t batch_bytes = 0;
  const auto flush = [&] {
    const auto [added, unchanged] = collection.add(batch);
    report.added += added;
    report.unchanged += unchanged;
    batch.clear();
    batch_bytes = 0;
    dragoman::report(progress, {"read", "bytes", reader.bytes_read(), reader.bytes_total()});
  };
  try {
    for (Document document; reader.next(document);) {
      report.without_text += is_blank(document.title) && is_blank(document.text);
      report.language_identified += !document.language_given;
      batch_bytes += document.title.size() + document.text.size();
      batch.push_back(std::move(document));
      if (batch.size() == kBatchDocuments || batch_bytes >= kBatchBytes) flush();
    }
  } catch (const InvalidData&) {
    flush();  // What was read before the bad line is good, and stays.
    throw;
  }
  flush();
}

std::unique_ptr<Encoder> open_collection_encoder(Collection& collection, const IndexOptions& options) {
  const std::string current = collection.setting("encoder");
  std::string name = options.encoder;
  if (name.empty()) name = current.empty() ? kDefaultEncoder : current;
  if (!current.empty() && name != current && !options.rebuild) {
    throw InvalidArgument(fmt::format("{}: its dense index was made by '{}', not '{}'; to make it anew add --rebuild",
                                      options.into.string(), printable(current), printable(name)));
  }
  auto encoder = open_encoder(ModelStore(options.models).find(name), {.threads = options.threads});
  collection.set_setting("encoder", name);
  return encoder;
}

}  // namespace

DocumentNumber first_uncovered(const Collection& collection, std::string_view kind, std::string_view stamp) {
  DocumentNumber next = 0;
  for (const SegmentRecord& segment : collection.segments(kind)) {
    if (segment.stamp != stamp) {
      throw InvalidData(fmt::format("{}: made by [{}], but now it would be [{}]; make it anew with: "
                                    "dragoman index --rebuild --into {}", segment.file.string(), printable(segment.stamp, 200),
                                    printable(stamp, 200), collection.folder().string()));
    }
    next = std::max(next, segment.first + segment.count);
  }
  return next;
}

IndexReport index_corpus(const IndexOptions& options, const ProgressCallback& progress) {
  if (options.stages.empty()) throw InvalidArgument("no index to build; choose of bm25, dense");
  if (options.corpus.empty()) Collection::open(options.into);  // Nothing to add, so it must be there already.
  Collection collection = Collection::open_for_writing(options.into);
  // A missing model should be known before hours of reading.
  std::unique_ptr<Encoder> encoder;
  if (wants(options, FirstStage::dense)) encoder = open_collection_encoder(collection, options);

  IndexReport report;
  if (!options.corpus.empty()) add_documents(collection, options.corpus, report, progress);
  for (const FirstStage stage : options.stages) {
    const std::string_view kind = stage == FirstStage::bm25 ? "lexical" : "dense";
    if (options.rebuild) collection.drop_segments(kind);
    if (stage == FirstStage::bm25) {
      build_lexical_segments(collection, Analyzer(), options, progress);
    } else {
      build_dense_segments(collection, *encoder, options, report, progress);
    }
    for (const SegmentRecord& segment : collection.segments(kind)) report.index_bytes += segment.bytes;
  }
  report.documents = collection.size();
  for (const auto& [language, count] : collection.language_counts()) report.languages[language.tag()] = count;
  return report;
}

}  // namespace dragoman
