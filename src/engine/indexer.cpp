#include "dragoman/engine/indexer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/collection/collection.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/engine/maintenance.h"
#include "dragoman/text/analyzer.h"
#include "engine/derived_dense.h"
#include "engine/document_fields.h"
#include "engine/encoded_kind.h"
#include "engine/index_stamp.h"
#include "engine/language_bias_segment.h"
#include "engine/merge_segments.h"
#include "engine/open_analyzer.h"
#include "engine/segment_builder.h"
#include "engine/translate_documents.h"

namespace dragoman {
namespace {

// A commit costs a wait for the disk; a batch makes it cheap and still holds little memory.
constexpr std::size_t kBatchDocuments = 1000;
constexpr std::size_t kBatchBytes = std::size_t{8} << 20;

bool wants(const IndexOptions& options, FirstStage stage) {
  return std::ranges::find(options.stages, stage) != options.stages.end();
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

bool is_wanted(const Document& document, const IndexOptions& options) {
  return options.languages.empty() || std::ranges::any_of(options.languages, [&](const Language& wanted) {
           return matches(wanted, document.language);
         });
}

void add_documents(Collection& collection, CorpusReader& reader, const IndexOptions& options, IndexReport& report,
                   const ProgressCallback& progress) {
  std::vector<Document> batch;
  std::size_t batch_bytes = 0;
  const auto flush = [&] {
    const auto [added, unchanged, replaced] =
        collection.add(batch, options.replace ? Collection::Known::replace : Collection::Known::refuse);
    report.added += added;
    report.unchanged += unchanged;
    report.replaced += replaced;
    batch.clear();
    batch_bytes = 0;
    dragoman::report(progress, {"read", "bytes", reader.bytes_read(), reader.bytes_total()});
  };
  const auto read_next = [&](Document& document) {
    try {
      return reader.next(document);
    } catch (const InvalidData& error) {
      flush();  // What was read before the bad line is good, and stays.
      const auto kept = report.added + report.unchanged + report.replaced;
      if (kept == 0) throw;
      throw InvalidData(
          fmt::format("{}; {} kept: mend the line and run the same command again", error.what(),
                      kept == 1 ? "the document before it is" : fmt::format("the {} documents before it are", kept)));
    }
  };
  for (Document document; read_next(document);) {
    if (!is_wanted(document, options)) {
      ++report.other_languages;
      continue;
    }
    report.without_text += is_blank(document.title) && is_blank(document.text);
    report.language_identified += !document.language_given;
    batch_bytes += document.title.size() + document.text.size();
    batch.push_back(std::move(document));
    if (batch.size() == kBatchDocuments || batch_bytes >= kBatchBytes) flush();
  }
  flush();
}

void add_index_bytes(const Collection& collection, std::string_view kind, IndexReport& report) {
  for (const SegmentRecord& segment : collection.segments(kind)) report.index_bytes += segment.bytes;
}

/// The collection that is to be indexed, if it exists. A folder that does not is made only when everything else is
/// known to be there.
std::optional<Collection> existing_collection(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "collection.sqlite")) return std::nullopt;
  return Collection::open(folder);
}

/// What makes, or is to make, the collection's indexes over an encoder's representations.
struct EncoderSettings {
  std::string model;
  std::optional<Precision> precision;
};

EncoderSettings encoder_settings(const IndexOptions& options, const Collection* collection) {
  std::string model, precision, index = "dense";
  if (collection != nullptr) {
    model = collection->setting("encoder");
    precision = collection->setting("precision");
    for (const FirstStage stage : all_first_stages()) {
      if (!needs_encoder(stage) || collection->segments(kind_of(stage)).empty()) continue;
      index = name_of(stage);
      break;
    }
  }
  const bool other_model = !options.encoder.empty() && !model.empty() && options.encoder != model;
  if (other_model && !options.rebuild) {
    throw InvalidArgument(fmt::format("{}: its {} index was made by '{}', not '{}'; to make it anew add --rebuild",
                                      options.into.string(), index, printable(model), printable(options.encoder)));
  }
  const bool other_precision = options.precision && !precision.empty() && to_string(*options.precision) != precision;
  if (other_precision && !options.rebuild) {
    throw InvalidArgument(fmt::format("{}: its {} index was made in {}, not {}; to make it anew add --rebuild",
                                      options.into.string(), index, printable(precision),
                                      to_string(*options.precision)));
  }
  EncoderSettings settings{options.encoder.empty() ? model : options.encoder, options.precision};
  if (settings.model.empty()) settings.model = kDefaultEncoder;
  // Another model has a best precision of its own.
  if (!settings.precision && !precision.empty() && !other_model) settings.precision = parse_precision(precision);
  return settings;
}

/// The stages asked for that an encoder serves, each once.
std::vector<FirstStage> encoded_stages(const IndexOptions& options) {
  std::vector<FirstStage> stages;
  for (const FirstStage stage : options.stages) {
    if (needs_encoder(stage) && std::ranges::find(stages, stage) == stages.end()) stages.push_back(stage);
  }
  return stages;
}

/// All of a collection's indexes over an encoder's representations are of one encoder, as a search encodes its query
/// once: to make some anew by another, the others must be made anew as well.
void check_same_encoder(const IndexOptions& options, const Collection& collection, std::span<const FirstStage> rebuilt,
                        const Encoder& encoder, std::string_view model) {
  for (const FirstStage other : all_first_stages()) {
    if (!needs_encoder(other) || std::ranges::find(rebuilt, other) != rebuilt.end()) continue;
    const auto segments = collection.segments(kind_of(other));
    if (segments.empty() || segments[0].stamp.ends_with("encoder " + encoder.stamp())) continue;
    throw InvalidArgument(fmt::format(
        "{}: its {} index was made by another encoder or precision than '{}'; make both anew with: dragoman "
        "index --rebuild --retrieve {},{} --into {}",
        options.into.string(), name_of(other), printable(model), name_of(rebuilt[0]), name_of(other),
        options.into.string()));
  }
}

/// What makes, or is to make, the collection's lexical index.
std::string analyzer_name(const IndexOptions& options, const Collection* collection) {
  const std::string asked = options.analyzer.empty() ? "" : Analyzer(options.analyzer).name();
  if (collection == nullptr) return asked.empty() ? std::string(Analyzer::kDefaultName) : asked;
  const std::string own = analyzer_of(*collection);
  if (asked.empty() || asked == own) return own;
  if (!options.rebuild && has_lexical_segments(*collection)) {
    throw InvalidArgument(fmt::format("{}: its lexical index was made by '{}', not '{}'; to make it anew add --rebuild",
                                      options.into.string(), printable(own), printable(asked)));
  }
  return asked;
}

/// What tells the analyser of it the languages of spans: the collection's own, unless all is made anew.
std::string span_identifier_for(const IndexOptions& options, const Collection* collection) {
  const std::string own = collection == nullptr ? "" : span_identifier_of(*collection);
  if (!own.empty() && (options.identifier.empty() || !options.rebuild)) return own;
  return span_identifier(options.identifier, options.models);
}

std::string described(std::span<const std::string> fields) {
  return fields.empty() ? "title and text together" : fmt::format("the fields {}", fmt::join(fields, ","));
}

/// Fields that the collection's lexical index has, or is to have.
std::vector<std::string> fields_for(const IndexOptions& options, const Collection* collection) {
  if (options.fields) check_fields(*options.fields);
  if (collection == nullptr) return options.fields.value_or(std::vector<std::string>());
  const std::vector<std::string> own = fields_of(*collection);
  if (!options.fields || *options.fields == own) return own;
  if (!options.rebuild && has_lexical_segments(*collection)) {
    throw InvalidArgument(fmt::format("{}: its lexical index has {}, not {}; to make it anew add --rebuild",
                                      options.into.string(), described(own), described(*options.fields)));
  }
  return *options.fields;
}

/// Fields that no document has are most likely misspelt.
void report_empty_fields(IndexReport& report) {
  const bool any = std::ranges::any_of(report.fields, [](const auto& field) { return field.second != 0; });
  for (const auto& [field, documents] : report.fields) {
    if (documents != 0 || !any) continue;
    report.notices.push_back(
        fmt::format("no document that was indexed has words in the field '{}'; a field is title, text, or the name of "
                    "a string in the documents' metadata",
                    printable(field)));
  }
}

/// Whether the collection's lexical index has positions, or is to have them.
bool wants_positions(const IndexOptions& options, const Collection* collection) {
  const bool own = collection != nullptr && keeps_positions(*collection);
  const bool asked = options.lexical.positions.value_or(own);
  if (asked != own && !options.rebuild && collection != nullptr && !collection->segments("lexical").empty()) {
    throw InvalidArgument(fmt::format("{}: its lexical index was made {} positions; to make it anew add --rebuild",
                                      options.into.string(), own ? "with" : "without"));
  }
  return asked;
}

}  // namespace

DocumentNumber first_uncovered(const Collection& collection, std::string_view kind, std::string_view stamp) {
  DocumentNumber next = 0;
  for (const SegmentRecord& segment : collection.segments(kind)) {
    if (segment.stamp != stamp) {
      throw InvalidData(fmt::format(
          "{}: made by [{}], but now it would be [{}]; make it anew with: "
          "dragoman index --rebuild --into {}",
          segment.file.string(), printable(segment.stamp, 200), printable(stamp, 200), collection.folder().string()));
    }
    next = std::max(next, segment.first + segment.count);
  }
  return next;
}

std::vector<FirstStage> indexed_stages(const std::filesystem::path& collection) {
  std::vector<FirstStage> found;
  const std::optional<Collection> existing = existing_collection(collection);
  if (!existing) return found;
  for (const FirstStage stage : all_first_stages()) {
    if (!existing->segments(kind_of(stage)).empty()) found.push_back(stage);
  }
  return found;
}

IndexReport index_corpus(const IndexOptions& options, const ProgressCallback& progress) {
  if (!options.translate_to.empty() && !wants(options, FirstStage::bm25)) {
    throw InvalidArgument("translated documents are for the index bm25, which is not among those that are asked for");
  }
  if (options.stages.empty()) {
    throw InvalidArgument(fmt::format("no index to build; choose of {}", first_stage_names()));
  }
  // Whatever can be missing is asked for before anything is made, and long before hours of reading.
  IndexReport report;
  std::optional<CorpusReader> reader;
  if (options.corpus.empty()) {
    Collection::open(options.into);
  } else {
    auto identifier = open_language_identifier(options.models, options.identifier);
    report.identified_by_model = identifier->has_model();
    reader.emplace(options.corpus, std::move(identifier));
  }
  std::optional<Collection> existing = existing_collection(options.into);
  const Collection* const before = existing ? &*existing : nullptr;
  std::shared_ptr<const Analyzer> analyzer;
  std::string spans_by;
  std::vector<std::string> fields;
  bool positions = false;
  if (wants(options, FirstStage::bm25)) {
    spans_by = span_identifier_for(options, before);
    analyzer = open_analyzer(analyzer_name(options, before), spans_by, options.models);
    fields = fields_for(options, before);
    positions = wants_positions(options, before);
    if (positions && !fields.empty()) {
      throw InvalidArgument("positions are kept of title and text together, not of fields; leave out one of the two");
    }
  }
  EncoderSettings settings;
  std::unique_ptr<Encoder> encoder;
  const std::vector<FirstStage> encoded = encoded_stages(options);
  if (!encoded.empty()) {
    settings = encoder_settings(options, before);
    encoder = open_encoder(ModelStore(options.models).find(settings.model), {.threads = options.threads,
                                                                             .precision = settings.precision,
                                                                             .cache = options.cache,
                                                                             .cache_bytes = options.cache_bytes});
    for (const FirstStage stage : encoded) check_has_head(stage, *encoder, settings.model);
    if (before != nullptr) check_same_encoder(options, *before, encoded, *encoder, settings.model);
  }
  existing.reset();
  Collection collection = Collection::open_for_writing(options.into);
  if (encoder) {
    collection.set_setting("encoder", settings.model);
    collection.set_setting("precision", std::string(to_string(encoder->precision())));
    set_dense_index(collection, options.dense);
  }

  if (analyzer) {
    collection.set_setting("analyzer", analyzer->name());
    if (Analyzer::finds_spans(analyzer->name())) set_span_identifier(collection, spans_by);
    // Segments of other fields would be nobody's, were this call killed in between.
    if (options.rebuild && fields != fields_of(collection)) drop_lexical_segments(collection);
    set_fields(collection, fields);
    if (positions != keeps_positions(collection)) collection.set_setting("positions", positions ? "1" : "0");
  }
  if (reader) add_documents(collection, *reader, options, report, progress);
  add_translated_languages(collection, options.translate_to);
  const std::vector<Language> translated = analyzer ? translated_languages(collection) : std::vector<Language>();
  for (const Language& to : translated) {
    if (options.rebuild) collection.forget_translations(to, Collection::Forget::failures);
    translate_documents(collection, to, options, report, progress);
  }
  if (options.estimate) {
    report.documents = collection.document_count();
    return report;
  }
  for (const FirstStage stage : options.stages) {
    if (!options.rebuild) continue;
    if (stage == FirstStage::bm25) {
      drop_lexical_segments(collection);
      for (const Language& to : translated) collection.drop_segments(translated_kind(to));
    } else {
      if (stage == FirstStage::multivector) collection.drop_segments(kCodebookKind);
      collection.drop_segments(kind_of(stage));
    }
    if (stage != FirstStage::dense) continue;
    for (const std::string_view derived : kDerivedDenseKinds) collection.drop_segments(derived);
  }
  if (analyzer) build_lexical_segments(collection, *analyzer, options, report, progress);
  if (encoder) build_encoded_segments(collection, *encoder, encoded, options, report, progress);
  // The romanised index belongs to that of words, and stays once it is there.
  if (wants(options, FirstStage::bm25) && (options.romanized || collection.setting("romanized") == "1")) {
    collection.set_setting("romanized", "1");
    if (options.rebuild) collection.drop_segments(kRomanizedKind);
    build_romanized_segments(collection, options, progress);
  }
  for (const Language& to : translated) build_translated_segments(collection, to, *analyzer, options, progress);
  report.segments_merged = merge_encoded_segments(collection, options.lexical.memory_bytes, progress);
  report.segments_compacted = compact_segments(collection,
                                               {.share = kCompactShare,
                                                .threads = options.threads,
                                                .memory_bytes = options.lexical.memory_bytes,
                                                .models = options.models},
                                               progress)
                                  .segments;
  if (wants(options, FirstStage::dense) || lacks_derived_dense(collection)) {
    build_derived_dense(collection, options.dense, options.threads, progress);
  }
  if (encoder || report.segments_merged + report.segments_compacted != 0) {
    update_language_bias(collection, options.threads, progress);
  }
  std::vector<std::string> kinds = lexical_kinds(fields_of(collection));
  for (const FirstStage stage : all_first_stages()) {
    if (needs_encoder(stage)) kinds.emplace_back(kind_of(stage));
  }
  kinds.insert(kinds.end(), kDerivedDenseKinds.begin(), kDerivedDenseKinds.end());
  kinds.insert(kinds.end(), kBiasKinds.begin(), kBiasKinds.end());
  kinds.emplace_back(kRomanizedKind);
  for (const Language& to : translated_languages(collection)) kinds.push_back(translated_kind(to));
  for (const std::string& kind : kinds) add_index_bytes(collection, kind, report);
  if (encoder) {
    // With a cache, passages of a sample come from there the second time.
    const std::uint64_t cached = encoder->usage().cached;
    report.passages_cached = cached - std::min(cached, report.passages_sampled);
    for (std::string& notice : encoder->notices()) report.notices.push_back(std::move(notice));
  }
  report_empty_fields(report);
  report.documents = collection.document_count();
  for (const auto& [language, count] : collection.language_counts()) report.languages[language.tag()] = count;
  return report;
}

}  // namespace dragoman
