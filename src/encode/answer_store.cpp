#include "encode/answer_store.h"

#include <fmt/format.h>

#include <cstring>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"

namespace dragoman {
namespace {

/// So many failures one after another, and the cache is left alone: each may have cost ten seconds of waiting.
constexpr int kMostFailures = 3;

std::string seal(std::string_view form, std::string_view question, std::string_view answer) {
  const std::uint64_t sum = checksum(fmt::format("{}\n{}\n{}", form, question, answer));
  return std::string(reinterpret_cast<const char*>(&sum), sizeof(sum));
}

}  // namespace

AnswerStore::AnswerStore(std::shared_ptr<EncodingDatabase> database, std::string model, std::string stamp)
    : database_(std::move(database)),
      model_(std::move(model)),
      stamp_(std::move(stamp)),
      failures_(database_ ? 0 : kMostFailures) {}

AnswerStore AnswerStore::open(const std::filesystem::path& folder, std::uint64_t bytes, std::string model,
                              std::string stamp) {
  EncodingDatabaseOptions limits;
  if (bytes != 0) limits.max_bytes = bytes;
  std::shared_ptr<EncodingDatabase> database;
  std::string notice;
  try {
    if (!folder.empty()) database = std::make_shared<EncodingDatabase>(folder, std::move(limits));
  } catch (const Unavailable& error) {
    notice = fmt::format("the cache cannot be opened, so the model is asked without it: {}", error.what());
  }
  AnswerStore store(std::move(database), std::move(model), std::move(stamp));
  if (!notice.empty()) store.notices_.push_back(std::move(notice));
  return store;
}

EncodingSource AnswerStore::source(std::string_view form) const {
  return {model_, stamp_, fmt::format("answer {}", form)};
}

std::optional<std::string> AnswerStore::find(std::string_view form, std::string_view question) {
  const TextDigest digest = digest_of(question);
  std::vector<std::optional<std::string>> values;
  if (!attempt("read", [&] { values = database_->read(source(form), std::span(&digest, 1)); })) return std::nullopt;
  if (!values.front()) return std::nullopt;
  const std::string_view value = *values.front();
  if (value.size() < sizeof(std::uint64_t)) return std::nullopt;
  const std::string_view answer = value.substr(sizeof(std::uint64_t));
  if (value.substr(0, sizeof(std::uint64_t)) != seal(form, question, answer)) return std::nullopt;
  return std::string(answer);
}

void AnswerStore::keep(std::string_view form, std::string_view question, std::string_view answer) {
  // What is there would have been found if it were whole.
  const EncodingDatabase::NewValue value{digest_of(question), seal(form, question, answer) + std::string(answer), true};
  attempt("written", [&] { database_->write(source(form), std::span(&value, 1)); });
}

template <typename Function>
bool AnswerStore::attempt(std::string_view done, Function function) {
  if (failures_ >= kMostFailures) return false;
  try {
    function();
    failures_ = 0;
    return true;
  } catch (const Error& error) {
    ++failures_;
    if (notices_.empty()) {
      notices_.push_back(
          fmt::format("the cache cannot be {}, so the model is asked without it: {}", done, error.what()));
    }
    return false;
  }
}

}  // namespace dragoman
