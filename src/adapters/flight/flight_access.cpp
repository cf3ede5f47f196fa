#include "adapters/flight/flight_access.h"

#include <array>
#include <string_view>

#include "adapters/flight/flight_status.h"
#include "base/encoding.h"

namespace letterlock::flight {
namespace {

// Which target may do what with a tenant's file. `scheduler` has no business here.
struct Right {
  std::string_view target;
  Operation operation;
};
constexpr std::array<Right, 7> rights{{
    {"ingestion", Operation::read},
    {"ingestion", Operation::append},
    {"analysis", Operation::read},
    {"api", Operation::read},
    {"api", Operation::erase},
    {"api", Operation::forget},
    {"storage", Operation::read},
}};

class Access final : public arrow::flight::ServerMiddleware {
 public:
  Access(crypto::ServiceClaims claims, std::string token_sha256) : claims_(std::move(claims)), token_sha256_(std::move(token_sha256)) {}
  std::string name() const override { return access_middleware; }
  void SendingHeaders(arrow::flight::AddCallHeaders*) override {}
  void CallCompleted(const arrow::Status&) override {}
  const crypto::ServiceClaims& claims() const { return claims_; }
  const std::string& token_sha256() const { return token_sha256_; }

 private:
  crypto::ServiceClaims claims_;
  std::string token_sha256_;
};

}  // namespace

arrow::Status AccessFactory::StartCall(const arrow::flight::CallInfo&, const arrow::flight::ServerCallContext& context,
                                       std::shared_ptr<arrow::flight::ServerMiddleware>* middleware) {
  static constexpr std::string_view scheme = "Bearer ";
  const auto refuse = [&](Error error) {
    metrics_.count("letterlock_flight_calls_refused_total", "Flight calls without a valid service token",
                   {{"kind", to_string(error.kind)}});
    return to_status(error);
  };
  const auto& headers = context.incoming_headers();
  const auto header = headers.find("authorization");
  if (header == headers.end() || !header->second.starts_with(scheme))
    return refuse({.kind = ErrorKind::unauthenticated, .message = "no service token: send 'authorization: Bearer …'"});
  const auto token = header->second.substr(scheme.size());
  auto claims = verifier_.verify(token, clock_.now());
  if (!claims) return refuse(claims.error());
  if (!is_uuid(claims->tenant_id))
    return refuse({.kind = ErrorKind::forbidden, .message = "the service token of target " + claims->target + " is not for one tenant"});
  // Of what is signed: the signature's base64 can be spelt in many ways, and each would be a caller of its own.
  *middleware = std::make_shared<Access>(std::move(*claims), sha256_hex(token.substr(0, token.rfind('.'))));
  return arrow::Status::OK();
}

Result<Caller> caller_for(const arrow::flight::ServerCallContext& context, Operation operation) {
  const auto* access = static_cast<const Access*>(context.GetMiddleware(access_middleware));
  if (access == nullptr) return fail(ErrorKind::unauthenticated, "no service token");
  for (const Right& right : rights)
    if (right.target == access->claims().target && right.operation == operation)
      return Caller{.tenant = TenantId(access->claims().tenant_id), .id = access->token_sha256()};
  return fail(ErrorKind::forbidden, "target " + access->claims().target + " may not do this with a tenant's mail");
}

Result<TenantId> tenant_for(const arrow::flight::ServerCallContext& context, Operation operation) {
  return TRY(caller_for(context, operation)).tenant;
}

}  // namespace letterlock::flight
