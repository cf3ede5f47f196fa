#pragma once

// model::Append, the user list and a mailbox's settings ↔ Arrow record batches, for DoPut. Internal to this adapter.
//
// An append is a stream of batches with one schema: struct columns email, raw, change, removal, set_aside; each row has
// exactly one of them. The raw rows of a message follow its email row, each at most 1 MiB. What is not a row (cursor,
// version, generation) is the JSON text of append_header(). Every put ends with a metadata message, end_mark: gRPC's server
// cannot tell the end of a stream from the death of its writer (ServerReader::Read is false for both).

#include <arrow/api.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "model/append.h"
#include "model/user.h"
#include "ports/storage.h"

namespace letterlock::flight {

inline constexpr std::int64_t batch_bytes_max = 3 << 20;  // below gRPC clients' default limit of 4 MiB a message
inline constexpr std::string_view end_mark = "end";       // the metadata message after a put's last batch

std::shared_ptr<arrow::Schema> append_schema();
std::shared_ptr<arrow::Schema> users_schema();
std::shared_ptr<arrow::Schema> settings_schema();

std::string append_header(const Append& append);
// Fill everything of an append that is no row.
arrow::Result<Append> append_from_header(std::string_view json);
std::string append_result_json(const AppendResult& result);
arrow::Result<AppendResult> append_result_from(std::string_view json);

struct UsersHeader {
  UserListing listing;
  TenantFacts facts;
  std::int64_t at_micros = 0;
};
std::string users_header_json(const UsersHeader& header);
arrow::Result<UsersHeader> users_header_from(std::string_view json);

struct SettingsHeader {
  MailboxId mailbox_id;
  std::int64_t at_micros = 0;
};
std::string settings_header_json(const SettingsHeader& header);
arrow::Result<SettingsHeader> settings_header_from(std::string_view json);
std::string settings_changes_json(const SettingsChanges& changes);
arrow::Result<SettingsChanges> settings_changes_from(std::string_view json);

std::string erasure_json(const Erasure& erasure);
arrow::Result<Erasure> erasure_from(std::string_view json);
std::string erased_json(const Erased& erased);
arrow::Result<Erased> erased_from(std::string_view json);

// Call sink for each batch of at most batch_bytes_max (one larger row passes alone; none is, raw is sliced and text is capped).
using BatchSink = std::function<arrow::Status(const std::shared_ptr<arrow::RecordBatch>&)>;
arrow::Status encode_rows(const Append& append, const BatchSink& sink);
arrow::Status encode_users(std::span<const User> users, const BatchSink& sink);
arrow::Status encode_settings(std::span<const MailboxSetting> settings, const BatchSink& sink);

// Add a batch's rows; invalid for another schema, a row with not exactly one part, or raw before any e-mail.
arrow::Status decode_rows(const arrow::RecordBatch& batch, Append& append);
arrow::Status decode_users(const arrow::RecordBatch& batch, std::vector<User>& users);
arrow::Status decode_settings(const arrow::RecordBatch& batch, std::vector<MailboxSetting>& settings);

}  // namespace letterlock::flight
