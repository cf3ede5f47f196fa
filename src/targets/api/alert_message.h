#pragma once

#include "ports/storage.h"
#include "targets/api/views.h"

namespace letterlock::api {

// Where the message of a sighting lies.
struct MessageKey {
  MailboxId mailbox_id;
  ProviderMessageId provider_message_id;
};

// Read one message with its recipients, links and attachments from the tenant's mail store; or, where the key's message id is
// "settings/KIND/ID", that mailbox setting with its history. not_found: it is not there.
Result<AlertMessageView> read_alert_message(Storage& storage, const TenantId& tenant, const MessageKey& key);

}  // namespace letterlock::api
