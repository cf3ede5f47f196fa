#pragma once

// Refuses text that is not UTF-8 without NUL before anything is stored or sent, naming table and column (code "bad_text").
// Pure; adapters/flight checks with it before it sends.

#include <span>

#include "base/result.h"
#include "model/append.h"
#include "model/user.h"
#include "ports/storage.h"

namespace letterlock::duckdb_adapter {

Result<void> check_texts(const Append& append);
Result<void> check_texts(std::span<const User> users, const TenantFacts& facts);
Result<void> check_texts(const MailboxId& mailbox, std::span<const MailboxSetting> settings);

}  // namespace letterlock::duckdb_adapter
