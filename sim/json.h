#pragma once

// A JSON value that keeps its keys in order, for bodies whose fields depend on the request ($select, labels, state).
// A plain value; glaze reads it (json.cpp), so that its headers stay in one source file.

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace letterlock::sim {

class Json {
 public:
  using Array = std::vector<Json>;
  using Members = std::vector<std::pair<std::string, Json>>;

  Json() = default;  // null
  Json(bool value) : value_(value) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Json(T value) : value_(static_cast<std::int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}

  static Json object(std::initializer_list<std::pair<std::string, Json>> members = {});
  static Json array(std::initializer_list<Json> items = {});
  static std::optional<Json> parse(std::string_view text);

  Json& set(std::string_view key, Json value);  // put a member into an object, or replace it
  Json& push(Json item);                        // append to an array

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  const Json* find(std::string_view key) const;  // nullptr when absent, or not an object
  std::string text(std::string_view key) const;  // a string member, or empty
  std::int64_t number(std::string_view key, std::int64_t otherwise) const;
  std::string string() const;  // this as a string, or empty
  std::optional<std::int64_t> integer() const;
  std::optional<double> real() const;  // any number
  bool truthy() const;
  const Array& items() const;      // empty when not an array
  const Members& members() const;  // empty when not an object

  std::string dump() const;

 private:
  void write(std::string& out) const;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Members> value_;
};

}  // namespace letterlock::sim
