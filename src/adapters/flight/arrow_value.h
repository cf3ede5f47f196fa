#pragma once

// One C++ value ↔ one Arrow cell, by type: strings, ids and enums as utf8 (large_binary for raw bytes), numbers, times as
// timestamp[us, UTC], optionals as nullable, vectors as list, values with a field list (fields.h) as struct.
// Internal to this adapter; included by its .cpp files only.

#include <arrow/api.h>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/flight/fields.h"

namespace letterlock::flight {

inline std::string_view enum_text(Direction value) { return to_string(value); }
inline std::string_view enum_text(MailboxState value) { return to_string(value); }
inline bool enum_parse(std::string_view text, Direction& value) {
  const auto parsed = direction_from(text);
  value = parsed.value_or(value);
  return parsed.has_value();
}
inline bool enum_parse(std::string_view text, MailboxState& value) {
  const auto parsed = mailbox_state_from(text);
  value = parsed.value_or(value);
  return parsed.has_value();
}

template <class T>
concept Record = requires(T& value) { for_each_field(value, [](const char*, auto&) {}); };

template <class T>
struct Cell;  // type(), append(builder, value), read(array, row, value)

template <>
struct Cell<std::string> {
  static std::shared_ptr<arrow::DataType> type() { return arrow::utf8(); }
  static arrow::Status append(arrow::ArrayBuilder& builder, const std::string& value) {
    return static_cast<arrow::StringBuilder&>(builder).Append(value);
  }
  static arrow::Status read(const arrow::Array& array, std::int64_t row, std::string& value) {
    value = static_cast<const arrow::StringArray&>(array).GetString(row);
    return arrow::Status::OK();
  }
};

template <class Tag>
struct Cell<Id<Tag>> {
  static std::shared_ptr<arrow::DataType> type() { return arrow::utf8(); }
  static arrow::Status append(arrow::ArrayBuilder& builder, const Id<Tag>& value) {
    return Cell<std::string>::append(builder, value.str());
  }
  static arrow::Status read(const arrow::Array& array, std::int64_t row, Id<Tag>& value) {
    value = Id<Tag>(static_cast<const arrow::StringArray&>(array).GetString(row));
    return arrow::Status::OK();
  }
};

template <class Enum>
  requires std::is_enum_v<Enum>
struct Cell<Enum> {
  static std::shared_ptr<arrow::DataType> type() { return arrow::utf8(); }
  static arrow::Status append(arrow::ArrayBuilder& builder, Enum value) {
    return static_cast<arrow::StringBuilder&>(builder).Append(enum_text(value));
  }
  static arrow::Status read(const arrow::Array& array, std::int64_t row, Enum& value) {
    const auto text = static_cast<const arrow::StringArray&>(array).GetView(row);
    return enum_parse(text, value) ? arrow::Status::OK() : arrow::Status::Invalid("unknown name: ", text);
  }
};

template <>
struct Cell<bool> {
  static std::shared_ptr<arrow::DataType> type() { return arrow::boolean(); }
  static arrow::Status append(arrow::ArrayBuilder& builder, bool value) {
    return static_cast<arrow::BooleanBuilder&>(builder).Append(value);
  }
  static arrow::Status read(const arrow::Array& array, std::int64_t row, bool& value) {
    value = static_cast<const arrow::BooleanArray&>(array).Value(row);
    return arrow::Status::OK();
  }
};

template <>
struct Cell<std::int64_t> {
  static std::shared_ptr<arrow::DataType> type() { return arrow::int64(); }
  static arrow::Status append(arrow::ArrayBuilder& builder, std::int64_t value) {
    return static_cast<arrow::Int64Builder&>(builder).Append(value);
  }
  static arrow::Status read(const arrow::Array& array, std::int64_t row, std::int64_t& value) {
    value = static_cast<const arrow::Int64Array&>(array).Value(row);
    return arrow::Status::OK();
  }
};

template <>
struct Cell<TimePoint> {
  static std::shared_ptr<arrow::DataType> type() { return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"); }
  static arrow::Status append(arrow::ArrayBuilder& builder, TimePoint value) {
    return static_cast<arrow::TimestampBuilder&>(builder).Append(to_unix_micros(value));
  }
  static arrow::Status read(const arrow::Array& array, std::int64_t row, TimePoint& value) {
    value = from_unix_micros(static_cast<const arrow::TimestampArray&>(array).Value(row));
    return arrow::Status::OK();
  }
};

template <class T>
struct Cell<std::optional<T>> {
  static std::shared_ptr<arrow::DataType> type() { return Cell<T>::type(); }
  static arrow::Status append(arrow::ArrayBuilder& builder, const std::optional<T>& value) {
    return value ? Cell<T>::append(builder, *value) : builder.AppendNull();
  }
  static arrow::Status read(const arrow::Array& array, std::int64_t row, std::optional<T>& value) {
    if (array.IsNull(row)) {
      value.reset();
      return arrow::Status::OK();
    }
    return Cell<T>::read(array, row, value.emplace());
  }
};

template <class T>
struct Cell<std::vector<T>> {
  static std::shared_ptr<arrow::DataType> type() { return arrow::list(Cell<T>::type()); }
  static arrow::Status append(arrow::ArrayBuilder& builder, const std::vector<T>& values) {
    auto& list = static_cast<arrow::ListBuilder&>(builder);
    ARROW_RETURN_NOT_OK(list.Append());
    for (const T& value : values) ARROW_RETURN_NOT_OK(Cell<T>::append(*list.value_builder(), value));
    return arrow::Status::OK();
  }
  static arrow::Status read(const arrow::Array& array, std::int64_t row, std::vector<T>& values) {
    const auto& list = static_cast<const arrow::ListArray&>(array);
    values.resize(static_cast<std::size_t>(list.value_length(row)));
    for (std::size_t i = 0; i < values.size(); ++i)
      ARROW_RETURN_NOT_OK(Cell<T>::read(*list.values(), list.value_offset(row) + static_cast<std::int64_t>(i), values[i]));
    return arrow::Status::OK();
  }
};

template <Record T>
struct Cell<T> {
  static std::shared_ptr<arrow::DataType> type() {
    arrow::FieldVector fields;
    T prototype;
    for_each_field(prototype,
                   [&]<class Member>(const char* name, Member&) { fields.push_back(arrow::field(name, member_type<Member>(name))); });
    return arrow::struct_(std::move(fields));
  }
  static arrow::Status append(arrow::ArrayBuilder& builder, const T& value) {
    auto& record = static_cast<arrow::StructBuilder&>(builder);
    ARROW_RETURN_NOT_OK(record.Append());
    int index = 0;
    arrow::Status status;
    for_each_field(value, [&]<class Member>(const char* name, const Member& member) {
      arrow::ArrayBuilder& child = *record.field_builder(index++);
      if (!status.ok()) return;
      if constexpr (std::same_as<Member, std::string>)
        status = is_bytes(name) ? static_cast<arrow::BinaryBuilder&>(child).Append(member) : Cell<Member>::append(child, member);
      else
        status = Cell<Member>::append(child, member);
    });
    return status;
  }
  static arrow::Status read(const arrow::Array& array, std::int64_t row, T& value) {
    const auto& record = static_cast<const arrow::StructArray&>(array);
    int index = 0;
    arrow::Status status;
    for_each_field(value, [&]<class Member>(const char* name, Member& member) {
      const arrow::Array& child = *record.field(index++);
      if (!status.ok()) return;
      if constexpr (std::same_as<Member, std::string>) {
        if (is_bytes(name)) {
          member = std::string(static_cast<const arrow::BinaryArray&>(child).GetView(row));
          return;
        }
      }
      status = Cell<Member>::read(child, row, member);
    });
    return status;
  }

 private:
  static bool is_bytes(std::string_view name) { return std::same_as<T, RawSlice> && name == "bytes"; }
  template <class Member>
  static std::shared_ptr<arrow::DataType> member_type(std::string_view name) {
    return is_bytes(name) ? arrow::binary() : Cell<Member>::type();
  }
};

}  // namespace letterlock::flight
