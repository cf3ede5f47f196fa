#pragma once

// What one step of reading brings to a tenant's mail store, and what the store answers.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/email.h"
#include "model/ids.h"

namespace letterlock {

// One cursor = one place where reading goes on. Google: one per mailbox ("gmail", no folder). Microsoft: one per
// folder ("graph", folder id). Archive: one per file ("archive", path).
struct CursorKey {
  MailboxId mailbox_id;
  std::string source;
  FolderId folder_id;

  friend auto operator<=>(const CursorKey&, const CursorKey&) = default;
};

struct StoredCursor {
  CursorKey key;
  std::string value;         // the provider's, opaque JSON
  std::int64_t version = 0;  // 1 after the first append; 0 means "not stored yet"
  TimePoint updated_at;

  friend bool operator==(const StoredCursor&, const StoredCursor&) = default;
};

// The bytes as the provider gave them. Stored zstd-compressed in chunks of at most 1 MiB (email_raw), in the append's transaction.
struct RawMessage {
  std::string format;  // "rfc5322", or "graph" for Microsoft Graph's JSON message resource
  std::string bytes;
};

struct EmailRecord {
  Email email;
  RawMessage raw;
};

// A message that is gone at the provider. It is kept with removed_at set (fraudsters delete), and only if the row is
// still in that folder (folder_id empty: wherever it is).
struct Removal {
  ProviderMessageId provider_message_id;
  FolderId folder_id;
  TimePoint removed_at;
};

// A change of an e-mail that is stored already (labels, folder); fields that are nullopt stay as they are.
struct EmailChange {
  ProviderMessageId provider_message_id;
  std::optional<std::vector<std::string>> labels;
  std::optional<FolderId> folder_id;
  std::optional<bool> is_draft;
};

// A message that could not be stored: one poisonous mail does not hold back its mailbox.
struct SetAside {
  ProviderMessageId provider_message_id;
  std::string reason;
  std::int64_t size_bytes = 0;
};

// All that one step of one cursor brings. Applied in ONE transaction, or not at all.
struct Append {
  CursorKey cursor;
  std::int64_t seen_version = 0;  // the cursor's version that this step started from; refused (conflict) on mismatch
  std::string next_value;
  TimePoint at;                      // when this step was read; becomes the cursor's updated_at and the rows' ingested_at
  std::vector<EmailRecord> emails;   // upserted by (mailbox_id, provider_message_id); a stored removal mark is lifted
  std::vector<EmailChange> changes;  // for rows that are there; others are ignored
  std::vector<Removal> removals;     // applied after emails and changes
  std::vector<SetAside> set_aside;   // upserted; dropped when the message is stored after all
  // Mark and sweep for a full resync: every e-mail and change of the sweep names this generation; the last step sets
  // sweep_below, and rows of this mailbox (and folder, where the key has one) with an older generation get removed_at.
  std::int64_t generation = 0;
  std::optional<std::int64_t> sweep_below;
};

struct AppendResult {
  std::int64_t cursor_version = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t removed = 0;
  std::int64_t set_aside = 0;
  std::int64_t last_ingest_seq = 0;  // highest in the tenant after this append; rises with every inserted row

  friend bool operator==(const AppendResult&, const AppendResult&) = default;
};

}  // namespace letterlock
