#include <glaze/glaze.hpp>

#include "adapters/flight/append_codec.h"
#include "adapters/flight/json_text.h"

// The JSON that travels beside the rows. Members are the keys.
namespace letterlock::flight {
namespace {

struct AppendHeader {
  std::string mailbox_id, source, folder_id, next_value;
  std::int64_t seen_version = 0, at_micros = 0, generation = 0;
  std::optional<std::int64_t> sweep_below;
};

struct FactsHeader {
  std::string connection_id;
  bool complete = false;
  std::vector<std::string> domains, vip_user_ids;
  std::int64_t at_micros = 0;
};

struct MailboxHeader {
  std::string mailbox_id;
  std::int64_t at_micros = 0;
};

struct ChangesHeader {
  std::int64_t added = 0, ended = 0, last_ingest_seq = 0;
};

struct ErasureHeader {
  std::int64_t received_before_micros = 0, ingest_seq_max = 0;
  int messages_max = 0;
};

struct ErasedHeader {
  std::int64_t raw = 0, messages = 0;
  bool more = false;
};

struct ResultHeader {
  std::int64_t cursor_version = 0, inserted = 0, updated = 0, removed = 0, set_aside = 0, last_ingest_seq = 0;
};

template <class T>
std::string to_json(const T& value) {
  return glz::write_json(value).value_or("{}");
}

// What stands behind the object is refused too.
struct Strict : glz::opts {
  bool validate_trailing_whitespace = true;
};

template <class T>
arrow::Result<T> from_json(std::string_view json) {
  T value;
  if (const auto error = glz::read<Strict{}>(value, json))
    return arrow::Status::Invalid("malformed header: ", glz::format_error(error, json));
  return value;
}

}  // namespace

std::string append_header(const Append& append) {
  return to_json(AppendHeader{.mailbox_id = append.cursor.mailbox_id.str(),
                              .source = append.cursor.source,
                              .folder_id = append.cursor.folder_id.str(),
                              .next_value = append.next_value,
                              .seen_version = append.seen_version,
                              .at_micros = to_unix_micros(append.at),
                              .generation = append.generation,
                              .sweep_below = append.sweep_below});
}

arrow::Result<Append> append_from_header(std::string_view json) {
  ARROW_ASSIGN_OR_RAISE(AppendHeader header, from_json<AppendHeader>(json));
  Append append;
  append.cursor = {.mailbox_id = MailboxId(header.mailbox_id), .source = header.source, .folder_id = FolderId(header.folder_id)};
  append.next_value = header.next_value;
  append.seen_version = header.seen_version;
  append.at = from_unix_micros(header.at_micros);
  append.generation = header.generation;
  append.sweep_below = header.sweep_below;
  return append;
}

std::string append_result_json(const AppendResult& result) {
  return to_json(
      ResultHeader{result.cursor_version, result.inserted, result.updated, result.removed, result.set_aside, result.last_ingest_seq});
}

arrow::Result<AppendResult> append_result_from(std::string_view json) {
  ARROW_ASSIGN_OR_RAISE(const ResultHeader header, from_json<ResultHeader>(json));
  return AppendResult{header.cursor_version, header.inserted, header.updated, header.removed, header.set_aside, header.last_ingest_seq};
}

std::string erasure_json(const Erasure& erasure) {
  return to_json(ErasureHeader{to_unix_micros(erasure.received_before), erasure.ingest_seq_max, erasure.messages_max});
}

arrow::Result<Erasure> erasure_from(std::string_view json) {
  ARROW_ASSIGN_OR_RAISE(const ErasureHeader header, from_json<ErasureHeader>(json));
  return Erasure{from_unix_micros(header.received_before_micros), header.ingest_seq_max, header.messages_max};
}

std::string erased_json(const Erased& erased) { return to_json(ErasedHeader{erased.raw, erased.messages, erased.more}); }

arrow::Result<Erased> erased_from(std::string_view json) {
  ARROW_ASSIGN_OR_RAISE(const ErasedHeader header, from_json<ErasedHeader>(json));
  return Erased{header.raw, header.messages, header.more};
}

Result<std::vector<std::string>> strings_from_json(std::string_view json) {
  auto strings = from_json<std::vector<std::string>>(json);
  if (!strings.ok()) return fail(ErrorKind::internal, "a list of texts was expected: " + strings.status().message());
  return std::move(strings).MoveValueUnsafe();
}

std::string users_header_json(const UsersHeader& header) {
  return to_json(FactsHeader{header.listing.connection_id.str(), header.listing.complete, header.facts.domains, header.facts.vip_user_ids,
                             header.at_micros});
}

arrow::Result<UsersHeader> users_header_from(std::string_view json) {
  ARROW_ASSIGN_OR_RAISE(FactsHeader header, from_json<FactsHeader>(json));
  return UsersHeader{.listing = {.connection_id = ConnectionId(header.connection_id), .complete = header.complete},
                     .facts = {std::move(header.domains), std::move(header.vip_user_ids)},
                     .at_micros = header.at_micros};
}

std::string settings_header_json(const SettingsHeader& header) { return to_json(MailboxHeader{header.mailbox_id.str(), header.at_micros}); }

arrow::Result<SettingsHeader> settings_header_from(std::string_view json) {
  ARROW_ASSIGN_OR_RAISE(MailboxHeader header, from_json<MailboxHeader>(json));
  return SettingsHeader{MailboxId(header.mailbox_id), header.at_micros};
}

std::string settings_changes_json(const SettingsChanges& changes) {
  return to_json(ChangesHeader{changes.added, changes.ended, changes.last_ingest_seq});
}

arrow::Result<SettingsChanges> settings_changes_from(std::string_view json) {
  ARROW_ASSIGN_OR_RAISE(const ChangesHeader header, from_json<ChangesHeader>(json));
  return SettingsChanges{header.added, header.ended, header.last_ingest_seq};
}

}  // namespace letterlock::flight
