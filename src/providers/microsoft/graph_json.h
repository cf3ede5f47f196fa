#pragma once

// Microsoft's JSON as plain values. Unknown keys are ignored, absent and null ones are empty; what is no JSON of the kind is invalid.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/user.h"

namespace letterlock::providers {

struct MicrosoftSettings {
  std::string tenant;
  std::string client_id;
  std::string login_root = "https://login.microsoftonline.com";
  std::string graph_root = "https://graph.microsoft.com";
};

struct MicrosoftSecret {
  std::string client_secret;    // either this
  std::string certificate_pem;  // or these two
  std::string private_key_pem;
};

Result<MicrosoftSettings> parse_microsoft_settings(std::string_view json);  // as read_microsoft_settings(), where something may be missing
Result<MicrosoftSettings> read_microsoft_settings(std::string_view json);
Result<MicrosoftSecret> read_microsoft_secret(std::string_view json);
std::string write_assertion_header(std::string_view certificate_sha256);
std::string write_assertion_claims(const std::string& client_id, const std::string& token_url, TimePoint now);

struct MicrosoftToken {
  std::string access_token;
  std::int64_t expires_in = 0;
  std::string error;
  std::string error_description;
  std::vector<std::int64_t> error_codes;
};
Result<MicrosoftToken> read_microsoft_token(std::string_view json);

struct GraphError {
  std::string code;
  std::string message;
};
GraphError read_graph_error(std::string_view json);  // empty where it is something else

struct GraphUsers {
  std::vector<User> users;
  std::string next_link;
};
Result<GraphUsers> read_graph_users(std::string_view json);

struct GraphFolder {
  std::string id;
  bool has_children = false;
  bool is_search = false;
};
struct GraphFolders {
  std::vector<GraphFolder> folders;
  std::string next_link;
};
Result<GraphFolders> read_graph_folders(std::string_view json);

// One item of a delta page.
struct GraphItem {
  std::string id;
  bool is_removed = false;
  bool is_partial = false;  // a change without the message itself
  bool has_attachments = false;
  std::optional<bool> is_draft;
  std::optional<std::vector<std::string>> categories;
  std::string json;  // as it came
};
struct GraphDelta {
  std::vector<GraphItem> items;
  std::string next_link;
  std::string delta_link;
};
Result<GraphDelta> read_graph_delta(std::string_view json);
Result<GraphItem> read_graph_item(std::string json);

// Where a message lies: its parentFolderId, or empty.
Result<std::string> read_graph_place(std::string_view json);

// One item of an attachments answer.
struct GraphAttachment {
  std::string id;
  std::int64_t size_bytes = 0;  // as Exchange counts it, a little more than the content's
  bool is_pdf = false;          // by type or name, and one whose content can be fetched
  std::string json;             // as it came
};
Result<std::vector<GraphAttachment>> read_graph_attachments(std::string_view json);
bool is_graph_object(std::string_view json);

// The message's JSON with these put in as "attachments".
std::string splice_attachments(std::string message_json, const std::vector<GraphAttachment>& attachments);

// Where the reading of one folder stands.
struct GraphCursor {
  std::string link;  // nextLink or deltaLink; empty: from the start
  std::int64_t generation = 1;
  bool is_sweep = false;  // this round lists the whole folder
  std::int64_t select_version = 0;
  bool ids_only = false;  // its delta gives ids alone, and each message is fetched by itself
  bool gone = false;      // the folder is no more
};
GraphCursor read_graph_cursor(std::string_view json);
std::string write_graph_cursor(const GraphCursor& cursor);

}  // namespace letterlock::providers
