#include "domain/ingestion/mailbox_pipeline.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "base/bounded_queue.h"
#include "base/encoding.h"
#include "base/log.h"

namespace letterlock::ingestion {
namespace {

std::uint64_t weight_of(const Step& step) {
  std::uint64_t bytes = 1;
  for (const auto& message : step.messages) bytes += message.raw.bytes.size();
  return bytes;
}

class Pipeline {
 public:
  explicit Pipeline(const MailboxRun& run) : run_(run), fetched_(static_cast<std::uint64_t>(run.limits.step_bytes_max)), parsed_(1) {
    outcome_.progress.mailbox_id = MailboxId(run.user.user_id.str());
    outcome_.progress.address = run.user.primary_email;
  }

  MailboxOutcome run() {
    auto cursors = run_.storage.get_cursors(run_.tenant, outcome_.progress.mailbox_id);
    if (!cursors) {
      outcome_.storage_error = std::move(cursors).error().during("reading cursors");
      return std::move(outcome_);
    }
    for (const auto& cursor : *cursors) versions_[cursor.key] = cursor.version;

    std::optional<Error> walk_error;
    bool walk_done = false;
    {
      std::jthread fetch([&] {
        auto walked = run_.provider.walk(run_.user, *cursors, run_.limits, [&](Step&& step) { return accept(std::move(step)); }, run_.stop);
        if (walked)
          walk_done = !cut_short_;
        else
          walk_error = std::move(walked).error();
        fetched_.close();
      });
      std::jthread parse([&] {
        while (auto step = fetched_.pop()) {
          auto append = understand(std::move(*step));
          if (!append || !parsed_.push(std::move(*append))) break;
        }
        parsed_.close();
        fetched_.close();
      });
      while (auto next = parsed_.pop()) {
        if (!append(*next)) {
          failed_ = true;
          fetched_.close();
          parsed_.close();
          break;
        }
      }
    }
    outcome_.provider_error = std::move(walk_error);
    outcome_.progress.was_read = !outcome_.provider_error && !outcome_.storage_error && !outcome_.parser_error && !outcome_.fenced;
    outcome_.progress.caught_up = walk_done && !failed_ && !is_parse_cut_short_ && !run_.stop.stop_requested();
    return std::move(outcome_);
  }

 private:
  // On the fetching thread.
  Result<bool> accept(Step&& step) {
    const auto weight = weight_of(step);
    if (run_.stop.stop_requested() || failed_) {
      cut_short_ = true;
      return false;
    }
    if (!run_.may_go_on(step, std::exchange(is_first_, false))) {
      cut_short_ = true;
      outcome_.stopped_by_limit = true;
      return false;
    }
    if (!fetched_.push(std::move(step), weight)) {
      cut_short_ = true;
      return false;
    }
    return true;
  }

  // On the parsing thread. Turn one fetched step into an append; a message that cannot be understood is set aside and its neighbours
  // go on. nullopt: the step is given up, to be read again from its cursor.
  std::optional<Append> understand(Step&& step) {
    const MailboxId mailbox = step.cursor.mailbox_id;
    std::vector<std::optional<Result<Email>>> results(step.messages.size());
    std::vector<mail::ParseInput> inputs;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < step.messages.size(); ++i) {
      const auto& message = step.messages[i];
      results[i] = run_.slow_mail.find(run_.tenant, mailbox, message.provider_message_id, message.raw);
      if (results[i]) continue;
      inputs.push_back({.name = message.provider_message_id.str(), .format = message.raw.format, .bytes = message.raw.bytes});
      places.push_back(i);
    }
    const auto take = [&](std::size_t index, mail::ParseOutput&& output) {
      const auto place = places[index];
      const auto& message = step.messages[place];
      const bool is_slow = output.cpu >= run_.slow_message_min || (!output.email && output.email.error().code == "over_budget");
      if (is_slow) run_.slow_mail.remember(run_.tenant, mailbox, message.provider_message_id, message.raw, output.email);
      results[place] = std::move(output.email);
      if (!is_slow || run_.may_take_time(output.cpu)) return true;
      outcome_.stopped_by_slow_mail = true;
      return false;
    };
    auto parsed = run_.parser.parse(inputs, run_.context, {.tenant = run_.tenant.str(), .mailbox = mailbox.str()}, take, run_.stop);
    if (!parsed) outcome_.parser_error = std::move(parsed).error();
    if (std::ranges::any_of(results, [](const auto& result) { return !result; })) {
      is_parse_cut_short_ = true;
      return std::nullopt;
    }
    return append_of(std::move(step), std::move(results));
  }

  Append append_of(Step&& step, std::vector<std::optional<Result<Email>>> results) {
    Append append{.cursor = std::move(step.cursor), .next_value = std::move(step.next_value)};
    append.changes = std::move(step.changes);
    append.removals = std::move(step.removals);
    append.set_aside = std::move(step.set_aside);
    append.generation = step.generation;
    append.sweep_below = step.sweep_below;
    for (std::size_t i = 0; i < step.messages.size(); ++i) {
      auto& message = step.messages[i];
      auto& email = *results[i];
      if (!email) {
        outcome_.over_budget += email.error().code == "over_budget";
        append.set_aside.push_back({.provider_message_id = message.provider_message_id,
                                    .reason = (message.origin.empty() ? "" : message.origin + ": ") + email.error().message,
                                    .size_bytes = static_cast<std::int64_t>(message.raw.bytes.size())});
        continue;
      }
      email->mailbox_id = append.cursor.mailbox_id;
      email->provider_message_id = message.provider_message_id;
      if (!message.thread_id.empty()) email->thread_id = message.thread_id;
      if (!message.folder_id.empty()) email->folder_id = message.folder_id;
      if (!message.labels.empty()) email->labels = std::move(message.labels);
      if (message.received_at) email->received_at = *message.received_at;
      email->is_draft = email->is_draft || message.is_draft;
      append.emails.push_back({.email = std::move(*email), .raw = std::move(message.raw)});
    }
    return append;
  }

  // On the calling thread.
  bool append(Append& append) {
    append.seen_version = versions_[append.cursor];
    append.at = run_.clock.now();
    auto result = run_.storage.append(run_.tenant, append);
    if (!result) {
      if (result.error().code == "cursor_moved")
        outcome_.fenced = true;
      else
        outcome_.storage_error = std::move(result).error().during("appending mail of " + outcome_.progress.mailbox_id.str());
      return false;
    }
    versions_[append.cursor] = result->cursor_version;
    auto& progress = outcome_.progress;
    progress.messages_stored += result->inserted;
    progress.messages_removed += result->removed;
    progress.messages_set_aside += std::ssize(append.set_aside);
    if (result->inserted > 0) {
      outcome_.last_ingest_seq = std::max(outcome_.last_ingest_seq, result->last_ingest_seq);
      if (!outcome_.first_stored_at) outcome_.first_stored_at = append.at;
    }
    run_.metrics.count("letterlock_ingestion_messages_total", "Messages by what became of them", {{"result", "stored"}},
                       static_cast<double>(result->inserted));
    run_.metrics.count("letterlock_ingestion_messages_total", "Messages by what became of them", {{"result", "set_aside"}},
                       static_cast<double>(append.set_aside.size()));
    return true;
  }

  const MailboxRun& run_;
  BoundedQueue<Step> fetched_;
  BoundedQueue<Append> parsed_;
  std::map<CursorKey, std::int64_t> versions_;
  // progress and last_ingest_seq: calling thread; until joined, stopped_by_limit: fetching thread; stopped_by_slow_mail, over_budget
  // and parser_error: parsing thread
  MailboxOutcome outcome_;
  bool cut_short_ = false;           // fetching thread until joined
  bool is_parse_cut_short_ = false;  // parsing thread until joined
  bool is_first_ = true;             // fetching thread
  std::atomic<bool> failed_ = false;
};

}  // namespace

MailboxOutcome run_mailbox(const MailboxRun& run) { return Pipeline(run).run(); }

}  // namespace letterlock::ingestion
