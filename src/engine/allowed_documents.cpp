#include "engine/allowed_documents.h"

#include <algorithm>

namespace dragoman {

AllowedDocuments::AllowedDocuments(const Collection& collection, const Collection::DocumentLanguages& documents,
                                   const SearchOptions& options)
    : collection_(collection), documents_(documents), options_(options) {
  const std::size_t size = documents.of.size();
  if (!options.where.empty()) {
    filtered_ = collection.matching(options.where);
    filtered_->resize(size);
  }
  if (!options.ids) return;
  std::vector<std::uint8_t> listed(size);
  for (const std::string& id : *options.ids) {
    const auto number = collection.find(id);
    if (number && *number < size) listed[*number] = 1;
  }
  if (filtered_) {
    std::ranges::transform(listed, *filtered_, listed.begin(), std::bit_and<std::uint8_t>());
  }
  filtered_ = std::move(listed);
}

std::span<const std::uint8_t> AllowedDocuments::for_queries_in(const Language& language) {
  const std::size_t size = documents_.of.size();
  const bool any_language = options_.documents_in.empty() && !options_.same_language;
  if (any_language && !filtered_) {
    if (!documents_.live.empty()) return documents_.live;
    // An index that was opened after documents were added knows some that this engine does not.
    if (collection_.size() == size) return {};
  }
  std::vector<std::uint8_t> of_language;
  for (const Language& own : documents_.languages) {
    const bool listed =
        options_.documents_in.empty() ||
        std::ranges::any_of(options_.documents_in, [&](const auto& wanted) { return matches(wanted, own); });
    const bool same = !options_.same_language || matches(language, own);
    of_language.push_back(listed && same);
  }
  allowed_.resize(size);
  for (std::size_t d = 0; d < size; ++d) {
    allowed_[d] = of_language[documents_.of[d]] && (documents_.live.empty() || documents_.live[d]) &&
                  (!filtered_ || (*filtered_)[d]);
  }
  return allowed_;
}

}  // namespace dragoman
