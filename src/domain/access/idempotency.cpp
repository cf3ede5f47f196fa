#include "domain/access/idempotency.h"

#include "base/encoding.h"

namespace letterlock {
namespace {

using postgres::Transaction;

constexpr std::size_t answer_bytes_max = 256 << 10;

std::string hash_of(const IdempotentCall& call) { return sha256_hex(call.caller + "\n" + call.key); }

}  // namespace

Result<std::optional<KeptAnswer>> Idempotency::begin(const IdempotentCall& call) {
  if (call.key.empty() || call.key.size() > 200) return fail(ErrorKind::invalid, "Idempotency-Key: 1 to 200 bytes");
  const auto hash = hash_of(call);
  const auto tenant = call.tenant_id.transform([](const TenantId& id) { return id.str(); });
  return pool_.compute<std::optional<KeptAnswer>>("", [&](Transaction& transaction) -> Result<std::optional<KeptAnswer>> {
    const auto rows =
        TRY(transaction.run("SELECT outcome, status, body FROM begin_idempotent($1, $2, $3::uuid, $4, $5::timestamptz)",
                            {hash, sha256_hex(call.caller), tenant, master_key_.mac(call.request, "idempotency"), clock_.now()}));
    const auto& row = rows.front();
    const auto outcome = row.text(0);
    if (outcome == "new") return std::optional<KeptAnswer>();
    if (outcome == "reused")
      return fail(Error{.kind = ErrorKind::conflict,
                        .message = "This Idempotency-Key came with another request before. Use a new one for each.",
                        .code = "idempotency_key_reused"});
    if (outcome == "running")
      return fail(Error{.kind = ErrorKind::conflict,
                        .message = "The first call with this Idempotency-Key still runs.",
                        .retry_after = std::chrono::seconds(1),
                        .code = "idempotency_key_in_use"});
    if (row.is_null(2))
      return fail(Error{.kind = ErrorKind::conflict,
                        .message = "The call with this Idempotency-Key was done; its answer was too large to be kept. Read what it made.",
                        .code = "idempotency_answer_too_large"});
    return std::optional(
        KeptAnswer{.status = static_cast<int>(row.integer(1)), .body = TRY(master_key_.unwrap(row.bytes(2), "idempotency:" + hash))});
  });
}

Result<void> Idempotency::finish(const IdempotentCall& call, const KeptAnswer& answer) {
  const auto hash = hash_of(call);
  std::optional<std::string> wrapped;
  if (answer.body.size() <= answer_bytes_max) wrapped = postgres::to_bytea(master_key_.wrap(answer.body, "idempotency:" + hash));
  return pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run("SELECT finish_idempotent($1, $2::int, $3::bytea)", {hash, answer.status, wrapped}));
    return {};
  });
}

Result<void> Idempotency::forget(const IdempotentCall& call) {
  return pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    TRY(transaction.run("SELECT forget_idempotent($1)", {hash_of(call)}));
    return {};
  });
}

}  // namespace letterlock
