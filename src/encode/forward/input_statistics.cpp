#include "encode/forward/input_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "base/json.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

constexpr std::size_t kOneIn = 12;

// SmoothQuant moves half of the deviation into the weights. What attention sees stands more: cosine to f32 of
// multilingual-e5-small's passages with the powers of attention / feed-forward, 0.75 / 1 0.99962, 0.75 / 0.75 0.99975,
// 0.75 / 0.5 0.99978; of its questions, 0.5 / 0.75 0.99963, 0.75 / 0.75 0.99968, 1 / 0.75 0.99969.
constexpr float kAttentionPower = 1, kFeedForwardPower = 0.5f;

double three_digits(double x) { return std::strtod(fmt::format("{:.3g}", x).c_str(), nullptr); }

float median(std::vector<float> numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

OrderedJson to_json(const InputStatistics& statistics) {
  const std::size_t columns = statistics.mean.size();
  const auto reach = [&](std::size_t i) { return std::max(std::fabs(statistics.mean[i]), statistics.deviation[i]); };
  std::vector<std::size_t> order(columns);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t kept = (columns + kOneIn - 1) / kOneIn;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return reach(a) > reach(b); });
  order.resize(kept);
  std::ranges::sort(order);

  OrderedJson outstanding = OrderedJson::array();
  for (const std::size_t i : order) {
    outstanding.push_back({i, three_digits(statistics.mean[i]), three_digits(statistics.deviation[i])});
  }
  return {{"deviation", three_digits(median(statistics.deviation))}, {"outstanding", std::move(outstanding)}};
}

class Reader {
 public:
  Reader(std::size_t columns, std::string_view place) : columns_(columns), place_(place) {}

  InputStatistics read(const Json& layer, const char* name) const {
    const auto input = layer.find(name);
    if (input == layer.end() || !input->is_object()) refuse(fmt::format("a layer without an object \"{}\"", name));
    InputStatistics statistics{std::vector<float>(columns_, 0.0f),
                               std::vector<float>(columns_, positive(input->find("deviation"), *input))};
    const auto outstanding = input->find("outstanding");
    if (outstanding == input->end() || !outstanding->is_array()) refuse("\"outstanding\" must be an array");
    for (const Json& column : *outstanding) {
      if (!column.is_array() || column.size() != 3 || !column[0].is_number_unsigned() || !column[1].is_number()) {
        refuse("an outstanding column must be [column, mean, deviation]");
      }
      const auto at = column[0].get<std::uint64_t>();
      if (at >= columns_) refuse(fmt::format("column {}, but the model has {}", at, columns_));
      statistics.mean[at] = column[1].get<float>();
      statistics.deviation[at] = positive(column.begin() + 2, column);
      if (!std::isfinite(statistics.mean[at])) refuse("a mean must be a finite number");
    }
    return statistics;
  }

  [[noreturn]] void refuse(std::string_view why) const {
    throw InvalidData(
        fmt::format("{}: \"input_statistics\": {}; make them again with: dragoman model calibrate", place_, why));
  }

 private:
  float positive(Json::const_iterator number, const Json& parent) const {
    const float value = number != parent.end() && number->is_number() ? number->get<float>() : 0;
    if (!(value > 0) || !std::isfinite(value)) refuse("a deviation must be a number above 0");
    return value;
  }

  std::size_t columns_;
  std::string_view place_;
};

}  // namespace

void ColumnStatistics::see(const float* x, std::size_t rows, std::size_t columns) {
  sums_.resize(columns);
  squares_.resize(columns);
  rows_ += rows;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < columns; ++i, ++x) {
      sums_[i] += *x;
      squares_[i] += static_cast<double>(*x) * *x;
    }
  }
}

InputStatistics ColumnStatistics::mixed(const ColumnStatistics& one, const ColumnStatistics& other) {
  InputStatistics statistics;
  for (std::size_t i = 0; i < one.sums_.size(); ++i) {
    double mean = 0, square = 0;
    for (const ColumnStatistics* part : {&one, &other}) {
      mean += part->sums_[i] / static_cast<double>(part->rows_) / 2;
      square += part->squares_[i] / static_cast<double>(part->rows_) / 2;
    }
    statistics.mean.push_back(static_cast<float>(mean));
    // Above 0, for a column that never moves is divided by it.
    statistics.deviation.push_back(static_cast<float>(std::sqrt(std::max(square - mean * mean, 1e-12))));
  }
  return statistics;
}

std::string input_statistics_to_json(const InputObserver& passages, const InputObserver& queries) {
  if (passages.layers.empty() || queries.layers.empty()) {
    throw InvalidArgument("no text to measure a model's inputs on");
  }
  OrderedJson layers = OrderedJson::array();
  for (std::size_t i = 0; i < passages.layers.size(); ++i) {
    const auto &passage = passages.layers[i], &query = queries.layers[i];
    layers.push_back({{"attention", to_json(ColumnStatistics::mixed(passage.attention, query.attention))},
                      {"feed_forward", to_json(ColumnStatistics::mixed(passage.feed_forward, query.feed_forward))}});
  }
  return to_line(OrderedJson{{"layers", std::move(layers)}});
}

std::vector<LayerStatistics> read_input_statistics(std::string_view json, std::size_t layers, std::size_t columns,
                                                   std::string_view place) {
  const Json object = parse_json_object(json, place);
  const Reader reader(columns, place);
  const auto found = object.find("layers");
  if (found == object.end() || !found->is_array() || found->size() != layers) {
    reader.refuse(fmt::format("\"layers\" must be an array of {}", layers));
  }
  std::vector<LayerStatistics> statistics;
  for (const Json& layer : *found) {
    if (!layer.is_object()) reader.refuse("a layer must be an object");
    statistics.push_back({reader.read(layer, "attention"), reader.read(layer, "feed_forward")});
    statistics.back().attention.power = kAttentionPower;
    statistics.back().feed_forward.power = kFeedForwardPower;
  }
  return statistics;
}

}  // namespace dragoman
