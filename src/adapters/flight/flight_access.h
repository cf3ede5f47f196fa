#pragma once

// Who may call what: a service token on every call, verified before anything else. Internal to this adapter.

#include <arrow/flight/server.h>
#include <arrow/flight/server_middleware.h>

#include <memory>

#include "adapters/crypto/crypto.h"
#include "adapters/flight/statement_places.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "model/ids.h"

namespace letterlock::flight {

enum class Operation { read, append, erase, forget };

// Refuses calls without a valid token (unauthenticated) and tokens that are not for one tenant (forbidden).
class AccessFactory final : public arrow::flight::ServerMiddlewareFactory {
 public:
  AccessFactory(crypto::ServiceTokenVerifier verifier, Clock& clock, Metrics& metrics)
      : verifier_(std::move(verifier)), clock_(clock), metrics_(metrics) {}
  arrow::Status StartCall(const arrow::flight::CallInfo& info, const arrow::flight::ServerCallContext& context,
                          std::shared_ptr<arrow::flight::ServerMiddleware>* middleware) override;

 private:
  crypto::ServiceTokenVerifier verifier_;
  Clock& clock_;
  Metrics& metrics_;
};

inline constexpr const char* access_middleware = "letterlock-access";

// The tenant of this call and who holds its token, if its token's target may do the operation; forbidden otherwise.
Result<Caller> caller_for(const arrow::flight::ServerCallContext& context, Operation operation);
// The tenant alone.
Result<TenantId> tenant_for(const arrow::flight::ServerCallContext& context, Operation operation);

}  // namespace letterlock::flight
