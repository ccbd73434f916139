#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/collection/document.h"
#include "dragoman/collection/passage.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/engine/indexer.h"

namespace dragoman {

/// Cuts documents into passages, each short enough to be read whole together with the title.
class PassageMaker {
 public:
  PassageMaker(const Encoder& encoder, IndexReport& report) : encoder_(encoder), report_(report) {}

  /// Documents come in ascending order.
  void add(DocumentNumber number, const Document& document);

  const std::vector<Passage>& passages() const { return passages_; }
  /// What is to be encoded of each.
  std::vector<std::string_view> texts() const { return {texts_.begin(), texts_.end()}; }

 private:
  const Encoder& encoder_;
  IndexReport& report_;
  std::vector<Passage> passages_;
  std::vector<std::string> texts_;
};

}  // namespace dragoman
