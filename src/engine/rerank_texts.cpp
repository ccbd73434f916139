#include "dragoman/engine/rerank_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/encode/model_store.h"
#include "engine/index_stamp.h"
#include "engine/open_rerank_model.h"
#include "engine/rerank_translations.h"
#include "rerank/check_options.h"

namespace dragoman {
namespace {

constexpr const char* kTexts[] = {"text", "segment", "contents", "content", "body", "passage"};

std::string text_of(const Json& doc, std::string_view place) {
  if (doc.is_string()) return doc.get<std::string>();
  if (!doc.is_object()) throw InvalidData(fmt::format("{}: 'doc' must be a text or an object with one", place));
  for (const char* name : kTexts) {
    if (const auto text = string_member(doc, name, place)) {
      return with_title(string_member(doc, "title", place).value_or(""), *text);
    }
  }
  throw InvalidData(fmt::format("{}: 'doc' has no 'text' (nor 'segment', 'contents', ...)", place));
}

float score_of(const Json& candidate, std::string_view place) {
  if (!candidate.contains("score")) return 0;
  const Json& score = candidate.at("score");
  const double value = score.is_number() ? score.get<double>() : std::nan("");
  if (!std::isfinite(value) || !std::isfinite(static_cast<float>(value))) {
    throw InvalidData(fmt::format("{}: 'score' must be a finite number", place));
  }
  return static_cast<float>(value);
}

}  // namespace

std::unique_ptr<Reranker> open_reranker(const RerankOptions& options, const std::string& model,
                                        const std::string& encoder, const EngineOptions& engine, RerankModels* opened) {
  reranking::check_options(options);  // Before a model is opened, which takes seconds.
  RerankModels models;
  if (needs_model(options)) {
    if (model.empty()) {
      throw InvalidArgument("reranking needs a model; give one with --model (see: dragoman model list)");
    }
    models = open_rerank_model(options, model, engine);
  }
  if (needs_encoder(options)) {
    models.encoder = open_encoder(ModelStore(engine.models).find(encoder), {.threads = engine.threads,
                                                                            .precision = std::nullopt,
                                                                            .cache = engine.cache,
                                                                            .cache_bytes = engine.cache_bytes});
  }
  if (opened) *opened = models;
  auto reranker = make_reranker(options, models);
  if (!shows_translations(options)) return reranker;
  return with_translations(std::move(reranker), options,
                           std::make_shared<ShownTranslations>(options.translations, engine));
}

RerankRequest parse_rerank_request(std::string_view line, std::string_view place) {
  const Json json = parse_json_object(line, place);
  RerankRequest request;
  const auto query = json.find("query");
  if (query == json.end()) throw InvalidData(fmt::format("{}: 'query' is missing", place));
  if (query->is_string()) {
    request.query.text = query->get<std::string>();
  } else if (query->is_object()) {
    request.query.text = required_string(*query, "text", place);
    request.query.id = string_member(*query, "qid", place).value_or("");
    if (const auto language = string_member(*query, "lang", place)) {
      try {
        request.query.language = Language::parse(*language);
      } catch (const InvalidArgument& error) {
        throw InvalidData(fmt::format("{}: {}", place, error.what()));
      }
    }
  } else {
    throw InvalidData(fmt::format("{}: 'query' must be a text or an object with one", place));
  }
  const auto candidates = json.find("candidates");
  if (candidates == json.end() || !candidates->is_array()) {
    throw InvalidData(fmt::format("{}: 'candidates' must be a list", place));
  }
  std::set<std::string> seen;
  std::vector<std::pair<Candidate, std::string>> list;
  for (const Json& item : *candidates) {
    if (!item.is_object()) throw InvalidData(fmt::format("{}: a candidate must be an object", place));
    Candidate candidate;
    candidate.id = required_string(item, "docid", place);
    if (!seen.insert(candidate.id).second) {
      throw InvalidData(fmt::format("{}: candidate '{}' comes twice", place, printable(candidate.id)));
    }
    if (!item.contains("doc")) {
      throw InvalidData(fmt::format("{}: candidate '{}' has no 'doc'", place, printable(candidate.id)));
    }
    candidate.text = text_of(item.at("doc"), place);
    candidate.score = score_of(item, place);
    list.emplace_back(std::move(candidate), to_line(item.at("doc")));
  }
  std::ranges::stable_sort(list, [](const auto& a, const auto& b) { return a.first.score > b.first.score; });
  for (auto& [candidate, document] : list) {
    request.candidates.push_back(std::move(candidate));
    request.documents.push_back(std::move(document));
  }
  return request;
}

void read_rerank_requests(const std::string& path, const std::function<void(RerankRequest)>& take) {
  LineReader lines(path);
  std::string_view line;
  while (lines.next(line)) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    take(parse_rerank_request(line, lines.place()));
  }
}

std::string rerank_answer_line(const RerankRequest& request, const RerankResult& result) {
  OrderedJson json = {{"query", {{"text", request.query.text}, {"qid", request.query.id}}},
                      {"candidates", OrderedJson::array()}};
  for (const Reranked& item : result.order) {
    json["candidates"].push_back({{"docid", request.candidates[item.candidate].id},
                                  {"score", item.score},
                                  {"doc", OrderedJson::parse(request.documents[item.candidate])}});
  }
  return to_line(json) + "\n";
}

}  // namespace dragoman
