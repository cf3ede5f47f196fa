#pragma once

#include "base/id.h"

namespace letterlock {

// Ours: UUIDs in PostgreSQL.
using TenantId = Id<struct TenantIdTag>;
using ConnectionId = Id<struct ConnectionIdTag>;
using JobId = Id<struct JobIdTag>;
using AlertId = Id<struct AlertIdTag>;
using PersonId = Id<struct PersonIdTag>;

// The provider's, opaque and case-sensitive.
using UserId = Id<struct UserIdTag>;        // Directory user id, Graph user id; archive: the address
using MailboxId = Id<struct MailboxIdTag>;  // the id of the user that owns the mailbox (= its UserId)
using ProviderMessageId =
    Id<struct ProviderMessageIdTag>;      // Gmail message id, Graph immutable id; archive: SHA-256 of its place and its bytes
using FolderId = Id<struct FolderIdTag>;  // Graph folder id; empty where the provider has no folder cursors

// A rule's id is its path below rules/, without ".sql": "mailbox/external_forwarding".
using RuleId = Id<struct RuleIdTag>;

}  // namespace letterlock
