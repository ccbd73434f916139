#pragma once

#include <immintrin.h>

#include <cstddef>

// Only for files compiled for AVX-512. Everything is in an unnamed namespace on purpose: code compiled for one
// processor must not be merged by the linker with the same code compiled for another.
namespace {

/// A block of the result of a matrix product that stays in registers: `rows` rows of `vectors` vectors. A nest of
/// members instead of an array, because GCC keeps arrays of vectors in memory.
template <typename Cell, int rows, int vectors>
struct Tile;

/// One row of a tile. Cell::multiply_add(accumulator, a, b) adds the products of a broadcast value and a vector.
template <typename Cell, int vectors>
struct TileRow {
  typename Cell::Vector cell;
  TileRow<Cell, vectors - 1> rest;

  template <typename Start>
  void start(const Start& value, int column = 0) {
    cell = value(column);
    rest.start(value, column + 1);
  }
  void add(typename Cell::Value a, const TileRow<Cell, vectors>& b) {
    cell = Cell::multiply_add(cell, a, b.cell);
    rest.add(a, b.rest);
  }
  void load(const typename Cell::Packed* b) {
    cell = Cell::load(b);
    rest.load(b + Cell::kPackedStep);
  }
  template <typename Finish>
  void finish(const Finish& store, int row, int column = 0) const {
    store(row, column, cell);
    rest.finish(store, row, column + 1);
  }
};

template <typename Cell>
struct TileRow<Cell, 0> {
  template <typename Start>
  void start(const Start&, int) {}
  void add(typename Cell::Value, const TileRow<Cell, 0>&) {}
  void load(const typename Cell::Packed*) {}
  template <typename Finish>
  void finish(const Finish&, int, int) const {}
};

template <typename Cell, int rows, int vectors>
struct Tile {
  TileRow<Cell, vectors> first;
  Tile<Cell, rows - 1, vectors> rest;

  template <typename Start>
  void start(const Start& value) {
    first.start(value);
    rest.start(value);
  }
  void add(const typename Cell::Element* a, std::size_t stride, const TileRow<Cell, vectors>& b) {
    first.add(Cell::broadcast(a), b);
    rest.add(a + stride, stride, b);
  }
  template <typename Finish>
  void finish(const Finish& store, int row = 0) const {
    first.finish(store, row);
    rest.finish(store, row + 1);
  }
};

template <typename Cell, int vectors>
struct Tile<Cell, 0, vectors> {
  template <typename Start>
  void start(const Start&) {}
  void add(const typename Cell::Element*, std::size_t, const TileRow<Cell, vectors>&) {}
  template <typename Finish>
  void finish(const Finish&, int) const {}
};

template <int number>
struct Constant {
  static constexpr int value = number;
};

/// Calls call(Constant<count>()) for a count from 1 to `most`; nothing for 0. What is left at an edge goes through
/// tiles of its own size.
template <int most, typename Call>
void with_constant(std::size_t count, const Call& call) {
  if (count == most) {
    call(Constant<most>());
  } else if constexpr (most > 1) {
    with_constant<most - 1>(count, call);
  }
}

}  // namespace
