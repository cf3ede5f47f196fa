#pragma once

// What the receiver says about a message's authentication (RFC 8601 and Microsoft's form). Pure; any thread.

#include <string>
#include <vector>

#include "mail/header.h"
#include "model/email.h"

namespace letterlock::mail {

struct AuthenticationReading {
  Authentication result;
  std::string mail_from_domain;  // host of smtp.mailfrom, for alignment
};

// The topmost Authentication-Results of a trusted authserv-id. Microsoft writes none: its form counts only where the pseudo id
// "microsoft" is trusted and the field is the topmost Authentication-Results of all, for a sender can write such fields too.
AuthenticationReading read_authentication(const Headers& headers, const std::vector<std::string>& trusted_authserv_ids);

}  // namespace letterlock::mail
