#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman::reporting {

/// A JSON value that knows the way to itself, so that a complaint can name it: "results.json: cells[3].id: ...". It
/// refers to the value and to the one it was taken from; both outlive it.
class CheckedJson {
 public:
  CheckedJson(const Json& root, std::string_view file) : value_(&root), name_(file) {}

  [[noreturn]] void fail(std::string_view what) const { throw InvalidData(fmt::format("{}: {}", place(), what)); }

  const Json& json() const { return *value_; }

  std::string text() const {
    if (!value_->is_string()) expected("a string");
    return value_->get<std::string>();
  }

  std::size_t count() const {
    if (!value_->is_number_unsigned()) expected("a whole number");
    return value_->get<std::size_t>();
  }

  double number() const {
    if (!value_->is_number()) expected("a number");
    return value_->get<double>();
  }

  /// NaN for null: the mean over nothing.
  double number_or_null() const {
    if (value_->is_null()) return std::numeric_limits<double>::quiet_NaN();
    if (!value_->is_number()) expected("a number or null");
    return value_->get<double>();
  }

  void check_flag() const {
    if (!value_->is_boolean()) expected("true or false");
  }

  void check_scalar() const {
    if (value_->is_structured()) expected("a single value");
  }

  /// `visit(CheckedJson)` for a required member.
  template <class Visit>
  auto member(const char* name, Visit visit) const {
    const auto found = object().find(name);
    if (found == object().end()) fail(fmt::format("\"{}\" is missing", name));
    return visit(CheckedJson(*found, this, name));
  }

  /// The same, where there is one.
  template <class Visit>
  void optional_member(const char* name, Visit visit) const {
    if (const auto found = object().find(name); found != object().end()) visit(CheckedJson(*found, this, name));
  }

  std::string text_member(const char* name) const {
    return member(name, [](const CheckedJson& value) { return value.text(); });
  }

  std::string optional_text(const char* name) const {
    std::string text;
    optional_member(name, [&](const CheckedJson& value) { text = value.text(); });
    return text;
  }

  /// `visit(const std::string& name, CheckedJson)` for every member of an object.
  template <class Visit>
  void each_member(Visit visit) const {
    for (const auto& [name, value] : object().items()) visit(name, CheckedJson(value, this, name));
  }

  /// `visit(std::size_t index, CheckedJson)` for every element of an array.
  template <class Visit>
  void each_element(Visit visit) const {
    if (!value_->is_array()) expected("an array");
    for (std::size_t i = 0; i < value_->size(); ++i) visit(i, CheckedJson((*value_)[i], this, i));
  }

  [[noreturn]] void expected(std::string_view what) const {
    fail(fmt::format("expected {}, got {}", what, value_->type_name()));
  }

 private:
  static constexpr std::size_t kNoIndex = std::numeric_limits<std::size_t>::max();

  CheckedJson(const Json& value, const CheckedJson* parent, std::string_view name)
      : value_(&value), parent_(parent), name_(name) {}
  CheckedJson(const Json& value, const CheckedJson* parent, std::size_t index)
      : value_(&value), parent_(parent), index_(index) {}

  const Json& object() const {
    if (!value_->is_object()) expected("an object");
    return *value_;
  }

  std::string place() const {
    if (parent_ == nullptr) return std::string(name_);
    const std::string before = parent_->place();
    if (index_ != kNoIndex) return fmt::format("{}[{}]", before, index_);
    return fmt::format("{}{}{}", before, parent_->parent_ == nullptr ? ": " : ".", printable(name_));
  }

  const Json* value_;
  const CheckedJson* parent_ = nullptr;
  std::string_view name_;  // Of the member, or of the file at the root.
  std::size_t index_ = kNoIndex;
};

}  // namespace dragoman::reporting
