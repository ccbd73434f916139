#include "encode/model_endpoint.h"

#include <fmt/format.h>

#include <memory>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/http_exchange.h"

namespace dragoman {

bool is_endpoint(std::string_view name) { return name.starts_with("http://") || name.starts_with("https://"); }

std::string checked_endpoint(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  const std::string text(url);
  const std::unique_ptr<CURLU, CurlDeleter> parsed(curl_url());
  if (!is_endpoint(url) || curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    throw InvalidArgument(
        fmt::format("'{}' is no address of an endpoint; one looks like http://127.0.0.1:8080/v1", printable(url)));
  }
  const auto has = [&](CURLUPart part) {
    char* value = nullptr;
    const bool found = curl_url_get(parsed.get(), part, &value, 0) == CURLUE_OK;
    curl_free(value);
    return found;
  };
  // Not repeated in the message: what stands there may be secret.
  if (has(CURLUPART_USER) || has(CURLUPART_PASSWORD) || has(CURLUPART_QUERY) || has(CURLUPART_FRAGMENT)) {
    throw InvalidArgument(
        "the address of an endpoint has no user, password, query or fragment; a key belongs into DRAGOMAN_API_KEY");
  }
  return text;
}

Model model_at_endpoint(std::string_view spelling) {
  const auto mark = spelling.find('#');
  if (mark == spelling.npos || mark + 1 == spelling.size()) {
    throw InvalidArgument(fmt::format("'{}' names no model; put its name behind '#': http://127.0.0.1:8080/v1#bge-m3",
                                      printable(spelling)));
  }
  Model model;
  model.endpoint = checked_endpoint(spelling.substr(0, mark));
  model.endpoint_model = spelling.substr(mark + 1);
  model.name = fmt::format("{}#{}", model.endpoint, model.endpoint_model);
  model.kind = ModelKind::encoder;
  model.licence = "unknown";
  model.source = "endpoint";
  return model;
}

}  // namespace dragoman
