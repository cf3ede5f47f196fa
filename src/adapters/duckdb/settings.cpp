#include <map>

#include "adapters/duckdb/tenant_database.h"

// mailbox_settings: what each mailbox does with mail by itself, with its history.
namespace letterlock::duckdb_adapter {
namespace {

using Key = std::pair<std::string, std::string>;  // kind, setting_id

duckdb::Value text(const std::string& value) { return duckdb::Value(value); }

std::vector<std::string> texts_at(const duckdb::DataChunk& chunk, duckdb::idx_t column, duckdb::idx_t row) {
  std::vector<std::string> texts;
  for (const auto& item : duckdb::ListValue::GetChildren(chunk.GetValue(column, row))) texts.push_back(item.GetValue<std::string>());
  return texts;
}

// The settings that hold, as they were stored.
Result<std::map<Key, MailboxSetting>> holding(TenantDatabase& database, const MailboxId& mailbox) {
  const auto rows =
      TRY(run(database.prepared("SELECT kind, setting_id, name, is_enabled, forward_to, move_to, deletes, marks_read, words, senders, "
                                "definition FROM mailbox_settings WHERE mailbox_id = $1 AND valid_to IS NULL"),
              {text(mailbox.str())}, "settings"));
  std::map<Key, MailboxSetting> found;
  for (auto chunk = rows->Fetch(); chunk; chunk = rows->Fetch())
    for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
      const auto string = [&](duckdb::idx_t column) { return chunk->GetValue(column, row).GetValue<std::string>(); };
      const auto flag = [&](duckdb::idx_t column) { return chunk->GetValue(column, row).GetValue<bool>(); };
      found.emplace(Key{string(0), string(1)}, MailboxSetting{.kind = string(0),
                                                              .setting_id = string(1),
                                                              .name = string(2),
                                                              .is_enabled = flag(3),
                                                              .forward_to = texts_at(*chunk, 4, row),
                                                              .move_to = string(5),
                                                              .deletes = flag(6),
                                                              .marks_read = flag(7),
                                                              .words = texts_at(*chunk, 8, row),
                                                              .senders = texts_at(*chunk, 9, row),
                                                              .definition = string(10)});
    }
  return found;
}

// Whether this is the mailbox's first reading; notes that it happened. Each run reads each mailbox, mostly again: an update
// is planned and run for less than an upsert.
Result<bool> note_reading(TenantDatabase& database, const MailboxId& mailbox, TimePoint at) {
  const auto updated = TRY(run(database.prepared("UPDATE mailbox_settings_readings SET read_at = $2 WHERE mailbox_id = $1"),
                               {text(mailbox.str()), to_duckdb(at)}, "settings"));
  const bool is_first = single_number(*updated) == 0;
  if (is_first)
    TRY(run(database.prepared("INSERT INTO mailbox_settings_readings VALUES ($1, $2)"), {text(mailbox.str()), to_duckdb(at)}, "settings"));
  return is_first;
}

}  // namespace

Result<std::int64_t> last_ingest_seq(TenantDatabase& database) {
  if (database.last_ingest_seq) return *database.last_ingest_seq;
  const auto rows = TRY(run(database.writer(),
                            "SELECT greatest((SELECT coalesce(max(ingest_seq), 0) FROM message_keys), "
                            "(SELECT coalesce(max(ingest_seq), 0) FROM mailbox_settings))",
                            "sequence"));
  return single_number(*rows);
}

Result<SettingsChanges> apply_settings(TenantDatabase& database, const MailboxId& mailbox, std::span<const MailboxSetting> settings,
                                       TimePoint at) {
  TRY(check_texts(mailbox, settings));
  std::map<Key, const MailboxSetting*> now;
  for (const auto& setting : settings) now[{setting.kind, setting.setting_id}] = &setting;
  const std::lock_guard lock(database.write_mutex);
  duckdb::Connection& connection = database.writer();
  try {
    Transaction transaction(connection);
    SettingsChanges changes{.last_ingest_seq = TRY(last_ingest_seq(database))};
    const bool is_baseline = TRY(note_reading(database, mailbox, at));
    const auto before = TRY(holding(database, mailbox));
    for (const auto& [key, setting] : before) {
      if (const auto found = now.find(key); found != now.end() && *found->second == setting) {
        now.erase(found);  // it holds on
        continue;
      }
      TRY(run(connection,
              "UPDATE mailbox_settings SET valid_to = $4 WHERE mailbox_id = $1 AND kind = $2 AND setting_id = $3 AND valid_to IS NULL",
              {text(mailbox.str()), text(key.first), text(key.second), to_duckdb(at)}, "settings"));
      ++changes.ended;
    }
    for (const auto& [key, setting] : now) {
      ++changes.last_ingest_seq;
      ++changes.added;
      TRY(run(connection, "INSERT INTO mailbox_settings VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL, $15)",
              {text(mailbox.str()), text(setting->kind), text(setting->setting_id), duckdb::Value::BIGINT(changes.last_ingest_seq),
               text(setting->name), duckdb::Value::BOOLEAN(setting->is_enabled), to_duckdb(setting->forward_to), text(setting->move_to),
               duckdb::Value::BOOLEAN(setting->deletes), duckdb::Value::BOOLEAN(setting->marks_read), to_duckdb(setting->words),
               to_duckdb(setting->senders), text(setting->definition), to_duckdb(at), duckdb::Value::BOOLEAN(is_baseline)},
              "settings"));
    }
    database.last_ingest_seq.reset();  // until the commit is known to have happened
    transaction.commit();
    database.last_ingest_seq = changes.last_ingest_seq;
    return changes;
  } catch (const std::exception& error) {
    return fail(to_error(error, "settings"));
  }
}

}  // namespace letterlock::duckdb_adapter
