#include "engine/translated_documents_retriever.h"

#include <fmt/format.h>

#include <algorithm>

#include "retrieve/search_some.h"

namespace dragoman {
namespace {

class TranslatedDocumentsRetriever final : public Retriever {
 public:
  TranslatedDocumentsRetriever(std::unique_ptr<Retriever> native, std::vector<TranslatedCollection> collections)
      : native_(std::move(native)), collections_(std::move(collections)) {}

  std::string_view name() const override { return "bm25"; }

  std::vector<RetrievedList> search(std::span<const Query> queries, std::size_t depth,
                                    std::span<const std::uint8_t> allowed) const override {
    std::vector<RetrievedList> lists(queries.size());
    std::vector<std::size_t> others;
    std::vector<std::vector<std::size_t>> of(collections_.size());
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const auto at = std::ranges::find_if(collections_, [&](const TranslatedCollection& one) {
        return same_written_language(one.language, queries[q].language);
      });
      at == collections_.end() ? others.push_back(q)
                               : of[static_cast<std::size_t>(at - collections_.begin())].push_back(q);
    }
    search_some(*native_, queries, others, depth, allowed, lists);
    for (std::size_t c = 0; c < collections_.size(); ++c) {
      search_some(*collections_[c].retriever, queries, of[c], depth, allowed, lists);
      for (const std::size_t q : of[c]) {
        for (const Language& from : collections_[c].from) {
          lists[q].translations.push_back({from, fmt::format("documents in {}", collections_[c].language.tag()), {}});
        }
      }
    }
    return lists;
  }

 private:
  std::unique_ptr<Retriever> native_;
  std::vector<TranslatedCollection> collections_;
};

}  // namespace

std::unique_ptr<Retriever> make_translated_documents_retriever(std::unique_ptr<Retriever> native,
                                                               std::vector<TranslatedCollection> collections) {
  return std::make_unique<TranslatedDocumentsRetriever>(std::move(native), std::move(collections));
}

}  // namespace dragoman
