#pragma once

#include <string>
#include <string_view>

#include "dragoman/encode/model_store.h"

namespace dragoman {

/// Is this the address of an endpoint, and not the name of a model or a file?
bool is_endpoint(std::string_view name);

/// "http://127.0.0.1:8080/v1#bge-m3": the base URL, and the model's name behind '#'. Named as it is spelled.
/// @throws InvalidArgument as checked_endpoint().
Model model_at_endpoint(std::string_view spelling);

/// The base URL as it is used: without '/' at its end.
/// @throws InvalidArgument if it is no http or https URL, or has a user, a password, a query or a fragment: it is kept
///         in stamps and shown in messages, so it must not hold secrets.
std::string checked_endpoint(std::string_view url);

}  // namespace dragoman
