#include "encode/answer_store.h"

#include <fmt/format.h>

#include "dragoman/base/hash.h"

namespace dragoman {
namespace {

constexpr const char* kWork = "the model is asked";

std::string seal(std::string_view form, std::string_view question, std::string_view answer) {
  const std::uint64_t sum = checksum(fmt::format("{}\n{}\n{}", form, question, answer));
  return std::string(reinterpret_cast<const char*>(&sum), sizeof(sum));
}

}  // namespace

AnswerStore::AnswerStore(std::shared_ptr<EncodingDatabase> database, std::string model, std::string stamp)
    : cache_(std::make_unique<GuardedCache>(std::move(database), kWork)),
      model_(std::move(model)),
      stamp_(std::move(stamp)) {}

AnswerStore::AnswerStore(const std::filesystem::path& folder, std::uint64_t bytes, std::string model, std::string stamp)
    : cache_(std::make_unique<GuardedCache>(folder, bytes, kWork)),
      model_(std::move(model)),
      stamp_(std::move(stamp)) {}

EncodingSource AnswerStore::source(std::string_view form) const {
  return {model_, stamp_, fmt::format("answer {}", form)};
}

std::optional<std::string> AnswerStore::find(std::string_view form, std::string_view question) {
  const TextDigest digest = digest_of(question);
  const auto kept = cache_->read(source(form), std::span(&digest, 1)).front();
  if (!kept) return std::nullopt;
  const std::string_view value = *kept;
  if (value.size() < sizeof(std::uint64_t)) return std::nullopt;
  const std::string_view answer = value.substr(sizeof(std::uint64_t));
  if (value.substr(0, sizeof(std::uint64_t)) != seal(form, question, answer)) return std::nullopt;
  return std::string(answer);
}

void AnswerStore::keep(std::string_view form, std::string_view question, std::string_view answer) {
  // What is there would have been found if it were whole.
  const EncodingDatabase::NewValue value{digest_of(question), seal(form, question, answer) + std::string(answer), true};
  cache_->write(source(form), std::span(&value, 1));
}

}  // namespace dragoman
