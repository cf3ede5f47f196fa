#pragma once

// For tests: a Storage in memory that keeps the rules which ingestion leans on (versions, idempotence, sequence). Any thread.

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/storage.h"

namespace letterlock::ingestion {

class MemoryStorage final : public Storage {
 public:
  struct Row {
    EmailRecord record;
    bool removed = false;
  };
  using Key = std::pair<MailboxId, ProviderMessageId>;

  mutable std::mutex mutex;
  std::vector<User> users;
  TenantFacts facts;
  std::map<Key, Row> rows;
  std::map<Key, SetAside> set_aside;
  std::map<CursorKey, StoredCursor> cursors;
  std::map<MailboxId, std::vector<MailboxSetting>> settings;
  std::map<MailboxId, int> settings_readings;
  std::int64_t sequence = 0;
  bool keeps_content = true;  // false: rows hold ids alone, for corpora
  std::int64_t emails_per_append_max = 0;
  std::optional<Error> append_error;  // answered by every append while set
  std::optional<MailboxId> fenced;    // appends to it find that its cursor moved

  Result<void> save_users(const TenantId&, std::span<const User> listed, const UserListing& listing, const TenantFacts& given,
                          TimePoint at) override {
    const std::lock_guard lock(mutex);
    for (auto& user : users)
      if (listing.complete && user.connection_id == listing.connection_id) user.deleted_at = at;
    for (const auto& user : listed) {
      std::erase_if(users, [&](const User& other) { return other.user_id == user.user_id; });
      users.push_back(user);
      users.back().connection_id = listing.connection_id;
    }
    facts = given;
    return {};
  }
  Result<std::vector<User>> get_users(const TenantId&) override {
    const std::lock_guard lock(mutex);
    return users;
  }
  Result<std::vector<StoredCursor>> get_cursors(const TenantId&, const MailboxId& mailbox) override {
    const std::lock_guard lock(mutex);
    std::vector<StoredCursor> out;
    for (const auto& [key, cursor] : cursors)
      if (key.mailbox_id == mailbox) out.push_back(cursor);
    return out;
  }
  Result<std::optional<TimePoint>> get_last_sync_time(const TenantId&, const MailboxId&) override { return std::nullopt; }
  Result<AppendResult> append(const TenantId&, const Append& append) override {
    const std::lock_guard lock(mutex);
    if (append_error) return std::unexpected(*append_error);
    auto& cursor = cursors[append.cursor];
    if (fenced == append.cursor.mailbox_id || cursor.version != append.seen_version)
      return fail(Error{.kind = ErrorKind::conflict, .message = "cursor moved on", .code = "cursor_moved"});
    cursor = {.key = append.cursor, .value = append.next_value, .version = cursor.version + 1, .updated_at = append.at};
    AppendResult result{.cursor_version = cursor.version};
    emails_per_append_max = std::max(emails_per_append_max, static_cast<std::int64_t>(append.emails.size()));
    for (const auto& record : append.emails) {
      const Key key{append.cursor.mailbox_id, record.email.provider_message_id};
      if (rows.insert_or_assign(key, keeps_content ? Row{.record = record} : Row{}).second)
        ++result.inserted, ++sequence;
      else
        ++result.updated;
    }
    for (const auto& removal : append.removals)
      if (const auto row = rows.find({append.cursor.mailbox_id, removal.provider_message_id}); row != rows.end())
        row->second.removed = true, ++result.removed;
    for (const auto& item : append.set_aside) set_aside[{append.cursor.mailbox_id, item.provider_message_id}] = item;
    result.set_aside = std::ssize(append.set_aside);
    result.last_ingest_seq = sequence;
    return result;
  }
  Result<SettingsChanges> save_mailbox_settings(const TenantId&, const MailboxId& mailbox, std::span<const MailboxSetting> now,
                                                TimePoint) override {
    const std::lock_guard lock(mutex);
    ++settings_readings[mailbox];
    auto& stored = settings[mailbox];
    const std::vector<MailboxSetting> before = std::exchange(stored, {now.begin(), now.end()});
    SettingsChanges changes;
    for (const auto& setting : stored)
      if (!std::ranges::contains(before, setting)) ++changes.added, ++sequence;
    for (const auto& setting : before)
      if (!std::ranges::contains(stored, setting)) ++changes.ended;
    changes.last_ingest_seq = sequence;
    return changes;
  }
  Result<QueryResult> query(const TenantId&, std::string_view sql, const QueryOptions&) override {
    const std::lock_guard lock(mutex);
    QueryResult result;  // the two questions that ingestion asks: the newest number, and when each mailbox was read last
    if (sql.contains("newest_ingest_seq")) {
      result.rows.push_back({Value(sequence)});
      return result;
    }
    std::map<MailboxId, TimePoint> last;
    for (const auto& [key, cursor] : cursors) last[key.mailbox_id] = std::max(last[key.mailbox_id], cursor.updated_at);
    for (const auto& [mailbox, at] : last) result.rows.push_back({Value(mailbox.str()), Value(at)});
    return result;
  }
  Result<RawMessage> get_raw(const TenantId&, const MailboxId&, const ProviderMessageId&) override {
    return fail(ErrorKind::not_found, "not kept");
  }
  Result<Erased> erase_mail(const TenantId&, const Erasure&) override { return Erased{}; }
  Result<void> forget(const TenantId&, bool) override { return {}; }
};

}  // namespace letterlock::ingestion
