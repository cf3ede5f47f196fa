#include "providers/microsoft/microsoft_provider.h"

#include "providers/microsoft/graph_walk.h"

namespace letterlock::providers {
namespace {

constexpr std::string_view user_select =
    "id,userPrincipalName,mail,displayName,givenName,surname,accountEnabled,userType,createdDateTime,proxyAddresses,otherMails,"
    "assignedLicenses,department,jobTitle,companyName";

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

}  // namespace letterlock::providers
