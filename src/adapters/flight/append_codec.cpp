#include "adapters/flight/append_codec.h"

#include <algorithm>

#include "adapters/flight/arrow_value.h"

namespace letterlock::flight {
namespace {

enum Part { part_email, part_raw, part_change, part_removal, part_set_aside, part_count };

// About how many bytes a row takes in a column of this type whatever its value: offsets, numbers, validity bits.
std::int64_t fixed_bytes(const arrow::DataType& type) {
  if (type.id() == arrow::Type::STRUCT) {
    std::int64_t sum = 1;
    for (const auto& field : type.fields()) sum += fixed_bytes(*field->type());
    return sum;
  }
  return (arrow::is_fixed_width(type) ? std::max(type.bit_width() / 8, 1) : 4) + 1;
}

// Collects rows into batches of bounded size.
class RowWriter {
 public:
  RowWriter(std::shared_ptr<arrow::Schema> schema, const BatchSink& sink) : schema_(std::move(schema)), sink_(sink) {
    for (const auto& field : schema_->fields()) row_bytes_ += fixed_bytes(*field->type());
  }

  template <class T>
  arrow::Status write(int column, const T& value, std::int64_t bytes) {
    if (!builder_) {
      ARROW_ASSIGN_OR_RAISE(builder_, arrow::RecordBatchBuilder::Make(schema_, arrow::default_memory_pool()));
    }
    bytes += row_bytes_;
    if (bytes_ > 0 && bytes_ + bytes > batch_bytes_max - frame_bytes) ARROW_RETURN_NOT_OK(flush());
    for (int i = 0; i < schema_->num_fields(); ++i)
      ARROW_RETURN_NOT_OK(i == column ? Cell<T>::append(*builder_->GetField(i), value) : builder_->GetField(i)->AppendNull());
    bytes_ += bytes;
    return arrow::Status::OK();
  }

  arrow::Status flush() {
    if (bytes_ == 0) return arrow::Status::OK();
    ARROW_ASSIGN_OR_RAISE(const auto batch, builder_->Flush());
    bytes_ = 0;
    return sink_(batch);
  }

 private:
  static constexpr std::int64_t frame_bytes = 64 << 10;  // for a message's metadata and its buffers' padding

  std::shared_ptr<arrow::Schema> schema_;
  const BatchSink& sink_;
  std::int64_t row_bytes_ = 0;
  std::unique_ptr<arrow::RecordBatchBuilder> builder_;
  std::int64_t bytes_ = 0;
};

// About how many bytes a value takes on the wire: text plus a constant for each fixed-width field.
template <class T>
std::int64_t wire_bytes(const T& value) {
  if constexpr (std::same_as<T, std::string>) {
    return static_cast<std::int64_t>(value.size()) + 4;
  } else if constexpr (requires { value.str(); }) {
    return static_cast<std::int64_t>(value.str().size()) + 4;
  } else if constexpr (Record<T>) {
    std::int64_t sum = 0;
    for_each_field(value, [&](const char*, const auto& member) { sum += wire_bytes(member); });
    return sum;
  } else if constexpr (requires { value.has_value(); }) {
    return value ? wire_bytes(*value) : 1;
  } else if constexpr (requires { value.size(); }) {
    std::int64_t sum = 4;
    for (const auto& element : value) sum += wire_bytes(element);
    return sum;
  } else {
    return 8;
  }
}

// The same data, with text as bytes.
std::shared_ptr<arrow::ArrayData> as_bytes(const arrow::ArrayData& data) {
  auto copy = data.Copy();
  for (auto& child : copy->child_data) child = as_bytes(*child);
  if (data.type->id() == arrow::Type::STRING) copy->type = arrow::binary();
  if (data.type->id() == arrow::Type::LIST) copy->type = arrow::list(copy->child_data[0]->type);
  if (data.type->id() == arrow::Type::STRUCT) {
    arrow::FieldVector fields;
    for (int i = 0; i < data.type->num_fields(); ++i)
      fields.push_back(data.type->field(i)->WithType(copy->child_data[static_cast<std::size_t>(i)]->type));
    copy->type = arrow::struct_(std::move(fields));
  }
  return copy;
}

// Nothing in the batch points outside of it. What is no UTF-8 the repository refuses, which names the column.
arrow::Status check_structure(const arrow::RecordBatch& batch) {
  ARROW_RETURN_NOT_OK(batch.Validate());
  for (int i = 0; i < batch.num_columns(); ++i) ARROW_RETURN_NOT_OK(arrow::MakeArray(as_bytes(*batch.column_data(i)))->ValidateFull());
  return arrow::Status::OK();
}

template <class T>
arrow::Status read_part(const arrow::RecordBatch& batch, int column, std::int64_t row, T& value) {
  return Cell<T>::read(*batch.column(column), row, value);
}

// Rows of one kind, in one column.
template <class T>
arrow::Status encode_list(std::shared_ptr<arrow::Schema> schema, std::span<const T> values, const BatchSink& sink) {
  RowWriter writer(std::move(schema), sink);
  for (const T& value : values) ARROW_RETURN_NOT_OK(writer.write(0, value, wire_bytes(value)));
  return writer.flush();
}

template <class T>
arrow::Status decode_list(const char* what, const arrow::Schema& schema, const arrow::RecordBatch& batch, std::vector<T>& values) {
  if (!batch.schema()->Equals(schema, false)) return arrow::Status::Invalid(what, ": the batch has another schema");
  ARROW_RETURN_NOT_OK(check_structure(batch));
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    if (batch.column(0)->IsNull(row)) return arrow::Status::Invalid(what, ": row ", row, " is null");
    ARROW_RETURN_NOT_OK(read_part(batch, 0, row, values.emplace_back()));
  }
  return arrow::Status::OK();
}

}  // namespace

std::shared_ptr<arrow::Schema> append_schema() {
  static const auto schema = arrow::schema({
      arrow::field("email", Cell<Email>::type()),
      arrow::field("raw", Cell<RawSlice>::type()),
      arrow::field("change", Cell<EmailChange>::type()),
      arrow::field("removal", Cell<Removal>::type()),
      arrow::field("set_aside", Cell<SetAside>::type()),
  });
  return schema;
}

std::shared_ptr<arrow::Schema> users_schema() {
  static const auto schema = arrow::schema({arrow::field("user", Cell<User>::type())});
  return schema;
}

std::shared_ptr<arrow::Schema> settings_schema() {
  static const auto schema = arrow::schema({arrow::field("setting", Cell<MailboxSetting>::type())});
  return schema;
}

arrow::Status encode_rows(const Append& append, const BatchSink& sink) {
  RowWriter writer(append_schema(), sink);
  for (const EmailRecord& record : append.emails) {
    ARROW_RETURN_NOT_OK(writer.write(part_email, record.email, wire_bytes(record.email)));
    const std::string& bytes = record.raw.bytes;
    for (std::size_t at = 0; at == 0 || at < bytes.size(); at += raw_slice_bytes_max) {
      const RawSlice slice{.format = record.raw.format, .bytes = bytes.substr(at, raw_slice_bytes_max)};
      ARROW_RETURN_NOT_OK(writer.write(part_raw, slice, wire_bytes(slice)));
    }
  }
  for (const EmailChange& change : append.changes) ARROW_RETURN_NOT_OK(writer.write(part_change, change, wire_bytes(change)));
  for (const Removal& removal : append.removals) ARROW_RETURN_NOT_OK(writer.write(part_removal, removal, wire_bytes(removal)));
  for (const SetAside& item : append.set_aside) ARROW_RETURN_NOT_OK(writer.write(part_set_aside, item, wire_bytes(item)));
  return writer.flush();
}

arrow::Status encode_users(std::span<const User> users, const BatchSink& sink) { return encode_list(users_schema(), users, sink); }

arrow::Status encode_settings(std::span<const MailboxSetting> settings, const BatchSink& sink) {
  return encode_list(settings_schema(), settings, sink);
}

arrow::Status decode_rows(const arrow::RecordBatch& batch, Append& append) {
  if (!batch.schema()->Equals(*append_schema(), false))
    return arrow::Status::Invalid("append: the batch has another schema: ", batch.schema()->ToString());
  ARROW_RETURN_NOT_OK(check_structure(batch));
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    int part = -1;
    for (int column = 0; column < part_count; ++column) {
      if (batch.column(column)->IsNull(row)) continue;
      if (part >= 0) return arrow::Status::Invalid("append: row ", row, " has more than one part");
      part = column;
    }
    switch (part) {
      case part_email:
        ARROW_RETURN_NOT_OK(read_part(batch, part, row, append.emails.emplace_back().email));
        break;
      case part_raw: {
        if (append.emails.empty()) return arrow::Status::Invalid("append: raw bytes before any e-mail");
        RawSlice slice;
        ARROW_RETURN_NOT_OK(read_part(batch, part, row, slice));
        RawMessage& raw = append.emails.back().raw;
        raw.format = std::move(slice.format);
        raw.bytes += slice.bytes;
        break;
      }
      case part_change:
        ARROW_RETURN_NOT_OK(read_part(batch, part, row, append.changes.emplace_back()));
        break;
      case part_removal:
        ARROW_RETURN_NOT_OK(read_part(batch, part, row, append.removals.emplace_back()));
        break;
      case part_set_aside:
        ARROW_RETURN_NOT_OK(read_part(batch, part, row, append.set_aside.emplace_back()));
        break;
      default:
        return arrow::Status::Invalid("append: row ", row, " has no part");
    }
  }
  return arrow::Status::OK();
}

arrow::Status decode_users(const arrow::RecordBatch& batch, std::vector<User>& users) {
  return decode_list("users", *users_schema(), batch, users);
}

arrow::Status decode_settings(const arrow::RecordBatch& batch, std::vector<MailboxSetting>& settings) {
  return decode_list("settings", *settings_schema(), batch, settings);
}

}  // namespace letterlock::flight
