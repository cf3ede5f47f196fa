#pragma once

// What mailboxes do by themselves on ordinary days: rules that tidy newsletters, a copy to a colleague or a shared mailbox.
// Together with what stories add. Pure; any thread.

#include <vector>

#include "sim/telling.h"

namespace letterlock::sim {

// All changes of all mailboxes, in order of time, the whole settings each: habits from `from` on, some that begin within the
// window, and the stories' rules.
std::vector<SettingsChange> mailbox_settings(const World& world, std::vector<Telling::RuleChange> from_stories, TimePoint from,
                                             TimePoint to);

}  // namespace letterlock::sim
