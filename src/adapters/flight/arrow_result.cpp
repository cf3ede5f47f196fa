#include "adapters/flight/arrow_result.h"

#include <utility>

#include "adapters/flight/arrow_value.h"

namespace letterlock::flight {
namespace {

void append_json_text(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
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
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += digits[static_cast<unsigned char>(c) >> 4];
          out += digits[static_cast<unsigned char>(c) & 0x0f];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append_json(std::string& out, const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) {
    out += "null";
    return;
  }
  switch (array.type_id()) {
    case arrow::Type::LIST: {
      const auto& list = static_cast<const arrow::ListArray&>(array);
      out += '[';
      for (std::int64_t i = 0; i < list.value_length(row); ++i) {
        if (i > 0) out += ',';
        append_json(out, *list.values(), list.value_offset(row) + i);
      }
      out += ']';
      return;
    }
    case arrow::Type::STRUCT: {
      const auto& record = static_cast<const arrow::StructArray&>(array);
      out += '{';
      for (int i = 0; i < record.num_fields(); ++i) {
        if (i > 0) out += ',';
        append_json_text(out, record.struct_type()->field(i)->name());
        out += ':';
        append_json(out, *record.field(i), row);
      }
      out += '}';
      return;
    }
    default:
      break;
  }
  const Value value = value_of(array, row);
  if (const auto* flag = std::get_if<bool>(&value))
    out += *flag ? "true" : "false";
  else if (std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value))
    out += array.GetScalar(row).ValueOrDie()->ToString();
  else if (const auto* time = std::get_if<TimePoint>(&value))
    append_json_text(out, to_rfc3339(*time));
  else
    append_json_text(out, std::get<std::string>(value));
}

// Sums of integers; DuckDB exports them so.
bool is_hugeint(const arrow::Decimal128Type& type) { return type.scale() == 0 && type.precision() == 38; }

std::string duckdb_type(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
      return "BOOLEAN";
    case arrow::Type::INT8:
      return "TINYINT";
    case arrow::Type::INT16:
      return "SMALLINT";
    case arrow::Type::INT32:
      return "INTEGER";
    case arrow::Type::INT64:
      return "BIGINT";
    case arrow::Type::UINT8:
      return "UTINYINT";
    case arrow::Type::UINT16:
      return "USMALLINT";
    case arrow::Type::UINT32:
      return "UINTEGER";
    case arrow::Type::UINT64:
      return "UBIGINT";
    case arrow::Type::FLOAT:
      return "FLOAT";
    case arrow::Type::DOUBLE:
      return "DOUBLE";
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
      return "VARCHAR";
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
      return "BLOB";
    case arrow::Type::DATE32:
      return "DATE";
    case arrow::Type::TIME64:
      return "TIME";
    case arrow::Type::NA:
      return "\"NULL\"";
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      return "INTERVAL";
    case arrow::Type::DICTIONARY:
      return duckdb_type(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).timezone().empty() ? "TIMESTAMP" : "TIMESTAMP WITH TIME ZONE";
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::Decimal128Type&>(type);
      return is_hugeint(decimal) ? "HUGEINT"
                                 : "DECIMAL(" + std::to_string(decimal.precision()) + "," + std::to_string(decimal.scale()) + ")";
    }
    case arrow::Type::LIST:
      return duckdb_type(*static_cast<const arrow::ListType&>(type).value_type()) + "[]";
    case arrow::Type::STRUCT: {
      std::string text = "STRUCT(";
      for (int i = 0; i < type.num_fields(); ++i) {
        if (i > 0) text += ", ";
        text += type.field(i)->name() + " " + duckdb_type(*type.field(i)->type());
      }
      return text + ")";
    }
    default:
      return type.ToString();
  }
}

}  // namespace

QueryColumn column_of(const arrow::Field& field) { return {.name = field.name(), .type = duckdb_type(*field.type())}; }

Value value_of(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return std::monostate{};
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      return static_cast<const arrow::BooleanArray&>(array).Value(row);
    case arrow::Type::INT8:
      return std::int64_t{static_cast<const arrow::Int8Array&>(array).Value(row)};
    case arrow::Type::INT16:
      return std::int64_t{static_cast<const arrow::Int16Array&>(array).Value(row)};
    case arrow::Type::INT32:
      return std::int64_t{static_cast<const arrow::Int32Array&>(array).Value(row)};
    case arrow::Type::INT64:
      return static_cast<const arrow::Int64Array&>(array).Value(row);
    case arrow::Type::UINT8:
      return std::int64_t{static_cast<const arrow::UInt8Array&>(array).Value(row)};
    case arrow::Type::UINT16:
      return std::int64_t{static_cast<const arrow::UInt16Array&>(array).Value(row)};
    case arrow::Type::UINT32:
      return std::int64_t{static_cast<const arrow::UInt32Array&>(array).Value(row)};
    case arrow::Type::UINT64: {
      const std::uint64_t number = static_cast<const arrow::UInt64Array&>(array).Value(row);
      if (std::in_range<std::int64_t>(number)) return static_cast<std::int64_t>(number);
      return static_cast<double>(number);
    }
    case arrow::Type::FLOAT:
      return double{static_cast<const arrow::FloatArray&>(array).Value(row)};
    case arrow::Type::DOUBLE:
      return static_cast<const arrow::DoubleArray&>(array).Value(row);
    case arrow::Type::STRING:
      return static_cast<const arrow::StringArray&>(array).GetString(row);
    case arrow::Type::LARGE_STRING:
      return static_cast<const arrow::LargeStringArray&>(array).GetString(row);
    case arrow::Type::BINARY:
      return std::string(static_cast<const arrow::BinaryArray&>(array).GetView(row));
    case arrow::Type::LARGE_BINARY:
      return std::string(static_cast<const arrow::LargeBinaryArray&>(array).GetView(row));
    case arrow::Type::TIMESTAMP: {
      const auto& type = static_cast<const arrow::TimestampType&>(*array.type());
      const std::int64_t ticks = static_cast<const arrow::TimestampArray&>(array).Value(row);
      switch (type.unit()) {
        case arrow::TimeUnit::SECOND:
          return from_unix_micros(ticks * 1'000'000);
        case arrow::TimeUnit::MILLI:
          return from_unix_micros(ticks * 1'000);
        case arrow::TimeUnit::MICRO:
          return from_unix_micros(ticks);
        case arrow::TimeUnit::NANO:
          return from_unix_micros(ticks / 1'000);
      }
      return std::monostate{};
    }
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::Decimal128Array&>(array);
      const auto& type = static_cast<const arrow::Decimal128Type&>(*array.type());
      const arrow::Decimal128 number(decimal.GetValue(row));
      std::int64_t integer = 0;
      if (is_hugeint(type) && number.ToInteger(&integer).ok()) return integer;
      return number.ToDouble(type.scale());
    }
    case arrow::Type::DICTIONARY: {
      const auto& dictionary = static_cast<const arrow::DictionaryArray&>(array);
      return value_of(*dictionary.dictionary(), dictionary.GetValueIndex(row));
    }
    case arrow::Type::TIME64: {  // as DuckDB writes it: no zeros at the end
      std::string text = array.GetScalar(row).ValueOrDie()->ToString();
      if (text.contains('.')) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.ends_with('.')) text.pop_back();
      }
      return text;
    }
    case arrow::Type::LIST:
    case arrow::Type::STRUCT: {
      std::string json;
      append_json(json, array, row);
      return json;
    }
    default: {
      const auto scalar = array.GetScalar(row);
      return scalar.ok() ? (*scalar)->ToString() : std::string{};
    }
  }
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> parameters_batch(std::span<const std::pair<std::string, Value>> parameters) {
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  const auto add = [&]<class T>(const std::string& name, const T& value) -> arrow::Status {
    std::unique_ptr<arrow::ArrayBuilder> builder;
    ARROW_RETURN_NOT_OK(arrow::MakeBuilder(arrow::default_memory_pool(), Cell<T>::type(), &builder));
    ARROW_RETURN_NOT_OK(Cell<T>::append(*builder, value));
    ARROW_ASSIGN_OR_RAISE(auto array, builder->Finish());
    fields.push_back(arrow::field(name, array->type()));
    columns.push_back(std::move(array));
    return arrow::Status::OK();
  };
  for (const auto& [name, value] : parameters) {
    const std::string& column = name;
    ARROW_RETURN_NOT_OK(std::visit(
        [&]<class T>(const T& typed) -> arrow::Status {
          if constexpr (std::same_as<T, std::monostate>) {
            return add(column, std::optional<std::string>{});
          } else if constexpr (std::same_as<T, double>) {
            arrow::DoubleBuilder builder;
            ARROW_RETURN_NOT_OK(builder.Append(typed));
            ARROW_ASSIGN_OR_RAISE(auto array, builder.Finish());
            fields.push_back(arrow::field(column, arrow::float64()));
            columns.push_back(std::move(array));
            return arrow::Status::OK();
          } else {
            return add(column, typed);
          }
        },
        value));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), 1, std::move(columns));
}

arrow::Result<std::vector<std::pair<std::string, Value>>> parameters_of(const arrow::RecordBatch& batch) {
  if (batch.num_rows() != 1) return arrow::Status::Invalid("parameters: one row is bound at a time, not ", batch.num_rows());
  std::vector<std::pair<std::string, Value>> parameters;
  for (int i = 0; i < batch.num_columns(); ++i) parameters.emplace_back(batch.column_name(i), value_of(*batch.column(i), 0));
  return parameters;
}

}  // namespace letterlock::flight
