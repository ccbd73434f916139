#include "dragoman/encode/encoder.h"

#include <fmt/format.h>

#include <cmath>

#include "dragoman/base/error.h"
#include "dragoman/encode/model_store.h"
#include "encode/cached_encoder.h"
#include "encode/encoders.h"
#include "encode/remote_encoder.h"

namespace dragoman {

bool covers(const Heads& all, const Heads& some) {
  return (all.dense || !some.dense) && (all.sparse || !some.sparse) && (all.multi_vector || !some.multi_vector);
}

void check_encode_options(const Encoder& encoder, const EncodeOptions& options) {
  const Heads has = encoder.heads();
  const auto check = [](bool asked, bool there, std::string_view head) {
    if (asked && !there) throw InvalidArgument(fmt::format("the model has no {} head", head));
  };
  check(options.heads.dense, has.dense, "dense");
  check(options.heads.sparse, has.sparse, "sparse");
  check(options.heads.multi_vector, has.multi_vector, "multi-vector");
  if (options.dense_dimension > encoder.dimension()) {
    throw InvalidArgument(
        fmt::format("a vector of {} dimensions cannot be cut to {}", encoder.dimension(), options.dense_dimension));
  }
  if (options.token_pooling == 0) throw InvalidArgument("token pooling begins at 1, which keeps every token's vector");
}

void finish_dense(std::vector<float>& vector, std::size_t dimension) {
  if (dimension != 0) vector.resize(dimension);
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * x;
  if (squares == 0) return;
  const double scale = 1 / std::sqrt(squares);
  for (float& x : vector) x = static_cast<float>(x * scale);
}

std::unique_ptr<Encoder> open_encoder(const Model& model, const EncoderOptions& options) {
  if (model.kind == ModelKind::cross_encoder) {
    throw InvalidArgument(fmt::format(
        "{}: a cross-encoder, which gives scores of pairs, not vectors; rerank with it: --method pointwise --score "
        "cross_encoder",
        model.name));
  }
  std::unique_ptr<Encoder> encoder;
  if (!model.endpoint.empty()) {
    encoder = open_remote_encoder(model, options);
  } else if (encoder = open_transformer_encoder(model, options); !encoder) {
    encoder = open_llama_encoder(model, options);
  }
  return with_cache(std::move(encoder), options, model.name);
}

}  // namespace dragoman
