#include "adapters/flight/flight_storage.h"

#include <arrow/flight/client.h>
#include <arrow/flight/sql/client.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "adapters/duckdb/text_check.h"
#include "adapters/flight/append_codec.h"
#include "adapters/flight/arrow_result.h"
#include "adapters/flight/flight_status.h"
#include "adapters/flight/json_text.h"

namespace letterlock {
namespace {

using arrow::flight::FlightCallOptions;
using arrow::flight::FlightClient;
using arrow::flight::FlightDescriptor;
using arrow::flight::sql::FlightSqlClient;

template <class T>
Result<T> lift(arrow::Result<T> result, std::string_view action) {
  if (!result.ok()) return fail(flight::to_error(result.status(), action));
  return std::move(result).MoveValueUnsafe();
}

Result<void> lift(const arrow::Status& status, std::string_view action) {
  if (!status.ok()) return fail(flight::to_error(status, action));
  return {};
}

std::string text_of(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text ? *text : std::string{};
}

std::optional<std::string> optional_text(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text ? std::optional(*text) : std::nullopt;
}

std::optional<TimePoint> optional_time(const Value& value) {
  const auto* time = std::get_if<TimePoint>(&value);
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace

struct FlightStorage::Impl {
  FlightStorageOptions options;
  std::shared_ptr<FlightClient> client;
  std::unique_ptr<FlightSqlClient> sql;

  Result<FlightCallOptions> call(const TenantId& tenant, std::chrono::duration<double> timeout) const {
    FlightCallOptions call;
    call.timeout = timeout;
    call.read_options.ensure_alignment = arrow::ipc::Alignment::kDataTypeSpecificAlignment;  // gRPC's buffers are not
    call.headers.emplace_back("authorization", "Bearer " + TRY(options.token(tenant)));
    return call;
  }

  // Write a stream of batches and read the server's one answer.
  template <class Encode>
  Result<std::string> put(const TenantId& tenant, std::vector<std::string> path, const std::shared_ptr<arrow::Schema>& schema,
                          std::string_view action, Encode encode) {
    const FlightCallOptions call_options = TRY(call(tenant, options.append_timeout));
    auto stream = TRY(lift(client->DoPut(call_options, FlightDescriptor::Path(std::move(path)), schema), action));
    arrow::Status written =
        encode([&](const std::shared_ptr<arrow::RecordBatch>& batch) { return stream.writer->WriteRecordBatch(*batch); });
    if (written.ok()) written = stream.writer->WriteMetadata(arrow::Buffer::FromString(std::string(flight::end_mark)));
    std::shared_ptr<arrow::Buffer> answer;
    if (written.ok() && stream.writer->DoneWriting().ok()) (void)stream.reader->ReadMetadata(&answer);
    // The server's own status says more than that of a write or read which it broke off.
    TRY(lift(stream.writer->Close(), action));
    TRY(lift(written, action));
    if (!answer) return fail(ErrorKind::internal, std::string(action) + ": storage gave no answer");
    return answer->ToString();
  }
};

FlightStorage::FlightStorage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FlightStorage::~FlightStorage() = default;

Result<std::unique_ptr<FlightStorage>> FlightStorage::connect(FlightStorageOptions options) {
  arrow::flight::FlightClientOptions client_options = arrow::flight::FlightClientOptions::Defaults();
  if (!options.ca_file.empty()) {
    std::ifstream file(options.ca_file, std::ios::binary);
    if (!file) return fail(ErrorKind::invalid, "cannot read the certificate authority's file " + options.ca_file);
    client_options.tls_root_certs.assign(std::istreambuf_iterator<char>(file), {});
  }
  // A message is a batch of at most 3 MiB; leave room for one outsized row.
  client_options.generic_options.emplace_back("grpc.max_receive_message_length", 64 << 20);
  const auto location = TRY(lift(arrow::flight::Location::Parse(options.url), "storage url " + options.url));
  auto impl = std::make_unique<Impl>();
  impl->client = TRY(lift(FlightClient::Connect(location, client_options), "connecting to storage at " + options.url));
  impl->sql = std::make_unique<FlightSqlClient>(impl->client);
  impl->options = std::move(options);
  return std::unique_ptr<FlightStorage>(new FlightStorage(std::move(impl)));
}

Result<void> FlightStorage::save_users(const TenantId& tenant, std::span<const User> users, const UserListing& listing,
                                       const TenantFacts& facts, TimePoint at) {
  TRY(duckdb_adapter::check_texts(users, facts));  // the wire would refuse it too, without naming the column
  const std::string header = flight::users_header_json({.listing = listing, .facts = facts, .at_micros = to_unix_micros(at)});
  TRY(impl_->put(tenant, {"users", header}, flight::users_schema(), "saving users",
                 [&](const flight::BatchSink& sink) { return flight::encode_users(users, sink); }));
  return {};
}

Result<AppendResult> FlightStorage::append(const TenantId& tenant, const Append& append) {
  TRY(duckdb_adapter::check_texts(append));
  const std::string answer = TRY(impl_->put(tenant, {"append", flight::append_header(append)}, flight::append_schema(), "appending",
                                            [&](const flight::BatchSink& sink) { return flight::encode_rows(append, sink); }));
  return lift(flight::append_result_from(answer), "appending");
}

Result<SettingsChanges> FlightStorage::save_mailbox_settings(const TenantId& tenant, const MailboxId& mailbox,
                                                             std::span<const MailboxSetting> settings, TimePoint at) {
  TRY(duckdb_adapter::check_texts(mailbox, settings));
  const std::string header = flight::settings_header_json({.mailbox_id = mailbox, .at_micros = to_unix_micros(at)});
  const std::string answer = TRY(impl_->put(tenant, {"settings", header}, flight::settings_schema(), "saving mailbox settings",
                                            [&](const flight::BatchSink& sink) { return flight::encode_settings(settings, sink); }));
  return lift(flight::settings_changes_from(answer), "saving mailbox settings");
}

Result<QueryResult> FlightStorage::query(const TenantId& tenant, std::string_view sql, const QueryOptions& options) {
  static constexpr std::string_view action = "query";
  FlightCallOptions call = TRY(impl_->call(tenant, options.timeout));
  // The time-out is for all calls of the query together.
  const auto deadline = std::chrono::steady_clock::now() + options.timeout;
  const auto in_time = [&]() -> const FlightCallOptions& {
    call.timeout = std::max<std::chrono::duration<double>>(deadline - std::chrono::steady_clock::now(), std::chrono::milliseconds(1));
    return call;
  };
  std::shared_ptr<arrow::flight::sql::PreparedStatement> statement;
  std::unique_ptr<arrow::flight::FlightInfo> info;
  const auto close = [&] {
    call.timeout = impl_->options.connect_timeout;
    if (statement) (void)statement->Close(call);  // one that stays open is closed by the server after a while
  };
  if (options.parameters.empty()) {
    info = TRY(lift(impl_->sql->Execute(in_time(), std::string(sql)), action));
  } else {
    statement = TRY(lift(impl_->sql->Prepare(in_time(), std::string(sql)), action));
    const auto bound = [&]() -> Result<void> {
      const auto batch = TRY(lift(flight::parameters_batch(options.parameters), action));
      TRY(lift(statement->SetParameters(batch), action));
      info = TRY(lift(statement->Execute(in_time()), action));
      return {};
    }();
    if (!bound) {
      close();
      return fail(bound.error());
    }
  }

  const auto fetch = [&]() -> Result<QueryResult> {
    QueryResult result;
    auto reader = TRY(lift(impl_->sql->DoGet(in_time(), info->endpoints().at(0).ticket), action));
    const auto schema = TRY(lift(reader->GetSchema(), action));
    for (const auto& field : schema->fields()) result.columns.push_back(flight::column_of(*field));
    while (true) {
      const auto chunk = TRY(lift(reader->Next(), action));
      if (!chunk.data) return result;
      if (static_cast<std::int64_t>(result.rows.size()) + chunk.data->num_rows() > options.rows_max) {
        reader->Cancel();
        return fail(
            Error{.kind = ErrorKind::invalid,
                  .message = "the query returns more than " + std::to_string(options.rows_max) + " rows; narrow it or raise the limit",
                  .code = "too_many_rows"});
      }
      for (std::int64_t row = 0; row < chunk.data->num_rows(); ++row) {
        auto& cells = result.rows.emplace_back();
        cells.reserve(static_cast<std::size_t>(chunk.data->num_columns()));
        for (int column = 0; column < chunk.data->num_columns(); ++column)
          cells.push_back(flight::value_of(*chunk.data->column(column), row));
      }
    }
  };
  auto result = fetch();
  close();
  return result;
}

Result<std::vector<User>> FlightStorage::get_users(const TenantId& tenant) {
  const QueryResult result =
      TRY(query(tenant,
                "SELECT user_id, primary_email, to_json(aliases)::VARCHAR, display_name, given_name, family_name, job_title, department, "
                "is_admin, mailbox_state, mailbox_state_reason, created_at, last_login_at, deleted_at, connection_id FROM users ORDER BY "
                "user_id",
                {.rows_max = 1'000'000}));
  std::vector<User> users;
  users.reserve(result.rows.size());
  for (const auto& row : result.rows) {
    const auto state = mailbox_state_from(text_of(row[9]));
    if (!state) return fail(ErrorKind::internal, "users: unknown mailbox_state");
    users.push_back({.user_id = UserId(text_of(row[0])),
                     .primary_email = text_of(row[1]),
                     .aliases = TRY(flight::strings_from_json(text_of(row[2]))),
                     .display_name = optional_text(row[3]),
                     .given_name = optional_text(row[4]),
                     .family_name = optional_text(row[5]),
                     .job_title = optional_text(row[6]),
                     .department = optional_text(row[7]),
                     .is_admin = std::get<bool>(row[8]),
                     .mailbox_state = *state,
                     .mailbox_state_reason = optional_text(row[10]),
                     .created_at = optional_time(row[11]),
                     .last_login_at = optional_time(row[12]),
                     .deleted_at = optional_time(row[13]),
                     .connection_id = ConnectionId(text_of(row[14]))});
  }
  return users;
}

Result<std::vector<StoredCursor>> FlightStorage::get_cursors(const TenantId& tenant, const MailboxId& mailbox) {
  const QueryResult result = TRY(query(tenant,
                                       "SELECT source, folder_id, value, version, updated_at FROM cursors WHERE mailbox_id = $mailbox_id "
                                       "ORDER BY source, folder_id",
                                       {.parameters = {{"mailbox_id", mailbox.str()}}, .rows_max = 1'000'000}));
  std::vector<StoredCursor> cursors;
  for (const auto& row : result.rows)
    cursors.push_back({.key = {.mailbox_id = mailbox, .source = text_of(row[0]), .folder_id = FolderId(text_of(row[1]))},
                       .value = text_of(row[2]),
                       .version = std::get<std::int64_t>(row[3]),
                       .updated_at = std::get<TimePoint>(row[4])});
  return cursors;
}

Result<std::optional<TimePoint>> FlightStorage::get_last_sync_time(const TenantId& tenant, const MailboxId& mailbox) {
  const QueryResult result = TRY(
      query(tenant, "SELECT max(updated_at) FROM cursors WHERE mailbox_id = $mailbox_id", {.parameters = {{"mailbox_id", mailbox.str()}}}));
  if (result.rows.empty()) return std::optional<TimePoint>{};
  return optional_time(result.rows[0][0]);
}

Result<RawMessage> FlightStorage::get_raw(const TenantId& tenant, const MailboxId& mailbox, const ProviderMessageId& message) {
  static constexpr std::string_view action = "reading a message's bytes";
  const FlightCallOptions call = TRY(impl_->call(tenant, impl_->options.append_timeout));
  auto reader = TRY(lift(impl_->client->DoGet(call, arrow::flight::Ticket{"raw:" + mailbox.str() + "\n" + message.str()}), action));
  RawMessage raw;
  while (true) {
    const auto chunk = TRY(lift(reader->Next(), action));
    if (!chunk.data) return raw;
    const auto& formats = static_cast<const arrow::StringArray&>(*chunk.data->column(0));
    const auto& slices = static_cast<const arrow::BinaryArray&>(*chunk.data->column(1));
    for (std::int64_t row = 0; row < chunk.data->num_rows(); ++row) {
      if (raw.format.empty()) raw.format = formats.GetString(row);
      raw.bytes += slices.GetView(row);
    }
  }
}

Result<Erased> FlightStorage::erase_mail(const TenantId& tenant, const Erasure& erasure) {
  static constexpr std::string_view action = "erasing mail";
  const FlightCallOptions call = TRY(impl_->call(tenant, impl_->options.append_timeout));
  auto results = TRY(lift(impl_->client->DoAction(call, {"erase", arrow::Buffer::FromString(flight::erasure_json(erasure))}), action));
  const auto answer = TRY(lift(results->Next(), action));
  if (!answer) return fail(ErrorKind::internal, std::string(action) + ": storage gave no answer");
  return lift(flight::erased_from(answer->body->ToString()), action);
}

Result<void> FlightStorage::forget(const TenantId& tenant, bool remove) {
  const FlightCallOptions call = TRY(impl_->call(tenant, impl_->options.connect_timeout));
  auto results =
      TRY(lift(impl_->client->DoAction(call, {"forget", arrow::Buffer::FromString(remove ? "remove" : "")}), "forgetting a tenant"));
  return lift(results->Next().status(), "forgetting a tenant");
}

}  // namespace letterlock
