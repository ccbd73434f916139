#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encode/forward/linear.h"

namespace dragoman {

/// The inputs of a layer that int8 levels: the states that queries, keys and values are made of, and those before the
/// feed-forward part. The other two products lose next to nothing by one scale a token.
struct LayerStatistics {
  InputStatistics attention, feed_forward;
};

/// Mean and deviation of every column of rows that come one after another. Not thread-safe.
class ColumnStatistics {
 public:
  /// @param x [rows, columns], the same number of columns each time.
  void see(const float* x, std::size_t rows, std::size_t columns);

  /// As if both had seen as many rows. Neither may have seen none.
  static InputStatistics mixed(const ColumnStatistics& one, const ColumnStatistics& other);

 private:
  std::size_t rows_ = 0;
  std::vector<double> sums_, squares_;
};

/// What a Transformer shows of its inputs while it runs.
struct InputObserver {
  struct Layer {
    ColumnStatistics attention, feed_forward;
  };
  std::vector<Layer> layers;
};

/// Statistics as JSON (docs/formats/model.md): of each input the columns that stand out, one in twelve, to three
/// digits, and for the rest one deviation. More columns or digits do not bring int8 any nearer. Queries count as much
/// as passages, though they are shorter: their few tokens are those that a passage has but a few of.
/// @throws InvalidArgument if one of the two has seen nothing.
std::string input_statistics_to_json(const InputObserver& passages, const InputObserver& queries);

/// @param place begins every message.
/// @throws InvalidData if it is no such JSON, or not of a model of so many layers and columns.
std::vector<LayerStatistics> read_input_statistics(std::string_view json, std::size_t layers, std::size_t columns,
                                                   std::string_view place);

}  // namespace dragoman
