#include "dragoman/encode/encoder.h"

#include <fmt/format.h>

#include <cmath>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/encoders.h"

namespace dragoman {

std::string_view to_string(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return "f32";
    case Precision::bf16:
      return "bf16";
    case Precision::int8:
      return "int8";
  }
  return "";
}

Precision parse_precision(std::string_view text) {
  for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
    if (text == to_string(precision)) return precision;
  }
  throw InvalidArgument(fmt::format("no precision '{}'; choose of f32, bf16, int8", printable(text)));
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
  if (auto encoder = open_transformer_encoder(model, options)) return encoder;
  return open_llama_encoder(model, options);
}

}  // namespace dragoman
