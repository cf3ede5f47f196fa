#pragma once

// The fraud stories woven into a company's mail, each with innocent near misses, and their ground truth. They are what the
// detections are held against, so they are written from the attackers' habits and not from the rules. Pure; any thread.

#include <memory>

#include "sim/world.h"

namespace letterlock::sim {

void add_stories(const std::shared_ptr<const World>& world, CompanyMail& mail);

}  // namespace letterlock::sim
