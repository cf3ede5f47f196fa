#pragma once

// /internal/v1: the control plane for targets in other processes. Each call carries a service token (crypto.h). A target's own
// token ("*") claims jobs of its kind, and for `storage` fetches data keys; everything about a claimed job needs the token that
// the claim handed out, which is good for that target and that one tenant.

#include <chrono>
#include <vector>

#include "adapters/crypto/crypto.h"
#include "adapters/http/server.h"
#include "base/clock.h"
#include "ports/control_plane.h"

namespace letterlock::api {

struct InternalDependencies {
  ControlPlane& control;
  const crypto::ServiceTokenSigner& signer;
  const crypto::ServiceTokenVerifier& verifier;
  const Clock& clock;
  std::chrono::seconds job_token_valid{3600};  // an archive that is unpacked from its start can take longer
};

std::vector<http::Route> internal_routes(const InternalDependencies& dependencies);

}  // namespace letterlock::api
