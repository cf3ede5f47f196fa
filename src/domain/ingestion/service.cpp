#include "domain/ingestion/service.h"

#include <algorithm>
#include <atomic>
#include <format>
#include <optional>
#include <thread>
#include <unordered_map>

#include "base/log.h"
#include "domain/ingestion/mailbox_pipeline.h"
#include "domain/ingestion/tenant_facts.h"

namespace letterlock::ingestion {
namespace {

// Whether an error of a walk is about that mailbox alone (provider.h).
std::optional<MailboxState> mailbox_state_of(const Error& error) {
  if (error.code == "no_mailbox") return MailboxState::no_mailbox;
  if (error.code == "mailbox_suspended") return MailboxState::suspended;
  if (error.code == "mailbox_failed") return MailboxState::failed;
  return std::nullopt;
}

// What an admin reads about a mailbox whose mail took long to understand.
std::string words_about_slow_mail(const MailboxOutcome& result) {
  std::string words;
  if (result.over_budget > 0)
    words = std::format("{} message{} set aside: understanding {} takes too much time or memory", result.over_budget,
                        result.over_budget == 1 ? "" : "s", result.over_budget == 1 ? "it" : "them");
  if (result.stopped_by_slow_mail)
    words += std::string(words.empty() ? "" : "; ") + "some messages take long to be understood, so reading goes on in a later turn";
  return words;
}

constexpr std::chrono::seconds default_pause{60};  // where the provider says "slow down" without saying how long

}  // namespace

// The state that the mailbox threads of one sync_tenant call share.
struct Service::Slice {
  const Connection& connection;
  Provider& provider;
  std::stop_token stop;
  TimePoint started_at;
  TenantFacts facts;

  std::mutex mutex;  // guards all below
  SliceOutcome outcome;
  std::size_t next_user = 0;
  std::int64_t messages_accepted = 0;
  bool is_over = false;  // take no further mailbox, start no further step
  int failures_consecutive = 0;
  std::chrono::duration<double> slow_mail_cpu{0};
  bool is_slow_mail_over = false;
};

Service::Service(Storage& storage, mail::MessageParser& parser, ProviderFactory make_provider, Clock& clock, Metrics& metrics,
                 Options options)
    : storage_(storage),
      parser_(parser),
      make_provider_(std::move(make_provider)),
      clock_(clock),
      metrics_(metrics),
      options_(std::move(options)) {}

Result<SliceOutcome> Service::sync_tenant(const Connection& connection, std::stop_token stop) {
  SliceOutcome failed;
  auto provider = make_provider_(connection);
  if (!provider) {
    failed.error = std::move(provider).error();
    return failed;
  }
  Slice slice{.connection = connection, .provider = **provider, .stop = stop, .started_at = clock_.now()};
  if (const auto newest = TRY(newest_ingest_seq(connection.tenant_id)); newest < connection.newest_ingest_seq) {
    LOG(warn, "the mail store is older than it was: a copy was restored, or its log was cut off; mail is read and judged again from there",
        {{"connection", connection.connection_id}, {"newest", newest}, {"was", connection.newest_ingest_seq}});
    slice.outcome.went_back_to = newest;
  }
  auto users = users_of(slice);
  if (!users) return std::unexpected(std::move(users).error());
  auto ordered = TRY(in_fair_order(slice, std::move(*users)));

  if (!slice.outcome.error) {
    const auto workers = std::min<std::size_t>(static_cast<std::size_t>(std::max(options_.mailboxes_parallel, 1)), ordered.size());
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i)
      threads.emplace_back([&] {
        for (;;) {
          std::size_t index;
          {
            const std::lock_guard lock(slice.mutex);
            if (slice.next_user >= ordered.size()) return;
            const bool time_is_up = clock_.now() - slice.started_at >= options_.slice_duration_max;
            if (slice.is_over || slice.is_slow_mail_over || slice.stop.stop_requested() || time_is_up ||
                slice.messages_accepted >= options_.slice_messages_max) {
              if (!slice.outcome.error) slice.outcome.more = true;
              return;
            }
            index = slice.next_user++;
          }
          sync_mailbox(slice, ordered[index]);
        }
      });
  }
  auto& outcome = slice.outcome;
  for (const auto& progress : outcome.mailboxes) {
    outcome.messages_stored += progress.messages_stored;
    outcome.messages_removed += progress.messages_removed;
    outcome.messages_set_aside += progress.messages_set_aside;
  }
  if (slice.stop.stop_requested()) outcome.more = true;
  // Asked, not added up: what a killed worker stored before this slice counts too.
  if (auto newest = newest_ingest_seq(connection.tenant_id))
    outcome.last_ingest_seq = std::max(outcome.last_ingest_seq, *newest);
  else if (!outcome.error)
    outcome.error = std::move(newest).error();
  if (outcome.error)
    write_log(log_level_of(outcome.error->kind), "slice ended early",
              {{"connection", connection.connection_id}, {"reason", outcome.error->message}});
  metrics_.observe_seconds("letterlock_ingestion_slice_seconds", "Duration of ingestion slices",
                           {{"provider", to_string(connection.provider)}},
                           std::chrono::duration<double>(clock_.now() - slice.started_at).count());
  return std::move(outcome);
}

Result<std::int64_t> Service::newest_ingest_seq(const TenantId& tenant) {
  const auto newest =
      storage_.query(tenant,
                     // Of the keys, which stay when a tenant's old mail is deleted.
                     "SELECT greatest((SELECT coalesce(max(ingest_seq), 0) FROM message_keys), (SELECT coalesce(max(ingest_seq), 0) "
                     "FROM mailbox_settings))::BIGINT AS newest_ingest_seq",
                     {.rows_max = 1});
  if (!newest) return std::unexpected(newest.error().during("reading the newest message's number"));
  const auto* number = newest->rows.empty() ? nullptr : std::get_if<std::int64_t>(&newest->rows.front().front());
  return number ? *number : 0;
}

// The users to walk; lists them at the provider when due and saves them. A provider's refusal becomes outcome.error.
Result<std::vector<User>> Service::users_of(Slice& slice) {
  const auto& connection = slice.connection;
  const bool is_archive = connection.provider == ProviderKind::archive;
  auto stored = storage_.get_users(connection.tenant_id);
  if (!stored) return std::unexpected(std::move(stored).error().during("reading users"));
  std::erase_if(*stored, [](const User& user) { return user.deleted_at.has_value(); });
  // Another connection's users count for the tenant's facts and are not this one's to walk.
  const auto is_other = [&](const User& user) { return user.connection_id != connection.connection_id; };

  bool is_due = is_archive || std::ranges::all_of(*stored, is_other);
  if (!is_due) {
    const std::lock_guard lock(mutex_);
    const auto listed = users_listed_at_.find(connection.connection_id);
    is_due = listed == users_listed_at_.end() || clock_.now() - listed->second >= options_.users_every;
  }
  if (!is_due) {
    slice.facts = tenant_facts(*stored, connection);
    std::erase_if(*stored, is_other);
    return std::move(*stored);
  }

  std::vector<User> listed;
  auto checked = is_archive ? slice.provider.check(slice.stop) : Result<void>{};
  if (checked)
    checked = slice.provider.list_users(
        [&](std::vector<User>&& page) -> Result<void> {
          std::ranges::move(page, std::back_inserter(listed));
          return {};
        },
        slice.stop);
  if (!checked) {
    slice.outcome.error = std::move(checked).error().during("listing users");
    if (slice.outcome.error->kind == ErrorKind::throttled) {
      slice.outcome.more = true;
      slice.outcome.not_before = clock_.now() + slice.outcome.error->retry_after.value_or(default_pause);
    }
    return std::vector<User>{};
  }
  slice.outcome.users_seen = std::ssize(listed);
  std::vector<User> all = listed;
  for (auto& user : *stored)
    if ((is_archive || is_other(user)) && !std::ranges::contains(listed, user.user_id, &User::user_id)) all.push_back(std::move(user));
  slice.facts = tenant_facts(all, connection);
  auto saved = storage_.save_users(connection.tenant_id, listed, {.connection_id = connection.connection_id, .complete = !is_archive},
                                   slice.facts, clock_.now());
  if (!saved) return std::unexpected(std::move(saved).error().during("saving users"));
  const std::lock_guard lock(mutex_);
  users_listed_at_[connection.connection_id] = clock_.now();
  return listed;
}

// Active mailboxes, the one that was not read for longest first; the others go into the outcome with their reason.
Result<std::vector<User>> Service::in_fair_order(Slice& slice, std::vector<User> users) {
  if (users.empty()) return users;
  auto synced = storage_.query(slice.connection.tenant_id, "SELECT mailbox_id, max(updated_at) AS at FROM cursors GROUP BY mailbox_id",
                               {.rows_max = 10'000'000});
  if (!synced) return std::unexpected(std::move(synced).error().during("reading sync times"));
  std::unordered_map<std::string, TimePoint> last;
  for (const auto& row : synced->rows)
    if (std::holds_alternative<std::string>(row[0]) && std::holds_alternative<TimePoint>(row[1]))
      last[std::get<std::string>(row[0])] = std::get<TimePoint>(row[1]);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& user : users)
      if (const auto tried = tried_at_.find({slice.connection.connection_id, MailboxId(user.user_id.str())}); tried != tried_at_.end())
        last[user.user_id.str()] = std::max(last[user.user_id.str()], tried->second);
  }
  std::erase_if(users, [&](const User& user) {
    // no_mailbox and failed are asked again: a licence may have come since. Suspended ones the directory knows for sure.
    if (user.mailbox_state == MailboxState::active || user.mailbox_state == MailboxState::failed) return false;
    slice.outcome.mailboxes.push_back({.mailbox_id = MailboxId(user.user_id.str()),
                                       .address = user.primary_email,
                                       .state = user.mailbox_state,
                                       .reason = user.mailbox_state_reason.value_or("")});
    return true;
  });
  std::ranges::stable_sort(users, {}, [&](const User& user) {
    const auto found = last.find(user.user_id.str());
    return found == last.end() ? TimePoint{} : found->second;
  });
  return users;
}

// Read the mailbox's settings when due. What goes wrong at the provider is noted and holds back no mail.
void Service::sync_settings(Slice& slice, const User& user, MailboxOutcome& result) {
  const std::pair key(slice.connection.connection_id, result.progress.mailbox_id);
  {
    const std::lock_guard lock(mutex_);
    const auto read = settings_read_at_.find(key);
    if (read != settings_read_at_.end() && clock_.now() - read->second < options_.settings_every) return;
  }
  auto settings = slice.provider.read_settings(user, slice.stop);
  const auto count = [&](std::string_view outcome) {
    metrics_.count("letterlock_ingestion_settings_readings_total", "Readings of a mailbox's settings by outcome",
                   {{"outcome", std::string(outcome)}});
  };
  if (!settings) {
    if (slice.stop.stop_requested()) return;
    count(to_string(settings.error().kind));
    LOG(info, "mailbox settings not read",
        {{"connection", slice.connection.connection_id}, {"mailbox", result.progress.mailbox_id}, {"reason", settings.error().message}});
    const bool is_named = settings.error().code == "settings_forbidden";
    result.progress.reason = (is_named ? "" : "mailbox settings not read: ") + settings.error().message;
    return;
  }
  if (!*settings) return;  // this provider has none
  auto changes = storage_.save_mailbox_settings(slice.connection.tenant_id, result.progress.mailbox_id, **settings, clock_.now());
  if (!changes) {
    result.storage_error = std::move(changes).error().during("saving settings of mailbox " + result.progress.mailbox_id.str());
    return;
  }
  count("read");
  if (changes->added > 0) {
    result.last_ingest_seq = std::max(result.last_ingest_seq, changes->last_ingest_seq);
    if (!result.first_stored_at) result.first_stored_at = clock_.now();
  }
  const std::lock_guard lock(mutex_);
  settings_read_at_[key] = clock_.now();
}

void Service::sync_mailbox(Slice& slice, const User& user) {
  MailboxRun run{.provider = slice.provider,
                 .storage = storage_,
                 .parser = parser_,
                 .slow_mail = slow_mail_,
                 .clock = clock_,
                 .metrics = metrics_,
                 .tenant = slice.connection.tenant_id,
                 .user = user,
                 .limits = options_.limits,
                 .stop = slice.stop};
  run.context = {.trusted_authserv_ids =
                     slice.connection.trusted_authserv_ids.empty() ? slice.provider.authserv_ids() : slice.connection.trusted_authserv_ids,
                 .tenant_domains = slice.facts.domains,
                 .mailbox_address = user.primary_email};
  // A step that took all of the slice's time is taken all the same, or the next slice would fetch it anew, and so for ever. And where
  // coming to the cursor's place took a while, the slice goes on for as long again: an archive that cannot be entered in its middle is read
  // in ever longer slices, and all of it costs a small multiple of reading it once.
  std::chrono::nanoseconds more_time{0};
  run.may_go_on = [&](const Step& step, bool is_first) {
    const std::lock_guard lock(slice.mutex);
    more_time += 2 * step.reread_for;
    const bool time_is_up = clock_.now() - slice.started_at >= options_.slice_duration_max + more_time;
    if (slice.is_over || slice.is_slow_mail_over || (time_is_up && !is_first)) return false;
    if (slice.messages_accepted >= options_.slice_messages_max) return false;
    slice.messages_accepted += std::ssize(step.messages);
    return true;
  };
  run.may_take_time = [&](std::chrono::duration<double> cpu) {
    const std::lock_guard lock(slice.mutex);
    slice.slow_mail_cpu += cpu;
    slice.is_slow_mail_over = slice.slow_mail_cpu >= options_.slow_mail_max;
    return !slice.is_slow_mail_over;
  };
  auto result = run_mailbox(run);
  const bool is_reachable = !result.provider_error && !result.storage_error && !result.parser_error && !result.fenced;
  if (is_reachable && !slice.stop.stop_requested()) sync_settings(slice, user, result);
  {
    const std::lock_guard lock(mutex_);
    tried_at_[{slice.connection.connection_id, result.progress.mailbox_id}] = clock_.now();
  }

  const std::lock_guard lock(slice.mutex);
  auto& outcome = slice.outcome;
  outcome.last_ingest_seq = std::max(outcome.last_ingest_seq, result.last_ingest_seq);
  if (result.first_stored_at)
    outcome.first_stored_at = std::min(outcome.first_stored_at.value_or(*result.first_stored_at), *result.first_stored_at);
  if (result.stopped_by_limit) outcome.more = true;
  if (result.stopped_by_slow_mail) {
    // The others get their turn before this tenant's next one.
    outcome.more = true;
    const auto until = clock_.now() + (clock_.now() - slice.started_at);
    outcome.not_before = std::max(outcome.not_before.value_or(TimePoint{}), TimePoint(until));
  }
  if (auto words = words_about_slow_mail(result); !words.empty())
    result.progress.reason = std::move(words) + (result.progress.reason.empty() ? "" : "; " + result.progress.reason);
  if (result.fenced) result.progress.reason = "another worker is reading this mailbox";
  if (result.parser_error) {
    result.progress.reason = result.parser_error->message;
    outcome.error = std::move(result.parser_error);
    slice.is_over = true;
  }
  if (result.storage_error) {
    result.progress.reason = result.storage_error->message;
    outcome.error = std::move(result.storage_error);
    slice.is_over = true;
  }
  if (auto& error = result.provider_error) {
    const auto state = mailbox_state_of(*error);
    result.progress.reason = error->message;
    result.progress.state = state.value_or(MailboxState::active);
    if (error->kind == ErrorKind::throttled) {
      outcome.more = true;
      const auto until = clock_.now() + error->retry_after.value_or(default_pause);
      outcome.not_before = std::max(outcome.not_before.value_or(TimePoint{}), TimePoint(until));
    }
    // One mailbox's trouble does not hold back the others; the same trouble many times in a row is the connection's.
    const bool may_be_general = error->kind == ErrorKind::throttled || error->kind == ErrorKind::unavailable;
    const bool is_general = !state && error->kind != ErrorKind::throttled;
    if (may_be_general) ++slice.failures_consecutive;
    if (is_general || slice.failures_consecutive >= options_.failures_consecutive_max) {
      if (!outcome.error) outcome.error = *error;
      slice.is_over = true;
    }
  } else {
    slice.failures_consecutive = 0;
  }
  outcome.mailboxes.push_back(std::move(result.progress));
}

}  // namespace letterlock::ingestion
