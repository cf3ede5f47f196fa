#pragma once

// Reads one Exchange mailbox: every folder has its own delta cursor. A forgotten one lists its folder anew with mark and sweep.
// Lives for one walk, on one thread.

#include <map>
#include <set>
#include <span>

#include "providers/microsoft/graph_api.h"
#include "providers/provider.h"

namespace letterlock::providers {

class GraphWalk {
 public:
  GraphWalk(GraphApi& api, Clock& clock, const User& user, const WalkLimits& limits, const StepSink& sink, const std::stop_token& stop,
            int item_failures_max);

  // Errors as in provider.h; code_stopped where the sink or the stop token ended it.
  Result<void> run(std::span<const StoredCursor> stored);

 private:
  Result<std::vector<std::string>> list_folders();
  Result<bool> read_folder(const std::string& folder, const GraphCursor* stored);  // false: the folder is gone
  Result<std::vector<Step>> steps_of(const std::string& folder, GraphDelta&& page, bool fetches_all);
  Result<void> judge_removals(const std::string& folder, const std::vector<GraphItem>& items, const std::vector<std::size_t>& removed,
                              Step& last);
  Result<void> fetch_partial(std::vector<GraphItem>& items, const std::vector<std::size_t>& indices, Step& last);
  Result<void> fetch_attachments(std::vector<GraphItem>& items);
  Result<void> sweep_folder(const std::string& folder);
  Result<void> emit(Step&& step, const std::string& folder, const GraphCursor& cursor);
  std::string user_path(const std::string& rest) const;

  GraphApi& api_;
  Clock& clock_;
  const User& user_;
  const WalkLimits& limits_;
  const StepSink& sink_;
  const std::stop_token& stop_;
  const int item_failures_max_;

  std::set<std::string, std::less<>> folders_;  // that this walk reads
  std::int64_t generation_max_ = 0;             // of all folders: a moved message is never older than the sweep it escaped
  std::set<std::string, std::less<>> removed_;  // ids that some folder of this walk reported as removed
  int failures_consecutive_ = 0;
};

}  // namespace letterlock::providers
