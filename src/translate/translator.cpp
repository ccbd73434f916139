#include "dragoman/translate/translator.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"

namespace dragoman {

void require_pair(const Translator& translator, const Language& from, const Language& to) {
  if (translator.serves(from, to)) return;
  throw InvalidArgument(fmt::format(
      "{} cannot translate from '{}' to '{}'; 'dragoman translate list' shows which pairs are served by whom",
      translator.name(), from.tag(), to.tag()));
}

}  // namespace dragoman
