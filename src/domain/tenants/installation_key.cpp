#include "domain/tenants/installation_key.h"

#include <algorithm>

#include "base/log.h"

namespace letterlock {
namespace {

constexpr int data_keys_tried_max = 100;

Error wrong_key(const std::string& than) {
  return {.kind = ErrorKind::forbidden,
          .message = "this is another master key than " + than +
                     ": with it no secret and no company's mail could be read; remedy: name the key file that belongs to this database "
                     "(LETTERLOCK_MASTER_KEY_FILE), or restore it from its copy",
          .code = "wrong_master_key"};
}

}  // namespace

Result<void> check_master_key(postgres::Pool& pool, const crypto::MasterKey& key, const Clock& clock) {
  const auto check = key.mac("installation", "installation key check");
  return pool.transact("", [&](postgres::Transaction& transaction) -> Result<void> {
    const auto find = [&] { return transaction.run("SELECT key_check FROM installation_key"); };
    auto known = TRY(find());
    if (known.empty()) {
      const auto wrapped =
          TRY(transaction.run("SELECT tenant_id, wrapped FROM wrapped_data_keys($1::int)", {std::int64_t{data_keys_tried_max}}));
      const auto unwraps = [&](const postgres::Row& row) {
        auto unwrapped = key.unwrap(row.bytes(1), "tenant:" + row.text(0));
        if (unwrapped) crypto::wipe(*unwrapped);
        return unwrapped.has_value();
      };
      // One is enough: a tenant may have been made with a wrong key before anybody looked.
      if (!wrapped.empty() && std::ranges::none_of(wrapped.rows, unwraps))
        return fail(wrong_key("the one that the companies' keys are wrapped with"));
      TRY(transaction.run("INSERT INTO installation_key (key_check, created_at) VALUES ($1, $2::timestamptz) ON CONFLICT DO NOTHING",
                          {check, clock.now()}));
      known = TRY(find());  // another process's, where it was first
    }
    if (known.empty() || !crypto::equal_in_constant_time(known.front().text(0), check))
      return fail(wrong_key("the one that this installation was first started with"));
    return {};
  });
}

}  // namespace letterlock
