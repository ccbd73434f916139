#include "dragoman/translate/cached_translator.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <unordered_map>

#include "dragoman/base/hash.h"
#include "encode/guarded_cache.h"

namespace dragoman {
namespace {

/// A value is a checksum over form, text and what follows; the second in which it was made; the translation.
constexpr std::size_t kHeader = 2 * sizeof(std::uint64_t);

template <typename T>
std::string bytes_of(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
}

std::string seal(std::string_view form, std::string_view text, std::string_view rest) {
  return bytes_of(checksum(fmt::format("{}\n{}\n{}\n{}", form, text.size(), text, rest)));
}

std::string to_value(std::string_view form, std::string_view text, std::int64_t made, std::string_view translation) {
  const std::string rest = bytes_of(made) + std::string(translation);
  return seal(form, text, rest) + rest;
}

struct Kept {
  std::int64_t made = 0;
  std::string translation;
};

/// Nothing if the value is damaged.
std::optional<Kept> from_value(std::string_view form, std::string_view text, std::string_view value) {
  if (value.size() < kHeader) return std::nullopt;
  const std::string_view rest = value.substr(sizeof(std::uint64_t));
  if (value.substr(0, sizeof(std::uint64_t)) != seal(form, text, rest)) return std::nullopt;
  Kept kept;
  std::memcpy(&kept.made, rest.data(), sizeof(kept.made));
  kept.translation = rest.substr(sizeof(kept.made));
  return kept;
}

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

CachedTranslator::CachedTranslator(std::unique_ptr<Translator> inner, const std::filesystem::path& folder,
                                   std::uint64_t bytes, std::string model)
    : inner_(std::move(inner)),
      cache_(std::make_unique<GuardedCache>(folder, bytes, "texts are translated")),
      model_(std::move(model)) {}

CachedTranslator::~CachedTranslator() = default;

std::vector<std::string> CachedTranslator::notices() const {
  std::vector<std::string> all = inner_->notices();
  for (std::string& notice : cache_->notices()) all.push_back(std::move(notice));
  return all;
}

std::vector<std::optional<std::string>> CachedTranslator::translate(std::span<const std::string> texts,
                                                                    const Language& from, const Language& to) {
  require_pair(*inner_, from, to);
  const EncodingSource source{model_.empty() ? std::string(name()) : model_, stamp(),
                              fmt::format("translation {} {}", from.tag(), to.tag())};
  std::vector<std::optional<std::string>> translations(texts.size());
  records_.assign(texts.size(), {std::string(name()), stamp(), 0, false});

  // Each text once, in the order in which they come.
  std::unordered_map<std::string_view, std::vector<std::size_t>> places;
  std::vector<std::string_view> distinct;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) {
      translations[i] = "";
      continue;
    }
    auto& at = places[texts[i]];
    if (at.empty()) distinct.push_back(texts[i]);
    at.push_back(i);
  }
  const auto put = [&](std::string_view text, const std::string& translation, std::int64_t made, bool cached) {
    for (const std::size_t i : places[text]) {
      translations[i] = translation;
      records_[i].made = made;
      records_[i].cached = cached;
    }
  };

  std::vector<TextDigest> digests;
  for (const std::string_view text : distinct) digests.push_back(digest_of(text));
  const auto kept = cache_->read(source, digests);
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < distinct.size(); ++i) {
    const auto known = kept[i] ? from_value(source.form, distinct[i], *kept[i]) : std::nullopt;
    known ? put(distinct[i], known->translation, known->made, true) : missing.push_back(i);
  }
  const std::size_t most = std::max<std::size_t>(inner_->batch_texts(), 1);
  for (std::size_t begin = 0; begin < missing.size(); begin += most) {
    const auto batch = std::span(missing).subspan(begin, std::min(most, missing.size() - begin));
    std::vector<std::string> asked;
    for (const std::size_t i : batch) asked.emplace_back(distinct[i]);
    const auto said = inner_->translate(asked, from, to);
    const std::int64_t made = now();
    std::vector<EncodingDatabase::NewValue> values;
    for (std::size_t b = 0; b < batch.size(); ++b) {
      if (!said[b]) continue;
      // What is there would have been found if it were whole.
      values.push_back({digests[batch[b]], to_value(source.form, asked[b], made, *said[b]), true});
      put(distinct[batch[b]], *said[b], made, false);
    }
    if (!values.empty()) cache_->write(source, values);
  }
  return translations;
}

}  // namespace dragoman
