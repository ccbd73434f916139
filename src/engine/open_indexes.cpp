#include "engine/open_indexes.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/retrieve/one_pass_encoder.h"
#include "dragoman/retrieve/translated_retriever.h"
#include "dragoman/translate/table_set.h"
#include "engine/derived_dense.h"
#include "engine/document_fields.h"
#include "engine/encoded_kind.h"
#include "engine/encoded_segments.h"
#include "engine/index_stamp.h"
#include "engine/language_bias_segment.h"
#include "engine/learned_mix.h"
#include "engine/open_analyzer.h"
#include "engine/open_rerank_model.h"
#include "engine/query_translators.h"
#include "engine/question_languages.h"
#include "engine/rerank_translations.h"
#include "engine/segment_builder.h"
#include "engine/translate_documents.h"
#include "engine/translated_documents_retriever.h"

namespace dragoman {
namespace {

/// What `open` makes of a kind's segments. A writer may merge them between the list and the files: then it is read
/// again.
template <typename Open>
auto open_listed(const Collection& collection, std::string_view kind, const Open& open) {
  for (;;) {
    const auto listed = collection.segments(kind);
    try {
      return open(listed);
    } catch (const NotFound&) {
      const bool same =
          std::ranges::equal(listed, collection.segments(kind), {}, &SegmentRecord::file, &SegmentRecord::file);
      if (same) throw;
    }
  }
}

}  // namespace

OpenIndexes::OpenIndexes(const std::filesystem::path& folder, const EngineOptions& options)
    : collection_(Collection::open(folder)),
      options_(options),
      documents_(std::make_shared<AnalyzedDocuments>(open_analyzer(collection_, options.models),
                                                     collection_.document_languages())) {}

OpenIndexes::~OpenIndexes() = default;

std::shared_ptr<const DocumentSet> OpenIndexes::live_documents() const {
  const auto& live = document_languages().live;
  return live.empty() ? nullptr : std::make_shared<DocumentSet>(DocumentSet::of_bytes(live));
}

std::vector<std::unique_ptr<Retriever>> OpenIndexes::retrievers(const SearchOptions& options) const {
  const std::lock_guard lock(mutex_);
  // All indexes first: one that is missing should not be told only when a model was opened.
  for (const FirstStage stage : options.retrieve) {
    if (is_open(stage)) continue;
    const bool by_default = stage == FirstStage::bm25 || stage == FirstStage::dense;
    if (stage == FirstStage::bm25 && !fields_of(collection_).empty()) continue;  // Each field is looked at when opened.
    check_covered(kind_of(stage), name_of(stage), by_default ? "" : fmt::format(" --retrieve {}", name_of(stage)));
  }
  std::shared_ptr<const Encoder> shared;
  if (uses_encoder(options)) {
    Heads heads{.dense = false};
    for (const FirstStage stage : options.retrieve) ask(stage, heads);
    shared = make_one_pass_encoder(encoder(), heads);
  }
  std::vector<std::unique_ptr<Retriever>> retrievers;
  for (const FirstStage stage : options.retrieve) {
    switch (stage) {
      case FirstStage::bm25:
        retrievers.push_back(bm25_retriever(options));
        break;
      case FirstStage::dense:
        if (options.debias == Debias::none) {
          retrievers.push_back(make_dense_retriever(dense_index(), shared, options.dense, options_.threads));
        } else {
          const auto bias = bias_of_dense();
          retrievers.push_back(make_dense_retriever(dense_index(), shared, options.dense, options_.threads, bias,
                                                    options.debias, common_of_question(options, bias)));
        }
        break;
      case FirstStage::sparse:
        retrievers.push_back(make_sparse_retriever(sparse_index(), shared, options.sparse, options_.threads,
                                                   options.debias == Debias::none ? nullptr : bias_of_sparse(),
                                                   strength_of_bias(options.debias)));
        break;
      case FirstStage::multivector:
        // Scores alone are moved, so more of it costs a language with topics of its own less than with vectors.
        retrievers.push_back(
            options.debias == Debias::none
                ? make_multi_vector_retriever(multi_vector_index(), shared, options.multivector, options_.threads)
                : make_multi_vector_retriever(multi_vector_index(), shared, options.multivector, options_.threads,
                                              bias_of_multi_vectors(), documents_,
                                              (1 + strength_of_bias(options.debias)) / 2));
        break;
    }
  }
  return retrievers;
}

bool OpenIndexes::is_open(FirstStage stage) const {
  switch (stage) {
    case FirstStage::bm25:
      return lexical_ != nullptr;
    case FirstStage::dense:
      return dense_ != nullptr;
    case FirstStage::sparse:
      return sparse_ != nullptr;
    case FirstStage::multivector:
      return multi_vector_ != nullptr;
  }
  return false;
}

std::unique_ptr<Retriever> OpenIndexes::bm25_retriever(const SearchOptions& options) const {
  Feedback feedback{.options = options.rm3, .words = options.rm3.on ? feedback_words() : nullptr};
  auto native = make_bm25_retriever(lexical_index(), documents_, options.bm25, options_.threads, std::move(feedback));
  const TranslateSide side = options.translate;
  if (side == TranslateSide::query || side == TranslateSide::automatic) {
    native = translated_retriever(std::move(native), options);
  }
  if (side == TranslateSide::document || side == TranslateSide::automatic) {
    native = translated_documents(std::move(native), options);
  }
  if (!uses_romanized(options)) return native;
  return romanized_retriever(std::move(native), options);
}

std::shared_ptr<const TableSet> OpenIndexes::translation_tables(const SearchOptions& options) const {
  auto& tables = tables_[options.translation_tables];
  if (!tables) tables = std::make_shared<TableSet>(options.translation_tables, default_table_folder(options_.models));
  return tables;
}

std::shared_ptr<RegistryQueryTranslator> OpenIndexes::query_translator(const SearchOptions& options) const {
  auto& translator = query_translators_[options.translators];
  if (!translator) translator = std::make_shared<RegistryQueryTranslator>(options_, options.translators);
  return translator;
}

std::unique_ptr<Retriever> OpenIndexes::translated_retriever(std::unique_ptr<Retriever> native,
                                                             const SearchOptions& options) const {
  const bool names_tables = !options.translation_tables.empty(), names_translators = !options.translators.empty();
  auto tables = names_tables || !names_translators ? translation_tables(options) : std::make_shared<const TableSet>();
  auto translator = names_translators || !names_tables ? query_translator(options) : nullptr;
  if (tables->tables().empty() && (!translator || translator->empty())) {
    if (options.translate == TranslateSide::automatic) return native;
    throw NotFound(
        fmt::format("{}: holds no translation table, and nothing else translates here, which 'translate "
                    "query' needs; make tables with: dragoman translate learn, or see: dragoman translate list",
                    default_table_folder(options_.models).string()));
  }
  return make_translated_retriever({.native_search = std::move(native),
                                    .index = lexical_index(),
                                    .documents = documents_,
                                    .tables = std::move(tables),
                                    .translator = std::move(translator),
                                    .options = options.bm25,
                                    .threads = options_.threads});
}

std::shared_ptr<const Bm25Index> OpenIndexes::translated_index(const Language& to) const {
  auto& index = translated_[to];
  if (index) return index;
  const std::string kind = translated_kind(to), stamp = translated_stamp(analyzer(), to);
  check_covered(kind, kind, fmt::format(" --translate document --to {}", to.tag()));
  std::vector<std::shared_ptr<const LexicalSegment>> segments;
  for (const SegmentRecord& segment : collection_.segments(kind)) {
    segments.push_back(std::make_shared<LexicalSegment>(segment.file, stamp));
  }
  translated_documents_[to] =
      std::make_shared<AnalyzedDocuments>(documents_->shared_analyzer(), languages_as_translated(collection_, to));
  return index = std::make_shared<Bm25Index>(std::move(segments), live_documents());
}

std::unique_ptr<Retriever> OpenIndexes::translated_documents(std::unique_ptr<Retriever> native,
                                                             const SearchOptions& options) const {
  const auto languages = translated_languages(collection_);
  if (languages.empty()) {
    if (options.translate == TranslateSide::automatic) return native;
    throw NotFound(
        fmt::format("{}: its documents were not translated, which 'translate document' needs; do it with: "
                    "dragoman index --translate document --to LANGUAGE --into {}",
                    collection_.folder().string(), collection_.folder().string()));
  }
  std::vector<TranslatedCollection> collections;
  for (const Language& to : languages) {
    auto index = translated_index(to);
    TranslatedCollection& one = collections.emplace_back();
    one.language = to;
    one.retriever =
        make_bm25_retriever(std::move(index), translated_documents_[to], options.bm25, options_.threads, {});
    for (const TranslationCount& count : collection_.translation_counts()) {
      if (count.to == to && count.translated && (one.from.empty() || one.from.back() != count.from)) {
        one.from.push_back(count.from);
      }
    }
  }
  return make_translated_documents_retriever(std::move(native), std::move(collections));
}

std::shared_ptr<const FeedbackWords> OpenIndexes::feedback_words() const {
  if (!feedback_words_) {
    feedback_words_ = std::make_shared<FeedbackWords>(lexical_index(), documents_,
                                                      [this](DocumentNumber number) { return words_of(number); });
  }
  return feedback_words_;
}

std::vector<std::string> OpenIndexes::words_of(DocumentNumber number) const {
  std::vector<std::string> words;
  const auto document = collection_.document_if_any(number);
  if (!document) return words;
  const auto add = [&](const std::string& text) {
    for (Token& token : analyzer().analyze(text, document->language)) words.push_back(std::move(token.text));
  };
  const std::vector<std::string> fields = fields_of(collection_);
  if (fields.empty()) add(with_title(document->title, document->text));
  for (const std::string& field : fields) add(field_text(*document, field));
  return words;
}

std::shared_ptr<const Bm25Index> OpenIndexes::lexical_index_if_any() const {
  const std::lock_guard lock(mutex_);
  return has_lexical_segments(collection_) ? lexical_index() : nullptr;
}

const LanguageIdentifier& OpenIndexes::identifier() const {
  const std::lock_guard lock(mutex_);
  return open_identifier();
}

const LanguageIdentifier& OpenIndexes::open_identifier() const {
  if (!identifier_) identifier_ = open_language_identifier(options_.models, options_.identifier);
  return *identifier_;
}

std::unique_ptr<Reranker> OpenIndexes::reranker(const SearchOptions& options) const {
  RerankModels models;
  if (needs_model(*options.rerank)) {
    const std::lock_guard lock(mutex_);
    const std::string key = rerank_model_key(*options.rerank, options.rerank_model);
    auto found = rerank_models_.find(key);
    if (found == rerank_models_.end()) {
      found = rerank_models_.emplace(key, open_rerank_model(*options.rerank, options.rerank_model, options_)).first;
    }
    models = found->second;
  }
  if (needs_encoder(*options.rerank)) models.encoder = encoder_of_texts();
  RerankOptions rerank = *options.rerank;
  if (!rerank.mix) rerank.mix = find_learned_mix(collection_, rerank, options.rerank_model);
  auto reranker = make_reranker(rerank, models);
  if (!shows_translations(rerank)) return reranker;
  return with_translations(std::move(reranker), rerank, translations(rerank));
}

std::shared_ptr<ShownTranslations> OpenIndexes::translations(const RerankOptions& options) const {
  const TranslationSources& sources = options.translations;
  const std::lock_guard lock(mutex_);
  auto& found = translations_[fmt::format("{}\n{}\n{}", sources.passages, sources.queries, sources.translator)];
  if (!found) found = std::make_shared<ShownTranslations>(sources, options_);
  return found;
}

std::shared_ptr<const Bm25Index> OpenIndexes::lexical_index() const {
  if (lexical_) return lexical_;
  const std::string stamp = lexical_stamp(analyzer(), keeps_positions(collection_));
  if (const auto fields = fields_of(collection_); !fields.empty()) return lexical_ = field_index(fields, stamp);
  std::vector<std::shared_ptr<const LexicalSegment>> segments;
  for (const SegmentRecord& segment : collection_.segments("lexical")) {
    segments.push_back(std::make_shared<LexicalSegment>(segment.file, stamp));
  }
  return lexical_ = std::make_shared<Bm25Index>(std::move(segments), live_documents());
}

std::shared_ptr<const Bm25Index> OpenIndexes::field_index(std::span<const std::string> fields,
                                                          std::string_view stamp) const {
  std::vector<std::vector<SegmentRecord>> segments;  // By field.
  std::size_t whole = ~std::size_t{0};               // Segments that every field has; the last may be being written.
  for (const std::string& kind : lexical_kinds(fields)) {
    check_covered(kind, name_of(FirstStage::bm25));
    segments.push_back(collection_.segments(kind));
    whole = std::min(whole, segments.back().size());
  }
  std::vector<LexicalField> opened;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    LexicalField& field = opened.emplace_back(LexicalField{fields[f], {}});
    for (std::size_t i = 0; i < whole; ++i) {
      field.segments.push_back(std::make_shared<LexicalSegment>(segments[f][i].file, field_stamp(stamp, fields[f])));
    }
  }
  return std::make_shared<Bm25Index>(Bm25Index::of_fields(std::move(opened), live_documents()));
}

std::shared_ptr<const DenseIndex> OpenIndexes::dense_index() const {
  if (dense_) return dense_;
  DenseIndexParts parts = open_dense_parts(collection_, dense_stamp(*encoder()));
  dense_vectors_ = parts.vectors;
  return dense_ = std::make_shared<DenseIndex>(std::move(parts));
}

std::shared_ptr<const LanguageBias> OpenIndexes::language_bias() const {
  const std::lock_guard lock(mutex_);
  return bias_if_any();
}

std::shared_ptr<const LanguageBias> OpenIndexes::bias_if_any() const {
  if (bias_) return bias_;
  if (!stored_bias_ && !collection_.segments("dense").empty()) {
    // Searches that do not compare dense vectors need not open them.
    auto stored = stored_language_bias(collection_, document_languages());
    if (!stored) return bias_of_dense();
    stored_bias_ = std::make_shared<LanguageBias>(*std::move(stored));
  }
  return stored_bias_;
}

std::shared_ptr<const LanguageBias> OpenIndexes::bias_of_dense() const {
  if (bias_) return bias_;
  dense_index();
  return bias_ = std::make_shared<LanguageBias>(
             open_language_bias(collection_, *dense_vectors_, document_languages(), options_.threads));
}

float OpenIndexes::strength_of_bias(Debias debias) const {
  const auto bias = debias == Debias::none ? nullptr : bias_if_any();
  return bias ? bias->strength(debias) : LanguageBias().strength(debias);
}

CommonOfQuestion OpenIndexes::common_of_question(const SearchOptions& options,
                                                 std::shared_ptr<const LanguageBias> bias) const {
  const auto means = options.debias_queries.empty() ? nullptr : question_means(options.debias_queries);
  std::vector<Language> known(bias->languages().begin(), bias->languages().end());
  if (means) known = means->languages();
  return [&identifier = open_identifier(), bias = std::move(bias), means, known = std::move(known),
          debias = options.debias](const Query& query) {
    const auto parts = languages_within(query, identifier, known);
    return means ? means->common(parts) : bias->common_of_questions(parts, debias);
  };
}

std::shared_ptr<const QuestionMeans> OpenIndexes::question_means(const std::string& file) const {
  auto& means = question_means_[file];
  if (!means) means = std::make_shared<QuestionMeans>(means_of_questions(file, *encoder(), open_identifier()));
  return means;
}

std::shared_ptr<const SparseIndex> OpenIndexes::sparse_index() const {
  if (sparse_) return sparse_;
  const std::string stamp = sparse_stamp(*encoder(), collection_);
  sparse_segments_ =
      open_listed(collection_, "sparse", [&](const auto& listed) { return open_sparse_segments(listed, stamp); });
  return sparse_ = std::make_shared<SparseIndex>(sparse_segments_, document_languages().live);
}

std::shared_ptr<const SparseLanguageBias> OpenIndexes::bias_of_sparse() const {
  if (sparse_bias_) return sparse_bias_;
  sparse_index();
  return sparse_bias_ = std::make_shared<SparseLanguageBias>(
             open_sparse_language_bias(collection_, sparse_segments_, document_languages()));
}

std::shared_ptr<const MultiVectorIndex> OpenIndexes::multi_vector_index() const {
  if (multi_vector_) return multi_vector_;
  const std::string stamp = multi_vector_stamp(*encoder());
  multi_vector_segments_ = open_listed(collection_, "multivector",
                                       [&](const auto& listed) { return open_multi_vector_segments(listed, stamp); });
  return multi_vector_ = std::make_shared<MultiVectorIndex>(multi_vector_segments_);
}

std::shared_ptr<const MultiVectorLanguageBias> OpenIndexes::bias_of_multi_vectors() const {
  if (multi_vector_bias_) return multi_vector_bias_;
  multi_vector_index();
  return multi_vector_bias_ = std::make_shared<MultiVectorLanguageBias>(open_multi_vector_language_bias(
             collection_, multi_vector_segments_, document_languages(), options_.threads));
}

std::shared_ptr<const Encoder> OpenIndexes::encoder_of_texts() const {
  const std::lock_guard lock(mutex_);
  return encoder();
}

std::shared_ptr<const Encoder> OpenIndexes::encoder() const {
  if (encoder_) return encoder_;
  // Collections that are older than the setting were made in the only precision there was.
  const std::string precision = collection_.setting("precision");
  EncoderOptions encoder_options{
      .threads = options_.threads, .cache = options_.cache, .cache_bytes = options_.cache_bytes};
  if (!precision.empty()) encoder_options.precision = parse_precision(precision);
  return encoder_ = open_encoder(ModelStore(options_.models).find(collection_.setting("encoder")), encoder_options);
}

/// Whether the search has any use for a romanised index, and the collection has one or it was asked for.
bool OpenIndexes::uses_romanized(const SearchOptions& options) const {
  if (options.romanized_weight) return *options.romanized_weight != 0;
  return !collection_.segments(kRomanizedKind).empty();
}

std::unique_ptr<Retriever> OpenIndexes::romanized_retriever(std::unique_ptr<Retriever> native,
                                                            const SearchOptions& options) const {
  if (!romanized_) {
    check_covered(kRomanizedKind, kRomanizedKind, " --romanized");
    const std::string stamp = romanized_stamp();
    std::vector<std::shared_ptr<const LexicalSegment>> segments;
    for (const SegmentRecord& segment : collection_.segments(kRomanizedKind)) {
      segments.push_back(std::make_shared<LexicalSegment>(segment.file, stamp));
    }
    romanized_ = std::make_shared<Bm25Index>(std::move(segments), live_documents());
  }
  return make_romanized_retriever({.native_search = std::move(native),
                                   .native = lexical_index(),
                                   .romanized = romanized_,
                                   .documents = documents_,
                                   .options = options.bm25,
                                   .weight = options.romanized_weight.value_or(kRomanizedWeight),
                                   .threads = options_.threads});
}

void OpenIndexes::check_covered(std::string_view kind, std::string_view name, std::string_view build_option) const {
  DocumentNumber covered = 0;
  for (const SegmentRecord& segment : collection_.segments(kind)) covered += segment.count;
  const DocumentNumber size = collection_.size();
  if (collection_.document_count() == 0) {
    throw NotFound(fmt::format("{}: holds no documents; add some with: dragoman index CORPUS --into {}",
                               collection_.folder().string(), collection_.folder().string()));
  }
  if (covered >= size) return;
  std::string what =
      fmt::format("{}: the {} index covers {} of {} documents; finish it with: dragoman index{} --into {}",
                  collection_.folder().string(), name, covered, size, build_option, collection_.folder().string());
  if (covered == 0) throw NotFound(what);
  // Somebody may be adding documents right now: search what is there, and say so once.
  if (std::ranges::find(notices_, what) == notices_.end()) notices_.push_back(std::move(what));
}

std::vector<std::string> OpenIndexes::notices() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all = notices_;
  if (encoder_) {
    for (std::string& notice : encoder_->notices()) all.push_back(std::move(notice));
  }
  for (const auto& [names, translator] : query_translators_) {
    for (std::string& notice : translator->notices()) all.push_back(std::move(notice));
  }
  for (const auto& [name, models] : rerank_models_) {
    for (std::string& notice : dragoman::notices(models)) all.push_back(std::move(notice));
  }
  return all;
}

}  // namespace dragoman
