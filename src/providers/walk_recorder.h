#pragma once

// For tests: a StepSink that plays the store. Keeps rows and cursors as storage would, so that walks can be repeated.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "providers/provider.h"

namespace letterlock::providers {

class WalkRecorder {
 public:
  struct Row {
    FetchedMessage message;
    std::int64_t generation = 0;
    bool removed = false;
  };

  // After this many steps in all the sink refuses (as a slice that is over does).
  int steps_max = 1'000'000;
  std::vector<Step> steps;
  std::map<std::string, Row> rows;
  std::map<std::string, std::string> set_aside;  // id → reason
  std::map<CursorKey, StoredCursor> cursors;

  Result<void> walk(Provider& provider, const User& user, WalkLimits limits = {}) {
    return provider.walk(user, stored(), limits, [this](Step&& step) { return take(std::move(step)); }, {});
  }
  std::vector<StoredCursor> stored() const {
    std::vector<StoredCursor> out;
    for (const auto& [key, cursor] : cursors) out.push_back(cursor);
    return out;
  }
  std::set<std::string> present() const {
    std::set<std::string> ids;
    for (const auto& [id, row] : rows)
      if (!row.removed) ids.insert(id);
    return ids;
  }

 private:
  Result<bool> take(Step&& step) {
    if (std::ssize(steps) >= steps_max) return false;
    auto& cursor = cursors[step.cursor];
    cursor.key = step.cursor;
    cursor.value = step.next_value;
    ++cursor.version;
    cursor.updated_at = TimePoint(std::chrono::seconds(steps.size() + 1));
    for (const auto& message : step.messages) {
      set_aside.erase(message.provider_message_id.str());
      rows[message.provider_message_id.str()] = {.message = message, .generation = step.generation};
    }
    for (const auto& change : step.changes) {
      const auto row = rows.find(change.provider_message_id.str());
      if (row == rows.end()) continue;
      if (change.labels) row->second.message.labels = *change.labels;
      if (change.folder_id) row->second.message.folder_id = *change.folder_id;
      row->second.generation = std::max(row->second.generation, step.generation);
    }
    for (const auto& removal : step.removals) {
      const auto row = rows.find(removal.provider_message_id.str());
      if (row != rows.end() && (removal.folder_id.empty() || removal.folder_id == row->second.message.folder_id))
        row->second.removed = true;
    }
    for (const auto& item : step.set_aside) set_aside[item.provider_message_id.str()] = item.reason;
    if (step.sweep_below)
      for (auto& [id, row] : rows)
        if (row.generation < *step.sweep_below && (step.cursor.folder_id.empty() || row.message.folder_id == step.cursor.folder_id))
          row.removed = true;
    steps.push_back(std::move(step));
    return true;
  }
};

}  // namespace letterlock::providers
