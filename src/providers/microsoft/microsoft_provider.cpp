#include "providers/microsoft/microsoft_provider.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/encoding.h"
#include "providers/microsoft/graph_settings.h"
#include "providers/microsoft/graph_walk.h"

namespace letterlock::providers {
namespace {

constexpr std::string_view user_select =
    "id,userPrincipalName,mail,displayName,givenName,surname,accountEnabled,userType,createdDateTime,proxyAddresses,otherMails,"
    "assignedLicenses,department,jobTitle,companyName";

constexpr std::size_t rules_max = 1'000;  // Exchange keeps 256 KB of them in a mailbox

// "no_mailbox" is a word about one mailbox; said of the directory itself it means that the address is wrong.
Error as_directory_error(Error error) {
  if (error.code == "no_mailbox" || error.code == "mailbox_failed" || error.code == code_item_missing) error.code.clear();
  return error;
}

}  // namespace

MicrosoftProvider::MicrosoftProvider(MicrosoftSettings settings, MicrosoftSecret secret, http::Client& client, Clock& clock,
                                     Metrics& metrics, const ProviderOptions& options)
    : item_failures_max_(options.item_failures_max),
      clock_(clock),
      api_(std::move(settings), std::move(secret), client, clock, metrics, options) {}

Result<void> MicrosoftProvider::check(std::stop_token stop) {
  auto body = api_.get("/users?$top=1&$select=id", stop);
  if (!body) return std::unexpected(as_directory_error(std::move(body).error()));
  TRY(read_graph_users(*body));
  return {};
}

Result<void> MicrosoftProvider::list_users(const UserSink& sink, std::stop_token stop) {
  std::string link = "/users?$top=999&$select=" + std::string(user_select);
  while (!link.empty()) {
    auto body = api_.get(link, stop);
    if (!body) return std::unexpected(as_directory_error(std::move(body).error()));
    auto page = TRY(read_graph_users(*body));
    link = std::move(page.next_link);
    TRY(sink(std::move(page.users)));
  }
  return {};
}

Result<void> MicrosoftProvider::walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits& limits,
                                     const StepSink& sink, std::stop_token stop) {
  GraphWalk walk(api_, clock_, user, limits, sink, stop, item_failures_max_);
  auto walked = walk.run(cursors);
  if (!walked && walked.error().code == code_stopped) return {};
  return walked;
}

Result<std::optional<std::vector<MailboxSetting>>> MicrosoftProvider::read_settings(const User& user, std::stop_token stop) {
  const std::string mailbox = "/users/" + url_encode(user.user_id.str());
  const auto get = [&](const std::string& link) -> Result<std::string> {
    auto body = api_.get(link, stop);
    if (!body && body.error().kind == ErrorKind::forbidden) {
      body.error().code = "settings_forbidden";
      body.error().message =
          "mailbox settings not readable: grant the application permission MailboxSettings.Read (" + body.error().message + ")";
    }
    return body;
  };
  std::vector<MailboxSetting> settings;
  std::string link = mailbox + "/mailFolders/inbox/messageRules";
  while (!link.empty()) {
    auto page = TRY(read_graph_rules(TRY(get(link))));
    link = std::move(page.next_link);
    std::ranges::move(page.settings, std::back_inserter(settings));
    if (settings.size() > rules_max) return fail(ErrorKind::invalid, "more than " + std::to_string(rules_max) + " inbox rules");
  }
  TRY(name_target_folders(mailbox, settings, stop));
  settings.push_back(TRY(read_graph_mailbox_settings(TRY(get(mailbox + "/mailboxSettings")))));
  return settings;
}

// A rule names its target by id. Display names are in the mailbox's language, so the well-known names are asked for first.
Result<void> MicrosoftProvider::name_target_folders(const std::string& mailbox, std::vector<MailboxSetting>& settings,
                                                    const std::stop_token& stop) {
  std::set<std::string> ids;
  for (const auto& setting : settings)
    if (!setting.move_to.empty()) ids.insert(setting.move_to);
  if (ids.empty()) return {};
  const auto link_of = [&](const std::string& folder) {
    return mailbox + "/mailFolders/" + url_encode(folder) + "?$select=id,displayName";
  };
  std::vector<std::string> links;
  for (const auto* name : well_known_folders) links.push_back(link_of(name));
  for (const auto& id : ids) links.push_back(link_of(id));
  const auto bodies = api_.get_all(links, stop);
  std::map<std::string, std::string> names;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    if (!bodies[i]) {
      if (bodies[i].error().code == code_item_missing || bodies[i].error().code == code_bad_item) continue;  // not every mailbox has each
      return std::unexpected(bodies[i].error());
    }
    const auto folder = TRY(read_graph_folder_name(*bodies[i]));
    names.try_emplace(folder.id, i < std::size(well_known_folders) ? well_known_folders[i] : folder.display_name);
  }
  name_folders(settings, names);
  return {};
}

}  // namespace letterlock::providers
