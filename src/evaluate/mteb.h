#pragma once

#include <string>
#include <string_view>

namespace dragoman {

/// "ndcg_at_10" -> "nDCG@10"; what is no measure of retrieval stays as it is.
std::string measure_of_mteb(std::string_view name);

/// The other way.
std::string mteb_of_measure(std::string_view name);

}  // namespace dragoman
