#include "encode/embeddings_client.h"

#include "base/json.h"
#include "dragoman/base/error.h"
#include "encode/http_exchange.h"

namespace dragoman {
namespace {

/// Room for the numbers of 16,384 dimensions, each written out in full, and for what stands around them.
constexpr std::size_t kAnswerBytesPerText = std::size_t{512} << 10;
constexpr std::size_t kAnswerBytes = std::size_t{1} << 20;

}  // namespace

EmbeddingsClient::EmbeddingsClient(const std::string& endpoint, std::string model, const RemoteOptions& options)
    : client_(
          endpoint + "/embeddings", endpoint, model,
          "if the texts are too long for it, install it with a smaller --max-tokens (dragoman model add --endpoint)",
          {.attempts = options.attempts, .pause = options.pause, .stall = options.stall}),
      model_(std::move(model)) {}

EmbeddingsAnswer EmbeddingsClient::ask(std::span<const std::string_view> texts, std::size_t dimensions) const {
  Json request = {{"model", model_}, {"encoding_format", "float"}, {"input", Json::array()}};
  for (const std::string_view text : texts) request["input"].push_back(text);
  if (dimensions != 0) request["dimensions"] = dimensions;
  EmbeddingsAnswer answer;
  try {
    client_.ask({.body = to_line(request), .limit = kAnswerBytes + texts.size() * kAnswerBytesPerText},
                [&](std::string_view body) { answer = read_embeddings_answer(body, texts.size(), place()); });
  } catch (const EndpointDown& down) {
    throw Unavailable(down.message);
  }
  return answer;
}

}  // namespace dragoman
