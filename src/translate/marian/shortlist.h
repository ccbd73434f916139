#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace dragoman {

/// For each source token the target tokens that it may become, so that the output layer needs only hundreds of the
/// vocabulary's tens of thousands of rows. Marian's binary shortlist ("lex.50.50.s2t.bin"). Thread-safe.
///
///     u64 magic, checksum, first, best, offsets, entries | u64 offsets[] | u32 targets[]
class Shortlist {
 public:
  /// @param bytes must outlive the shortlist.
  /// @throws InvalidData naming `place` if it is no such file, is damaged, or names a target that the vocabulary of
  ///         `target_vocabulary` tokens does not have.
  Shortlist(std::span<const std::byte> bytes, std::size_t target_vocabulary, std::string_view place);

  /// The targets of one sentence: the most frequent `first` tokens of the vocabulary, what each source token may
  /// become, and as many others as make the number a multiple of eight (Marian adds them too, and they can win).
  /// Ascending. A token that the list does not know adds nothing.
  /// @param seen scratch of the target vocabulary's size, all zero before and after.
  std::vector<std::uint32_t> candidates(std::span<const std::int32_t> source, std::vector<char>& seen) const;

 private:
  std::span<const std::byte> offsets_, targets_;
  std::size_t words_ = 0, first_ = 0, vocabulary_ = 0;
};

}  // namespace dragoman
