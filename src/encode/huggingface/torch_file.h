#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encode/huggingface/pickle.h"
#include "encode/huggingface/weights.h"

namespace dragoman {

/// A file of torch.save: a zip archive of a pickled dict of tensors (NAME/data.pkl) and one member for the bytes of
/// each storage (NAME/data/KEY). Nothing in it is run.
class TorchFile {
 public:
  /// @param bytes stay where they are while the file is used.
  /// @throws InvalidData naming `place`: no such archive, something else in the pickle than a dict of tensors, a
  /// storage
  ///         that is missing or of another size, a tensor that is no whole block of its storage's numbers in order (a
  ///         transposed view, say), numbers in big-endian order.
  TorchFile(std::span<const std::byte> bytes, std::string_view place);

  const std::map<std::string, Weight, std::less<>>& all() const { return all_; }
  /// The tensor's bytes. Memory O(one storage). @throws InvalidData if the archive is damaged there.
  std::vector<std::byte> read(std::string_view name) const;

 private:
  std::vector<std::byte> read_member(const std::string& name) const;
  void check(std::string_view name, const PickledTensor& tensor) const;

  std::span<const std::byte> bytes_;
  std::string place_, prefix_;  // "archive/"
  std::map<std::string, std::uint64_t, std::less<>> members_;
  std::map<std::string, PickledTensor, std::less<>> tensors_;
  std::map<std::string, Weight, std::less<>> all_;
};

}  // namespace dragoman
