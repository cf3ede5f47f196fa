#pragma once

// The headers that a mail collects on its way: the receiving provider's trace, verdicts and antispam headers on top, then
// those of a mailing list or forwarder, then those of the sender's own servers. Pure; any thread.

#include <string>

#include "sim/composer.h"
#include "sim/random.h"

namespace letterlock::sim {

// Of a mail that one mailbox received (never of a sender's own copy).
std::string transport_headers(const MailSpec& spec, const Viewpoint& viewpoint, Random& random);

}  // namespace letterlock::sim
