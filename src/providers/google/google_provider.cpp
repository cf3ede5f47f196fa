#include "providers/google/google_provider.h"

#include <algorithm>

#include "providers/google/gmail_settings.h"
#include "providers/google/gmail_walk.h"

namespace letterlock::providers {
namespace {

constexpr std::size_t settings_bytes_max = 16 << 20;  // of one answer

}  // namespace

GoogleProvider::GoogleProvider(GoogleSettings settings, GoogleKey key, http::Client& client, Clock& clock, Metrics& metrics,
                               const ProviderOptions& options)
    : item_failures_max_(options.item_failures_max),
      clock_(clock),
      api_(std::move(settings), std::move(key), client, clock, metrics, options) {}

Result<void> GoogleProvider::check(std::stop_token stop) {
  TRY(api_.list_users(1, "", stop));
  return {};
}

Result<void> GoogleProvider::list_users(const UserSink& sink, std::stop_token stop) {
  std::string page_token;
  do {
    auto page = TRY(api_.list_users(500, page_token, stop));
    page_token = std::move(page.next_page_token);
    TRY(sink(std::move(page.users)));
  } while (!page_token.empty());
  return {};
}

Result<void> GoogleProvider::walk(const User& user, std::span<const StoredCursor> cursors, const WalkLimits& limits, const StepSink& sink,
                                  std::stop_token stop) {
  const auto stored = std::ranges::find(cursors, "gmail", [](const StoredCursor& cursor) { return cursor.key.source; });
  const StepSink dated = [&](Step&& step) {
    for (auto& removal : step.removals) removal.removed_at = clock_.now();
    return sink(std::move(step));
  };
  GmailWalk walk(api_, user, limits, dated, stop, item_failures_max_);
  auto walked = walk.run(stored == cursors.end() ? nullptr : &*stored);
  if (!walked && walked.error().code == code_stopped) return {};
  return walked;
}

Result<std::optional<std::vector<MailboxSetting>>> GoogleProvider::read_settings(const User& user, std::stop_token stop) {
  const auto named = [](Error error) {
    if (error.kind == ErrorKind::forbidden) {
      error.code = "settings_forbidden";
      error.message =
          "mailbox settings not readable: grant the scope https://www.googleapis.com/auth/gmail.readonly (" + error.message + ")";
    }
    return error;
  };
  auto bodies = api_.get_mail_all(user.primary_email,
                                  {"/settings/filters", "/settings/forwardingAddresses", "/settings/autoForwarding", "/settings/delegates"},
                                  settings_bytes_max, stop);
  for (auto& body : bodies)
    if (!body) return std::unexpected(named(std::move(body).error()));
  GmailSettingsAnswers answers{.filters = std::move(*bodies[0]),
                               .forwarding_addresses = std::move(*bodies[1]),
                               .auto_forwarding = std::move(*bodies[2]),
                               .delegates = std::move(*bodies[3])};
  if (names_labels(answers.filters)) {
    auto labels = api_.get_mail(user.primary_email, "/labels", stop);
    if (!labels) return std::unexpected(named(std::move(labels).error()));
    answers.labels = std::move(*labels);
  }
  return TRY(read_gmail_settings(answers));
}

}  // namespace letterlock::providers
