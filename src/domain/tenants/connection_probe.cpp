#include "domain/tenants/connection_probe.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace letterlock {
namespace {

constexpr std::array<std::string_view, 4> steps{"credentials", "directory", "mail", "settings"};
constexpr std::size_t users_tried_max = 5;  // until one has a mailbox
constexpr std::size_t at_once_max = 2;
constexpr std::chrono::seconds retry_after{5};

// Asks the work to end once the time is over. Its thread ends with it.
class Deadline {
 public:
  explicit Deadline(std::chrono::seconds time)
      : timer_([this, time](std::stop_token ended) {
          std::unique_lock lock(mutex_);
          ended_.wait_for(lock, ended, time, [] { return false; });
          if (!ended.stop_requested()) stop_.request_stop();
        }) {}
  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::stop_source stop_;
  std::jthread timer_;
};

bool of_one_mailbox(const Error& error) {
  return error.code == "no_mailbox" || error.code == "mailbox_suspended" || error.code == "mailbox_failed";
}

// The first users with a mailbox, of the directory's first page.
Result<std::vector<User>> first_users(Provider& provider, std::stop_token stop) {
  std::vector<User> users;
  auto listed = provider.list_users(
      [&](std::vector<User>&& page) -> Result<void> {
        for (auto& user : page)
          if (user.mailbox_state == MailboxState::active && users.size() < users_tried_max) users.push_back(std::move(user));
        return fail(Error{.kind = ErrorKind::conflict, .message = "enough", .code = "enough"});
      },
      stop);
  if (!listed && listed.error().code != "enough") return fail(std::move(listed).error());
  return users;
}

Result<User> read_some_mail(Provider& provider, const std::vector<User>& users, std::stop_token stop) {
  Error last{.kind = ErrorKind::not_found, .message = "the directory's first page has no user with a mailbox"};
  for (const auto& user : users) {
    auto walked = provider.walk(user, {}, {.step_messages_max = 1}, [](Step&&) -> Result<bool> { return false; }, stop);
    if (walked) return user;
    last = std::move(walked).error();
    if (!of_one_mailbox(last)) break;
  }
  return fail(std::move(last));
}

}  // namespace

Result<ConnectionTest> ConnectionProbe::test(const Connection& connection) {
  {
    const std::lock_guard lock(mutex_);
    if (testing_.size() >= at_once_max || std::ranges::contains(testing_, connection.tenant_id))
      return fail(Error{.kind = ErrorKind::throttled,
                        .message = "Another connection is being tested. Wait until that is done, then try again.",
                        .retry_after = retry_after});
    testing_.push_back(connection.tenant_id);
  }
  const struct Turn {
    ConnectionProbe& probe;
    const TenantId& tenant;
    ~Turn() {
      const std::lock_guard lock(probe.mutex_);
      std::erase(probe.testing_, tenant);
    }
  } turn{*this, connection.tenant_id};
  return run(connection);
}

ConnectionTest ConnectionProbe::run(const Connection& connection) const {
  ConnectionTest test{.tested_at = clock_.now()};
  for (const auto step : steps) test.checks.push_back({.name = std::string(step), .outcome = "skipped"});
  const auto passed = [&](std::size_t step) { test.checks[step].outcome = "passed"; };
  const auto failed = [&](std::size_t step, const Error& error) {
    test.checks[step].outcome = "failed";
    test.checks[step].reason = error.message.empty() ? std::string(to_string(error.kind)) : error.message;
    return test;
  };

  const Deadline deadline(time_max_);
  const auto stop = deadline.token();
  auto provider = make_provider_(connection);
  if (!provider) return failed(0, provider.error());
  if (const auto checked = (*provider)->check(stop); !checked) {
    // Signed in, but not allowed to list users.
    if (checked.error().kind != ErrorKind::forbidden) return failed(0, checked.error());
    passed(0);
    return failed(1, checked.error());
  }
  passed(0);
  const auto users = first_users(**provider, stop);
  if (!users) return failed(1, users.error());
  passed(1);
  const auto user = read_some_mail(**provider, *users, stop);
  if (!user) return failed(2, user.error());
  passed(2);
  test.ok = true;
  if (const auto settings = (*provider)->read_settings(*user, stop); !settings) return failed(3, settings.error());
  passed(3);
  return test;
}

}  // namespace letterlock
