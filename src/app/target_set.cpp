#include "app/target_set.h"

#include <algorithm>
#include <ranges>

#include "model/enum_names.h"

namespace letterlock {
namespace {

constexpr EnumNames<TargetName, 5> names = {{{TargetName::storage, "storage"},
                                             {TargetName::api, "api"},
                                             {TargetName::scheduler, "scheduler"},
                                             {TargetName::analysis, "analysis"},
                                             {TargetName::ingestion, "ingestion"}}};

}  // namespace

std::string_view to_string(TargetName target) { return name_in(names, target); }

Result<TargetSet> TargetSet::parse(std::string_view text) {
  TargetSet set;
  for (const auto part : std::views::split(text, ',')) {
    const std::string_view name(part.begin(), part.end());
    if (name == "all") {
      set.targets_.insert(all_targets.begin(), all_targets.end());
      continue;
    }
    const auto target = value_in(names, name);
    if (!target)
      return fail(ErrorKind::invalid,
                  "unknown target \"" + std::string(name) + "\": use all, or any of api,scheduler,ingestion,analysis,storage");
    set.targets_.insert(*target);
  }
  if (set.targets_.empty()) return fail(ErrorKind::invalid, "no target given");
  return set;
}

std::string TargetSet::text() const {
  if (targets_.size() == all_targets.size()) return "all";
  std::string text;
  for (const auto target : targets_) text += (text.empty() ? "" : ",") + std::string(to_string(target));
  return text;
}

}  // namespace letterlock
