// Conditions on metadata, as a caller types them: refused with an InvalidArgument, or read, printed and read alike.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dragoman/base/error.h"
#include "dragoman/collection/document_filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  MetadataCondition condition;
  try {
    condition = parse_metadata_condition({reinterpret_cast<const char*>(data), size});
  } catch (const InvalidArgument&) {
    return 0;
  }
  if (!(parse_metadata_condition(to_string(condition)) == condition)) std::abort();
  return 0;
}
