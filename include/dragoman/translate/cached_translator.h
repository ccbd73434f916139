#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/translate/translator.h"

namespace dragoman {

class GuardedCache;

/// Who made a translation, and when.
struct TranslationRecord {
  std::string provider;   ///< Translator::name().
  std::string stamp;      ///< Translator::stamp(): the hash of the model, the version of the program.
  std::int64_t made = 0;  ///< Seconds since 1970, UTC.
  bool cached = false;    ///< It was there already.
};

/// A translator that keeps what it says in the cache of encodings, by its stamp, the two languages and the text's hash
/// (docs/decisions/translation-providers.md). The inner one is handed batch_texts() at a time, and each batch is kept
/// before the next one begins: whatever interrupts a call, the same call goes on behind the last whole batch. A text
/// that comes several times in a call is asked for once. What has no translation is not kept. A cache that fails never
/// stops the work; notices() tells of it.
class CachedTranslator final : public Translator {
 public:
  /// @param folder of the cache, as EncoderOptions::cache; empty: nothing is kept. @param bytes it may take; 0 for
  ///        kDefaultCacheBytes. @param model what people call the model, for `dragoman model cache`.
  /// @throws InvalidData if the cache is damaged or none of ours.
  CachedTranslator(std::unique_ptr<Translator> inner, const std::filesystem::path& folder, std::uint64_t bytes = 0,
                   std::string model = {});
  ~CachedTranslator() override;

  std::string_view name() const override { return inner_->name(); }
  const std::string& stamp() const override { return inner_->stamp(); }
  bool serves(const Language& from, const Language& to) const override { return inner_->serves(from, to); }
  std::size_t batch_texts() const override { return inner_->batch_texts(); }
  std::vector<std::string> notices() const override;
  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override;

  /// Of the texts of the last call, in their order. Of one without a translation `made` is 0.
  const std::vector<TranslationRecord>& records() const { return records_; }

 private:
  std::unique_ptr<Translator> inner_;
  std::unique_ptr<GuardedCache> cache_;
  std::string model_;
  std::vector<TranslationRecord> records_;
};

}  // namespace dragoman
