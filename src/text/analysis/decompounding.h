#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/analysis/hunspell_dictionary.h"

namespace dragoman {

/// Takes compounds apart into words that a dictionary has: "Straßenbahnhaltestelle" into "strassen", "bahn", ...
class Decompounder {
 public:
  /// @param linking what may stand between two parts, between spaces: "s es n en" of German.
  Decompounder(std::shared_ptr<const HunspellDictionary> dictionary, std::string_view linking);

  /// The parts of a folded word, two at least, or none if it is no compound. Of all ways the one with the longest first
  /// part, which is taken apart in its turn. Thread-safe.
  std::vector<std::string> parts(std::string_view word) const;

 private:
  bool is_part(std::string_view word) const;
  std::string_view without_linking(std::string_view word) const;

  std::shared_ptr<const HunspellDictionary> dictionary_;
  std::vector<std::string> linking_;  // The empty one first.
};

/// What may link the parts of compounds of a language; null if it is not known to make them.
const char* compound_linking(std::string_view primary);

}  // namespace dragoman
