#include "sim/json.h"

#include <algorithm>
#include <cmath>
#include <glaze/json.hpp>

namespace letterlock::sim {
namespace {

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void write_string(std::string_view text, std::string& out) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if(text, needs_escape) - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    text.remove_prefix(1);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += hex[(c >> 4) & 15];
        out += hex[c & 15];
    }
  }
  out += '"';
}

Json converted(const glz::generic& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) {
    const double number = value.get<double>();
    if (std::abs(number) < 9e15 && number == std::floor(number)) return static_cast<std::int64_t>(number);
    return number;
  }
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) {
    Json array = Json::array();
    for (const auto& item : value.get_array()) array.push(converted(item));
    return array;
  }
  if (value.is_object()) {
    Json object = Json::object();
    for (const auto& [key, item] : value.get_object()) object.set(key, converted(item));
    return object;
  }
  return {};
}

}  // namespace

Json Json::object(std::initializer_list<std::pair<std::string, Json>> members) {
  Json json;
  json.value_ = Members(members);
  return json;
}

Json Json::array(std::initializer_list<Json> items) {
  Json json;
  json.value_ = Array(items);
  return json;
}

std::optional<Json> Json::parse(std::string_view text) {
  glz::generic value;
  if (glz::read_json(value, std::string(text))) return std::nullopt;
  return converted(value);
}

Json& Json::set(std::string_view key, Json value) {
  auto& members = std::get<Members>(value_);
  for (auto& [name, old] : members)
    if (name == key) {
      old = std::move(value);
      return *this;
    }
  members.emplace_back(key, std::move(value));
  return *this;
}

Json& Json::push(Json item) {
  std::get<Array>(value_).push_back(std::move(item));
  return *this;
}

const Json* Json::find(std::string_view key) const {
  for (const auto& [name, value] : members())
    if (name == key) return &value;
  return nullptr;
}

std::string Json::text(std::string_view key) const {
  const Json* member = find(key);
  return member ? member->string() : std::string();
}

std::int64_t Json::number(std::string_view key, std::int64_t otherwise) const {
  const Json* member = find(key);
  return member ? member->integer().value_or(otherwise) : otherwise;
}

std::string Json::string() const {
  const auto* text = std::get_if<std::string>(&value_);
  return text ? *text : std::string();
}

std::optional<std::int64_t> Json::integer() const {
  if (const auto* number = std::get_if<std::int64_t>(&value_)) return *number;
  if (const auto* number = std::get_if<double>(&value_)) return static_cast<std::int64_t>(*number);
  return std::nullopt;
}

std::optional<double> Json::real() const {
  if (const auto* number = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<double>(&value_)) return *number;
  return std::nullopt;
}

bool Json::truthy() const {
  const auto* flag = std::get_if<bool>(&value_);
  return flag && *flag;
}

const Json::Array& Json::items() const {
  static const Array none;
  const auto* array = std::get_if<Array>(&value_);
  return array ? *array : none;
}

const Json::Members& Json::members() const {
  static const Members none;
  const auto* object = std::get_if<Members>(&value_);
  return object ? *object : none;
}

std::string Json::dump() const {
  std::string out;
  write(out);
  return out;
}

void Json::write(std::string& out) const {
  if (is_null()) {
    out += "null";
  } else if (const auto* flag = std::get_if<bool>(&value_)) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = std::get_if<std::int64_t>(&value_)) {
    out += std::to_string(*number);
  } else if (const auto* number = std::get_if<double>(&value_)) {
    out += glz::write_json(*number).value_or("0");
  } else if (const auto* text = std::get_if<std::string>(&value_)) {
    write_string(*text, out);
  } else if (const auto* array = std::get_if<Array>(&value_)) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i) out += ',';
      (*array)[i].write(out);
    }
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const auto& [key, value] : members()) {
      if (!first) out += ',';
      first = false;
      write_string(key, out);
      out += ':';
      value.write(out);
    }
    out += '}';
  }
}

}  // namespace letterlock::sim
