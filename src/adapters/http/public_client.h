#pragma once

#include "adapters/http/client.h"

namespace letterlock::http {

// A client for URLs that somebody outside chose, such as webhooks: it connects to addresses of the public internet alone, looked at after
// names are resolved, and never through a proxy. Anything else: invalid, code "private_address".
Result<std::unique_ptr<Client>> make_public_client(ClientOptions options);

}  // namespace letterlock::http
