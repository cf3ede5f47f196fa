#include "domain/ingestion/mailbox_pipeline.h"

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

// Turn one fetched step into an append; a message that cannot be understood is set aside and its neighbours go on.
Append parse_step(Step&& step, const MailboxRun& run) {
  Append append{.cursor = std::move(step.cursor), .next_value = std::move(step.next_value)};
  append.changes = std::move(step.changes);
  append.removals = std::move(step.removals);
  append.set_aside = std::move(step.set_aside);
  append.generation = step.generation;
  append.sweep_below = step.sweep_below;
  for (auto& message : step.messages) {
    auto email = message.raw.format == "graph" ? mail::parse_graph_message(message.raw.bytes, run.context)
                                               : mail::parse_message(message.raw.bytes, run.context);
    if (!email) {
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
          if (!parsed_.push(parse_step(std::move(*step), run_))) break;
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
    outcome_.progress.caught_up = walk_done && !failed_ && !run_.stop.stop_requested();
    return std::move(outcome_);
  }

 private:
  // On the fetching thread.
  Result<bool> accept(Step&& step) {
    const auto messages = static_cast<std::int64_t>(step.messages.size());
    const auto weight = weight_of(step);
    if (run_.stop.stop_requested() || failed_) {
      cut_short_ = true;
      return false;
    }
    if (!run_.may_go_on(messages)) {
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

  // On the calling thread.
  bool append(Append& append) {
    append.seen_version = versions_[append.cursor];
    append.at = run_.clock.now();
    auto result = run_.storage.append(run_.tenant, append);
    if (!result) {
      if (result.error().kind == ErrorKind::conflict)
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
    if (result->inserted > 0) outcome_.last_ingest_seq = std::max(outcome_.last_ingest_seq, result->last_ingest_seq);
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
  MailboxOutcome outcome_;  // progress and last_ingest_seq: calling thread; stopped_by_limit: fetching thread until joined
  bool cut_short_ = false;  // fetching thread until joined
  std::atomic<bool> failed_ = false;
};

}  // namespace

MailboxOutcome run_mailbox(const MailboxRun& run) { return Pipeline(run).run(); }

}  // namespace letterlock::ingestion
