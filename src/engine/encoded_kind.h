#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "dragoman/collection/collection.h"
#include "dragoman/collection/passage.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/engine/indexer.h"

namespace dragoman {

/// A kind of index over what the encoder makes of passages, while it is built segment by segment.
class EncodedKind {
 public:
  virtual ~EncodedKind() = default;

  /// In the collection's list of segments; that of its first stage as well.
  virtual std::string_view name() const = 0;
  virtual FirstStage stage() const = 0;
  /// Of all its segments, known once there is one.
  virtual std::string stamp() const = 0;

  /// How many documents, spread over all of [first, end), it is to be shown before a call makes their segments; 0 for
  /// none.
  virtual DocumentNumber sample_size(DocumentNumber /*first*/, DocumentNumber /*end*/) const { return 0; }
  /// What to keep of the sample, whose passages came by add().
  virtual void learn(DocumentNumber /*first*/, DocumentNumber /*end*/, DocumentNumber /*documents*/) {}
  /// The call made all its segments.
  virtual void finish() {}

  /// Passages of one segment come by ascending document, then by ascending range.
  virtual void add(const Passage& passage, const Encoding& encoding) = 0;
  /// Writes what was added since the last call, and returns the file's size.
  virtual std::uint64_t write(const std::filesystem::path& path) = 0;
  /// Something that a user should know of what was written, or "".
  virtual std::string notice() const { return {}; }
};

/// Adds the representation that a stage needs.
void ask(FirstStage stage, Heads& heads);

/// `stage` must need an encoder.
std::unique_ptr<EncodedKind> make_encoded_kind(FirstStage stage, Collection& collection, const Encoder& encoder,
                                               const IndexOptions& options);

/// @param model the encoder's name.
/// @throws InvalidArgument if the encoder has not the representation, naming the remedy.
void check_has_head(FirstStage stage, const Encoder& encoder, std::string_view model);

}  // namespace dragoman
