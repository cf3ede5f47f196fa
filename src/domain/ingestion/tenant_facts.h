#pragma once

// What the directory says about the company itself: its domains and the people whom fraudsters imitate. Pure.

#include <span>
#include <string_view>

#include "model/job.h"
#include "model/user.h"
#include "ports/storage.h"

namespace letterlock::ingestion {

// Domains of the users' addresses (guests and free-mail left out) and of the settings' "domains"; VIPs by job title.
TenantFacts tenant_facts(std::span<const User> users, const Connection& connection);
// Whether a job title is of somebody whose word moves money: chief officers, presidents, managing directors, owners, founders,
// finance heads; English, German, French, Spanish, Italian, Portuguese, Dutch.
bool is_vip_title(std::string_view job_title);

}  // namespace letterlock::ingestion
