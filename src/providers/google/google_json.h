#pragma once

// Google's JSON as plain values. Unknown keys are ignored and absent ones are empty; what is no JSON of the kind is invalid.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/user.h"

namespace letterlock::providers {

struct GoogleSettings {
  std::string customer = "my_customer";
  std::string admin_email;
  std::string directory_root = "https://admin.googleapis.com";
  std::string gmail_root = "https://gmail.googleapis.com";
  std::string token_url = "https://oauth2.googleapis.com/token";
};

struct GoogleKey {
  std::string client_email;
  std::string private_key;
  std::string private_key_id;
};

Result<GoogleSettings> parse_google_settings(std::string_view json);  // as read_google_settings(), where something may be missing
Result<GoogleSettings> read_google_settings(std::string_view json);
Result<GoogleKey> read_google_key(std::string_view json);
// The header and claims of the JWT bearer grant.
std::string write_google_header(const GoogleKey& key);
std::string write_google_claims(const GoogleKey& key, const std::string& subject, const std::string& scope, TimePoint now);

struct GoogleToken {
  std::string access_token;
  std::int64_t expires_in = 0;
  std::string error;
  std::string error_description;
};
Result<GoogleToken> read_google_token(std::string_view json);

struct GoogleError {
  std::string message;
  std::string reason;  // of the first inner error
  std::string status;  // "PERMISSION_DENIED"
};
GoogleError read_google_error(std::string_view json);  // empty where it is something else

struct GoogleUsers {
  std::vector<User> users;
  std::string next_page_token;
};
Result<GoogleUsers> read_google_users(std::string_view json);

struct GmailProfile {
  std::string history_id;
};
Result<GmailProfile> read_gmail_profile(std::string_view json);

struct GmailIds {
  std::vector<std::string> ids;
  std::string next_page_token;
};
Result<GmailIds> read_gmail_ids(std::string_view json);

struct GmailMessage {
  std::string id;
  std::string thread_id;
  std::vector<std::string> labels;
  std::optional<TimePoint> internal_date;
  std::string bytes;  // decoded
};
Result<GmailMessage> read_gmail_message(std::string_view json);

struct GmailEvent {
  enum class Kind { added, deleted, labels_changed } kind = Kind::added;
  std::string id;
  std::vector<std::string> labels;  // of the message after the event
  bool knows_labels = true;         // false: the record did not say
};
struct GmailHistory {
  std::vector<GmailEvent> events;  // oldest first
  std::string next_page_token;
  std::string history_id;
};
Result<GmailHistory> read_gmail_history(std::string_view json);

// Where the reading of one mailbox stands.
struct GmailCursor {
  std::string mode;        // "full", "live"
  std::string history_id;  // full: taken before the listing began; live: where this round began
  std::string page_token;  // of the page to list next
  bool more_pages = true;
  std::vector<std::string> pending;  // ids of a listed page that are not stored yet
  std::string next_history_id;       // live: of this round's first page
  std::int64_t generation = 1;
};
GmailCursor read_gmail_cursor(std::string_view json);  // unreadable or empty: mode is empty
std::string write_gmail_cursor(const GmailCursor& cursor);

}  // namespace letterlock::providers
