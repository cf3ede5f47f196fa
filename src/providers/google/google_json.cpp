#include "providers/google/google_json.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <glaze/glaze.hpp>

#include "base/encoding.h"

namespace letterlock::providers {

// As they come over the wire; named, because reflection needs linkage.
namespace google_wire {
struct Name {
  std::string givenName;
  std::string familyName;
  std::string fullName;
};
struct Organization {
  std::string title;
  std::string department;
  bool primary = false;
};
struct DirectoryUser {
  std::string id;
  std::string primaryEmail;
  Name name;
  std::vector<std::string> aliases;
  std::vector<std::string> nonEditableAliases;
  std::vector<Organization> organizations;
  bool isAdmin = false;
  bool isDelegatedAdmin = false;
  bool suspended = false;
  std::string suspensionReason;
  bool archived = false;
  bool isMailboxSetup = true;
  std::string creationTime;
  std::string lastLoginTime;
};
struct Users {
  std::string kind;
  std::vector<DirectoryUser> users;
  std::string nextPageToken;
};
struct Reference {
  std::string id;
  std::string threadId;
  std::optional<std::vector<std::string>> labelIds;
};
struct MessageList {
  std::vector<Reference> messages;
  std::string nextPageToken;
  std::optional<std::int64_t> resultSizeEstimate;
};
struct Message {
  std::string id;
  std::string threadId;
  std::vector<std::string> labelIds;
  std::string internalDate;
  std::optional<std::string> raw;
};
struct Change {
  Reference message;
  std::vector<std::string> labelIds;
};
struct Record {
  std::vector<Change> messagesAdded;
  std::vector<Change> messagesDeleted;
  std::vector<Change> labelsAdded;
  std::vector<Change> labelsRemoved;
};
struct History {
  std::vector<Record> history;
  std::string nextPageToken;
  glz::raw_json historyId;
};
struct Profile {
  std::string emailAddress;
  glz::raw_json historyId;
};
struct InnerError {
  std::string message;
  std::string reason;
};
struct ErrorBody {
  std::string message;
  std::vector<InnerError> errors;
  std::string status;
};
struct ErrorAnswer {
  ErrorBody error;
};
struct Header {
  std::string typ = "JWT";
  std::string kid;
};
struct Claims {
  std::string iss, sub, scope, aud;
  std::int64_t iat = 0, exp = 0;
};
}  // namespace google_wire

namespace {

constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};

template <class T>
Result<T> read(std::string_view json, std::string_view what) {
  T value;
  if (auto error = glz::read<lenient>(value, json); error)
    return fail(ErrorKind::invalid, std::string(what) + " is not what Google sends (" + std::string(json.substr(0, 40)) + "…)");
  return value;
}

template <class T>
std::string write(const T& value) {
  auto json = glz::write_json(value);
  CHECK(json.has_value());
  return std::move(*json);
}

// An id that comes as a number or as a string.
std::string unquoted(const glz::raw_json& json) {
  std::string text = json.str;
  std::erase_if(text, [](char c) { return c == '"' || std::isspace(static_cast<unsigned char>(c)); });
  return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); }) ? text : std::string();
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::optional<std::string> present(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

User user_of(google_wire::DirectoryUser&& from) {
  User user{.user_id = UserId(std::move(from.id)), .primary_email = lower(std::move(from.primaryEmail))};
  for (auto* list : {&from.aliases, &from.nonEditableAliases})
    for (auto& alias : *list)
      if (auto address = lower(std::move(alias)); address != user.primary_email) user.aliases.push_back(std::move(address));
  user.display_name = present(std::move(from.name.fullName));
  user.given_name = present(std::move(from.name.givenName));
  user.family_name = present(std::move(from.name.familyName));
  auto organization = std::ranges::find(from.organizations, true, &google_wire::Organization::primary);
  if (organization == from.organizations.end()) organization = from.organizations.begin();
  if (organization != from.organizations.end()) {
    user.job_title = present(std::move(organization->title));
    user.department = present(std::move(organization->department));
  }
  user.is_admin = from.isAdmin || from.isDelegatedAdmin;
  user.created_at = from_rfc3339(from.creationTime);
  user.last_login_at = from_rfc3339(from.lastLoginTime);
  if (user.last_login_at && *user.last_login_at <= TimePoint{}) user.last_login_at.reset();  // 1970: never
  if (from.suspended || from.archived) {
    user.mailbox_state = MailboxState::suspended;
    user.mailbox_state_reason =
        from.archived ? "archived in the directory"
                      : "suspended in the directory" + (from.suspensionReason.empty() ? "" : " (" + from.suspensionReason + ")");
  } else if (!from.isMailboxSetup) {
    user.mailbox_state = MailboxState::no_mailbox;
    user.mailbox_state_reason = "Gmail is not set up for this user";
  }
  return user;
}

}  // namespace

Result<GoogleSettings> parse_google_settings(std::string_view json) {
  auto settings = read<GoogleSettings>(json, "google settings");
  if (!settings) return fail(ErrorKind::invalid, "google settings: no JSON object of strings");
  for (auto* root : {&settings->directory_root, &settings->gmail_root})
    while (root->ends_with('/')) root->pop_back();
  return settings;
}

Result<GoogleSettings> read_google_settings(std::string_view json) {
  auto settings = parse_google_settings(json);
  if (!settings) return settings;
  if (!settings->admin_email.contains('@')) return fail(ErrorKind::invalid, "google settings: \"admin_email\" is missing or no address");
  if (settings->customer.empty()) return fail(ErrorKind::invalid, "google settings: \"customer\" is empty");
  return settings;
}

Result<GoogleKey> read_google_key(std::string_view json) {
  GoogleKey key;
  // The parser's message would show a part of the key.
  if (glz::read<lenient>(key, json)) return fail(ErrorKind::invalid, "google secret: not a service account's key file (no JSON)");
  if (key.client_email.empty()) return fail(ErrorKind::invalid, "google secret: \"client_email\" is missing from the key file");
  if (!key.private_key.contains("PRIVATE KEY")) return fail(ErrorKind::invalid, "google secret: \"private_key\" is missing or no PEM key");
  return key;
}

std::string write_google_header(const GoogleKey& key) { return write(google_wire::Header{.kid = key.private_key_id}); }

std::string write_google_claims(const GoogleKey& key, const std::string& subject, const std::string& scope, TimePoint now) {
  const auto seconds = to_unix_micros(now) / 1'000'000;
  // aud is this constant wherever the token URL points: both official libraries send it so.
  return write(google_wire::Claims{.iss = key.client_email,
                                   .sub = subject,
                                   .scope = scope,
                                   .aud = "https://oauth2.googleapis.com/token",
                                   .iat = seconds - 10,
                                   .exp = seconds - 10 + 3600});
}

Result<GoogleToken> read_google_token(std::string_view json) { return read<GoogleToken>(json, "the token answer"); }

GoogleError read_google_error(std::string_view json) {
  google_wire::ErrorAnswer answer;
  if (glz::read<lenient>(answer, json)) return {};
  return {.message = std::move(answer.error.message),
          .reason = answer.error.errors.empty() ? "" : std::move(answer.error.errors.front().reason),
          .status = std::move(answer.error.status)};
}

Result<GoogleUsers> read_google_users(std::string_view json) {
  auto page = TRY(read<google_wire::Users>(json, "the answer of users.list"));
  if (page.kind.empty() && page.users.empty() && page.nextPageToken.empty())
    return fail(ErrorKind::invalid, "the answer of users.list is not what Google sends");
  GoogleUsers out{.next_page_token = std::move(page.nextPageToken)};
  for (auto& user : page.users)
    if (!user.id.empty() && !user.primaryEmail.empty()) out.users.push_back(user_of(std::move(user)));
  return out;
}

Result<GmailProfile> read_gmail_profile(std::string_view json) {
  auto profile = TRY(read<google_wire::Profile>(json, "the answer of getProfile"));
  GmailProfile out{.history_id = unquoted(profile.historyId)};
  if (out.history_id.empty()) return fail(ErrorKind::invalid, "the answer of getProfile has no historyId");
  return out;
}

Result<GmailIds> read_gmail_ids(std::string_view json) {
  auto page = TRY(read<google_wire::MessageList>(json, "the answer of messages.list"));
  GmailIds out{.next_page_token = std::move(page.nextPageToken)};
  for (auto& message : page.messages) out.ids.push_back(std::move(message.id));
  return out;
}

Result<GmailMessage> read_gmail_message(std::string_view json) {
  auto message = TRY(read<google_wire::Message>(json, "the answer of messages.get"));
  if (!message.raw) return fail(ErrorKind::invalid, "the answer of messages.get has no \"raw\"");
  auto bytes = from_base64(*message.raw);
  if (!bytes) return fail(ErrorKind::invalid, "\"raw\" in the answer of messages.get is no base64");
  GmailMessage out{.id = std::move(message.id), .thread_id = std::move(message.threadId), .labels = std::move(message.labelIds)};
  std::int64_t millis = 0;
  const auto& text = message.internalDate;
  if (!text.empty() && std::from_chars(text.data(), text.data() + text.size(), millis).ec == std::errc())
    out.internal_date = TimePoint(std::chrono::milliseconds(millis));
  out.bytes = std::move(*bytes);
  return out;
}

Result<GmailHistory> read_gmail_history(std::string_view json) {
  auto page = TRY(read<google_wire::History>(json, "the answer of history.list"));
  GmailHistory out{.next_page_token = std::move(page.nextPageToken), .history_id = unquoted(page.historyId)};
  if (out.history_id.empty()) return fail(ErrorKind::invalid, "the answer of history.list has no historyId");
  using Kind = GmailEvent::Kind;
  const auto add = [&](Kind kind, std::vector<google_wire::Change>& changes, bool absent_means_none) {
    for (auto& change : changes) {
      // A message that is no draft any more was never stored: its labels alone would be lost.
      const bool was_draft = kind == Kind::labels_changed && absent_means_none && std::ranges::contains(change.labelIds, "DRAFT");
      const bool knows = !was_draft && (change.message.labelIds.has_value() || absent_means_none);
      out.events.push_back({.kind = kind,
                            .id = std::move(change.message.id),
                            .labels = std::move(change.message.labelIds).value_or(std::vector<std::string>{}),
                            .knows_labels = knows});
    }
  };
  for (auto& record : page.history) {
    add(Kind::added, record.messagesAdded, true);
    add(Kind::labels_changed, record.labelsAdded, false);
    add(Kind::labels_changed, record.labelsRemoved, true);
    add(Kind::deleted, record.messagesDeleted, true);
  }
  return out;
}

GmailCursor read_gmail_cursor(std::string_view json) {
  GmailCursor cursor;
  if (json.empty() || glz::read<lenient>(cursor, json)) return {};
  return cursor;
}

std::string write_gmail_cursor(const GmailCursor& cursor) { return write(cursor); }

}  // namespace letterlock::providers
