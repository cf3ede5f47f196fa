#pragma once

// A company's mail provider. One object per connection and slice; implemented by google/, microsoft/ and archive/.
// A provider reads and never writes at the provider. All calls block; list and walk may run on several threads at once
// for different mailboxes (the object is thread-safe).
//
// Error kinds: unauthenticated (consent, credentials: the whole connection), forbidden (scopes, policy), not_found with
// code "no_mailbox" (this mailbox only), throttled with retry_after (park until then), unavailable (retried already,
// bounded), invalid (the other side does not speak this protocol: wrong URL). Codes that concern one mailbox only:
// "no_mailbox", "mailbox_suspended", "mailbox_failed"; every other error concerns the connection.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/append.h"
#include "model/mailbox_setting.h"
#include "model/user.h"

namespace letterlock {

// One step of one cursor, not parsed yet. Bounded: at most WalkLimits::step_messages_max messages or, beyond one message,
// step_bytes_max bytes.
struct FetchedMessage {
  ProviderMessageId provider_message_id;
  std::string thread_id;
  FolderId folder_id;
  std::vector<std::string> labels;
  bool is_draft = false;
  std::optional<TimePoint> received_at;  // the provider's; archive: none, taken from the headers
  RawMessage raw;
  std::string origin = {};  // where it lies, for the reason when it is set aside; archive: file!member
};

struct Step {
  CursorKey cursor;
  std::string next_value;
  std::vector<FetchedMessage> messages;
  std::vector<EmailChange> changes;
  std::vector<Removal> removals;
  std::vector<SetAside> set_aside;
  std::int64_t generation = 0;  // of mark and sweep, 0 outside one
  std::optional<std::int64_t> sweep_below;
  bool caught_up = false;  // the cursor has reached the provider's present
  // Time spent on coming to the cursor's place, over what earlier slices took: their work, so that it does not count against this slice.
  std::chrono::nanoseconds reread_for{0};
};

struct WalkLimits {
  int step_messages_max = 400;  // each append has a fixed cost (./dev bench ingest)
  std::int64_t step_bytes_max = 8 << 20;
  std::int64_t message_bytes_max = 150 << 20;  // larger: set aside with its size
};

// Takes a step and appends it; false: stop here (the slice is over, or the append was refused).
using StepSink = std::function<Result<bool>(Step&&)>;
// Takes a page of users.
using UserSink = std::function<Result<void>(std::vector<User>&&)>;

class Provider {
 public:
  virtual ~Provider() = default;

  // The cheapest call that proves the credentials and the address; for "test connection" and at a slice's start.
  virtual Result<void> check(std::stop_token stop) = 0;
  // The whole directory, page by page.
  virtual Result<void> list_users(const UserSink& sink, std::stop_token stop) = 0;
  // Read one mailbox from its stored cursors to the present, in steps. New cursors start at version 0 with an empty value.
  // Between two steps memory holds one step and the next one being fetched, whatever the mailbox's size.
  virtual Result<void> walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits& limits, const StepSink& sink,
                            std::stop_token stop) = 0;
  // What the mailbox does with mail by itself, all of it as it stands now; nullopt: this provider has no such settings.
  // forbidden, code "settings_forbidden": the permission for them is missing, the message names it. An error here says nothing about
  // the mailbox's mail.
  virtual Result<std::optional<std::vector<MailboxSetting>>> read_settings(const User& user, std::stop_token stop) = 0;

  // The authserv-ids of this provider's own border (RFC 8601), used where the connection names none.
  virtual std::vector<std::string> authserv_ids() const = 0;
};

}  // namespace letterlock
