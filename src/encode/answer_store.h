#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/encoding_database.h"

namespace dragoman {

/// Answers of one model, kept in the cache of encodings by all that was asked. Each value carries a checksum over
/// itself and its question, so a damaged one is asked for again. A cache never stops the work: what cannot be read is
/// not there, what cannot be written is forgotten, and notices() tells of it once.
class AnswerStore {
 public:
  /// Without a database nothing is kept. @param stamp All that changes an answer besides the question.
  AnswerStore(std::shared_ptr<EncodingDatabase> database, std::string model, std::string stamp);

  /// Opens the cache in `folder`; one that cannot be opened for want of space or rights is done without.
  /// @throws InvalidData if it is damaged or none of ours.
  static AnswerStore open(const std::filesystem::path& folder, std::uint64_t bytes, std::string model,
                          std::string stamp);

  /// @param form what kind of answer, "choice"; @param question everything that was asked.
  std::optional<std::string> find(std::string_view form, std::string_view question);
  void keep(std::string_view form, std::string_view question, std::string_view answer);

  const std::vector<std::string>& notices() const { return notices_; }

 private:
  template <typename Function>
  bool attempt(std::string_view done, Function function);
  EncodingSource source(std::string_view form) const;

  std::shared_ptr<EncodingDatabase> database_;
  std::string model_, stamp_;
  int failures_ = 0;
  std::vector<std::string> notices_;
};

}  // namespace dragoman
