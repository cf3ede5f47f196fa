#include "providers/google/gmail_walk.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"

namespace letterlock::providers {
namespace {

constexpr std::size_t fetch_together_max = 50;  // gets sent at once; in_flight of them run at a time
constexpr int missing_consecutive_max = 200;    // listed messages that are all gone: the mailbox is not what it says

bool is_left_out(const std::vector<std::string>& labels) {
  return std::ranges::contains(labels, "DRAFT") || std::ranges::contains(labels, "CHAT");
}

Error mailbox_failed(Error error) {
  error.code = "mailbox_failed";
  return error;
}

// A server error that stayed concerns this mailbox as far as we know; the service judges when many have it.
Error as_mailbox_error(Error error) {
  if (error.code == code_server_error || error.code == code_item_error || error.code == code_bad_request || error.code == code_missing)
    return mailbox_failed(std::move(error));
  return error;
}

}  // namespace

GmailWalk::GmailWalk(GoogleApi& api, const User& user, const WalkLimits& limits, const StepSink& sink, const std::stop_token& stop,
                     int item_failures_max)
    : api_(api),
      user_(user),
      limits_(limits),
      sink_(sink),
      stop_(stop),
      item_failures_max_(item_failures_max),
      key_{.mailbox_id = MailboxId(user.user_id.str()), .source = "gmail"} {}

Result<void> GmailWalk::run(const StoredCursor* stored) {
  if (stored) cursor_ = read_gmail_cursor(stored->value);
  if (cursor_.mode != "full" && cursor_.mode != "live") TRY(start_full(cursor_.generation + (stored && !stored->value.empty() ? 1 : 0)));
  for (int resyncs = 0;; ++resyncs) {
    if (cursor_.mode == "full") TRY(run_full());
    if (TRY(run_live())) return {};
    if (resyncs == 2)
      return std::unexpected(Error{
          .kind = ErrorKind::unavailable, .message = "gmail forgot a history id that it gave a moment ago", .code = "mailbox_failed"});
    TRY(start_full(cursor_.generation + 1));
  }
}

// The history id comes from the profile and before the listing: nothing that arrives meanwhile is missed.
Result<void> GmailWalk::start_full(std::int64_t generation) {
  auto body = api_.get_mail(user_.primary_email, "/profile", stop_);
  if (!body) {
    auto error = std::move(body).error();
    if (error.code == code_missing) error.code = "no_mailbox";
    return std::unexpected(as_mailbox_error(std::move(error)));
  }
  fetched_.clear();
  cursor_ = GmailCursor{.mode = "full", .history_id = TRY(read_gmail_profile(*body)).history_id, .generation = generation};
  return {};
}

Result<void> GmailWalk::run_full() {
  bool listed_anew = false;
  for (;;) {
    if (cursor_.pending.empty() && cursor_.more_pages) {
      std::string path = "/messages?maxResults=500&includeSpamTrash=true";
      if (!cursor_.page_token.empty()) path += "&pageToken=" + url_encode(cursor_.page_token);
      auto body = api_.get_mail(user_.primary_email, path, stop_);
      if (!body) {
        auto error = std::move(body).error();
        if (error.code == code_bad_request && !cursor_.page_token.empty() && !listed_anew) {
          // The page token aged over night: list from the start; what is stored is only read again.
          listed_anew = true;
          cursor_.page_token.clear();
          continue;
        }
        return std::unexpected(as_mailbox_error(std::move(error)));
      }
      auto page = TRY(read_gmail_ids(*body));
      cursor_.pending = std::move(page.ids);
      cursor_.page_token = std::move(page.next_page_token);
      cursor_.more_pages = !cursor_.page_token.empty();
      if (cursor_.pending.empty() && cursor_.more_pages) continue;
    }
    TRY(drain_pending({}));
    if (cursor_.mode == "live") return {};
  }
}

Result<bool> GmailWalk::run_live() {
  if (!cursor_.pending.empty()) TRY(drain_pending({}));
  if (!cursor_.more_pages) cursor_.more_pages = true;  // a round was finished: begin the next
  bool listed_anew = false;
  for (;;) {
    auto page = read_history();
    if (!page) {
      auto error = std::move(page).error();
      if (error.code == code_missing) return false;
      if (error.code == code_bad_request && !cursor_.page_token.empty() && !listed_anew) {
        listed_anew = true;
        cursor_.page_token.clear();
        continue;
      }
      return std::unexpected(as_mailbox_error(std::move(error)));
    }
    if (cursor_.page_token.empty()) cursor_.next_history_id = page->history_id;
    cursor_.page_token = page->next_page_token;
    cursor_.more_pages = !cursor_.page_token.empty();
    auto step = take_events(*page);
    const bool is_empty = cursor_.pending.empty() && step.changes.empty() && step.removals.empty();
    if (is_empty && cursor_.more_pages) continue;
    TRY(drain_pending(std::move(step)));
    if (!cursor_.more_pages) return true;
  }
}

Result<GmailHistory> GmailWalk::read_history() {
  std::string path = "/history?startHistoryId=" + url_encode(cursor_.history_id) +
                     "&maxResults=500&historyTypes=messageAdded&historyTypes=messageDeleted&historyTypes=labelAdded"
                     "&historyTypes=labelRemoved";
  if (!cursor_.page_token.empty()) path += "&pageToken=" + url_encode(cursor_.page_token);
  return read_gmail_history(TRY(api_.get_mail(user_.primary_email, path, stop_)));
}

// What a page of history comes to for each message: fetch it, change its labels, or mark it removed.
Step GmailWalk::take_events(const GmailHistory& page) {
  struct Fate {
    bool fetch = false;
    bool removed = false;
    std::optional<std::vector<std::string>> labels;
  };
  std::map<std::string, Fate> fates;
  std::vector<std::string> order;
  for (const auto& event : page.events) {
    if (event.id.empty()) continue;
    const auto [at, is_new] = fates.try_emplace(event.id);
    if (is_new) order.push_back(event.id);
    auto& fate = at->second;
    switch (event.kind) {
      case GmailEvent::Kind::added:
        fate = Fate{.fetch = !is_left_out(event.labels)};
        break;
      case GmailEvent::Kind::deleted:
        fate = Fate{.removed = true};
        break;
      case GmailEvent::Kind::labels_changed:
        if (fate.removed) break;
        if (!event.knows_labels)
          fate.fetch = true;
        else if (!fate.fetch)
          fate.labels = event.labels;
        break;
    }
  }
  Step step;
  for (const auto& id : order) {
    auto& fate = fates[id];
    if (fate.fetch)
      cursor_.pending.push_back(id);
    else if (fate.removed)
      step.removals.push_back({.provider_message_id = ProviderMessageId(id)});
    else if (fate.labels)
      step.changes.push_back({.provider_message_id = ProviderMessageId(id), .labels = std::move(fate.labels)});
  }
  return step;
}

// Emit steps until nothing of the listed page is pending; the first one carries what the given step holds already. What was
// fetched before the provider asked for a pause is emitted too: a mailbox that is throttled in each step still gets on. Not so where the
// mailbox itself is broken: what was set aside on the way would be, though nothing is wrong with it.
Result<void> GmailWalk::drain_pending(Step step) {
  do {
    auto filled = fill(step);
    const bool has_items = !step.messages.empty() || !step.set_aside.empty();
    if (!filled && (filled.error().kind != ErrorKind::throttled || !has_items)) return filled;
    TRY(emit(std::exchange(step, Step{})));
    if (!filled) return filled;
  } while (!cursor_.pending.empty());
  return {};
}

Result<void> GmailWalk::fill(Step& step) {
  std::int64_t bytes = 0;
  Result<void> fetched;
  while (!cursor_.pending.empty() && std::ssize(step.messages) + std::ssize(step.set_aside) < limits_.step_messages_max) {
    if (fetched_.empty() && fetched) fetched = fetch_more();
    if (fetched_.empty()) return fetched;
    auto& next = fetched_.front();
    const auto size = static_cast<std::int64_t>(next.message.raw.bytes.size());
    if (bytes > 0 && bytes + size > limits_.step_bytes_max) break;
    bytes += size;
    if (next.kind == Fetched::Kind::message) step.messages.push_back(std::move(next.message));
    if (next.kind == Fetched::Kind::set_aside) step.set_aside.push_back(std::move(next.set_aside));
    fetched_.pop_front();
    cursor_.pending.erase(cursor_.pending.begin());
  }
  return {};
}

Result<void> GmailWalk::fetch_more() {
  // As many at once as fit into one step by what messages of this mailbox weighed so far.
  const auto fitting =
      static_cast<std::size_t>(std::max<std::int64_t>(limits_.step_bytes_max / std::max<std::int64_t>(bytes_average_, 1), 1));
  const auto count = std::min({cursor_.pending.size(), std::max(fitting, static_cast<std::size_t>(api_.in_flight())), fetch_together_max,
                               static_cast<std::size_t>(limits_.step_messages_max)});
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i) paths.push_back("/messages/" + url_encode(cursor_.pending[i]) + "?format=raw");
  const auto body_bytes_max = static_cast<std::size_t>(limits_.message_bytes_max) / 3 * 4 + (1 << 20);
  auto bodies = api_.get_mail_all(user_.primary_email, paths, body_bytes_max, stop_);
  bool is_well = std::ranges::any_of(bodies, [](const auto& body) { return body.has_value(); });
  const bool has_failures = std::ranges::any_of(bodies, [](const auto& body) { return !body && body.error().code == code_item_error; });
  // One poisonous item, or a provider that is down? Only the former may be set aside.
  if (has_failures && !is_well) is_well = TRY(is_mailbox_well());
  for (std::size_t i = 0; i < count; ++i) {  // those before a refusal are kept
    fetched_.push_back(TRY(judge(cursor_.pending[i], std::move(bodies[i]), is_well)));
    const auto size = static_cast<std::int64_t>(fetched_.back().message.raw.bytes.size());
    if (size > 0) bytes_average_ = (bytes_average_ * 3 + size) / 4;
  }
  return {};
}

Result<bool> GmailWalk::is_mailbox_well() {
  auto profile = api_.get_mail(user_.primary_email, "/profile", stop_);
  if (profile) return true;
  return std::unexpected(as_mailbox_error(std::move(profile).error()));
}

Result<GmailWalk::Fetched> GmailWalk::judge(const std::string& id, Result<std::string> body, bool neighbours_are_well) {
  Fetched out;
  const auto set_aside = [&](std::string reason, std::int64_t size_bytes) {
    out.kind = Fetched::Kind::set_aside;
    out.set_aside = {.provider_message_id = ProviderMessageId(id), .reason = std::move(reason), .size_bytes = size_bytes};
  };
  if (!body) {
    const auto& error = body.error();
    if (error.code == code_missing) {  // deleted since it was listed
      if (++missing_consecutive_ >= missing_consecutive_max) return std::unexpected(mailbox_failed(error));
      return out;
    }
    if (error.code == "body_too_large") {
      set_aside("larger than the " + std::to_string(limits_.message_bytes_max) + " bytes that are stored", limits_.message_bytes_max);
      return out;
    }
    const bool is_item = error.code == code_bad_request || (error.code == code_item_error && neighbours_are_well);
    if (!is_item) return std::unexpected(as_mailbox_error(error));
    if (++failures_consecutive_ >= item_failures_max_) return std::unexpected(mailbox_failed(error));
    set_aside(error.message, 0);
    return out;
  }
  missing_consecutive_ = 0;
  auto message = read_gmail_message(*body);
  if (!message) {
    if (++failures_consecutive_ >= item_failures_max_) return std::unexpected(mailbox_failed(message.error()));
    set_aside(message.error().message, static_cast<std::int64_t>(body->size()));
    return out;
  }
  failures_consecutive_ = 0;
  if (is_left_out(message->labels)) return out;
  const auto size = static_cast<std::int64_t>(message->bytes.size());
  if (size > limits_.message_bytes_max) {
    set_aside(std::to_string(size) + " bytes, more than the " + std::to_string(limits_.message_bytes_max) + " that are stored", size);
    return out;
  }
  out.kind = Fetched::Kind::message;
  out.message = {.provider_message_id = ProviderMessageId(id),
                 .thread_id = std::move(message->thread_id),
                 .labels = std::move(message->labels),
                 .received_at = message->internal_date,
                 .raw = {.format = "rfc5322", .bytes = std::move(message->bytes)}};
  return out;
}

// Hand the step over with the cursor as it stands; the last step of a listing or of a round moves it on.
Result<void> GmailWalk::emit(Step&& step) {
  if (stop_.stop_requested()) return std::unexpected(stopped_error());
  step.cursor = key_;
  const bool is_last = cursor_.pending.empty() && !cursor_.more_pages;
  if (cursor_.mode == "full") {
    step.generation = cursor_.generation;
    if (is_last) {
      if (cursor_.generation > 1) step.sweep_below = cursor_.generation;
      cursor_ = GmailCursor{.mode = "live", .history_id = cursor_.history_id, .generation = cursor_.generation};
    }
  } else if (is_last) {
    cursor_ = GmailCursor{.mode = "live", .history_id = cursor_.next_history_id, .more_pages = false, .generation = cursor_.generation};
    step.caught_up = true;
  }
  step.next_value = write_gmail_cursor(cursor_);
  if (!TRY(sink_(std::move(step)))) return std::unexpected(stopped_error());
  return {};
}

}  // namespace letterlock::providers
