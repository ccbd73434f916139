#include "dragoman/encode/calibrate_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/text/passages.h"
#include "encode/encoders.h"
#include "encode/forward/input_statistics.h"

namespace dragoman {
namespace {

constexpr std::size_t kFewestTexts = 10, kHeldOut = 5;
constexpr std::size_t kBatch = 32;            // Texts between two reports of progress.
constexpr std::size_t kQueryCodePoints = 60;  // Of the beginning of a passage that stands for a query.

std::vector<std::vector<float>> dense(const Encoder& encoder, std::span<const std::string_view> texts) {
  std::vector<std::vector<float>> vectors;
  for (Encoding& encoding : encoder.encode(texts, EncodeAs::passage)) vectors.push_back(std::move(encoding.dense));
  return vectors;
}

/// Dense vectors have unit length as a rule, but a model may say otherwise.
double cosine(std::span<const float> x, std::span<const float> y) {
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += static_cast<double>(x[i]) * y[i];
    xx += static_cast<double>(x[i]) * x[i];
    yy += static_cast<double>(y[i]) * y[i];
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 1;
}

CosineToF32 compare(const Model& model, std::span<const std::string_view> texts,
                    std::span<const std::vector<float>> exact) {
  const auto encoder = open_transformer_encoder(model, {.precision = Precision::int8});
  const auto rounded = dense(*encoder, texts);
  CosineToF32 result{.mean = 0, .least = 1};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const double one = cosine(exact[i], rounded[i]);
    result.mean += one / static_cast<double>(texts.size());
    result.least = std::min(result.least, one);
  }
  return result;
}

}  // namespace

Calibration calibrate_model(const Model& model, std::span<const std::string_view> texts,
                            const ProgressCallback& progress) {
  if (texts.size() < kFewestTexts) {
    throw InvalidArgument(
        fmt::format("{} texts to calibrate a model on; at least {} are needed, and a hundred are good", texts.size(),
                    kFewestTexts));
  }
  InputObserver observer;
  const auto watched =
      model.endpoint.empty() ? open_transformer_encoder(model, {.precision = Precision::f32}, &observer) : nullptr;
  if (!watched || !watched->heads().dense) {
    throw InvalidArgument(fmt::format(
        "model '{}' has no int8 of ours to calibrate: only encoders of the BERT family with a dense head do",
        model.name));
  }
  std::vector<std::string_view> seen, held_out;
  for (std::size_t i = 0; i < texts.size(); ++i) (i % kHeldOut == 0 ? held_out : seen).push_back(texts[i]);

  Calibration result{.texts = seen.size(), .held_out = held_out.size()};
  for (std::size_t at = 0; at < seen.size(); at += kBatch) {
    const auto batch = std::span(seen).subspan(at, std::min(kBatch, seen.size() - at));
    for (const Encoding& encoding : watched->encode(batch, EncodeAs::passage)) result.tokens += encoding.tokens_read;
    report(progress, {"measure", "texts", at + batch.size(), seen.size()});
  }
  const InputObserver passages = std::exchange(observer, {});
  std::vector<std::string> beginnings;
  for (const std::string_view text : seen) beginnings.push_back(beginning_of(text, kQueryCodePoints));
  const std::vector<std::string_view> queries(beginnings.begin(), beginnings.end());
  for (const Encoding& encoding : watched->encode(queries, EncodeAs::query)) result.tokens += encoding.tokens_read;
  result.input_statistics = input_statistics_to_json(passages, observer);

  const auto exact = dense(*watched, held_out);  // Nobody asks any more what it sees.
  Model calibrated = model;
  calibrated.input_statistics = result.input_statistics;
  result.before = compare(model, held_out, exact);
  result.after = compare(calibrated, held_out, exact);
  return result;
}

}  // namespace dragoman
