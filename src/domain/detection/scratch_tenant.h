#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/message.h"
#include "model/user.h"
#include "ports/storage.h"

namespace letterlock::detection {

// A throw-away tenant that is filled by hand: people, domains, whole messages. For rule tests and for trying a rule on
// files. Owns the tenant in the storage and removes it at the end; one thread.
class ScratchTenant {
 public:
  explicit ScratchTenant(Storage& storage);
  ~ScratchTenant();
  ScratchTenant(const ScratchTenant&) = delete;
  ScratchTenant& operator=(const ScratchTenant&) = delete;

  const TenantId& id() const { return tenant_; }
  void add_domain(std::string domain);
  void trust_authserv_id(std::string id);
  // user_id = the address.
  void add_user(std::string address, std::string name, bool is_vip);

  // Parse and store a message. Without a mailbox: the sender's, where he is one of the users (a sent copy), else that of
  // the first recipient who is. invalid: nobody is.
  Result<Email> add_mail(std::string_view bytes, std::string_view mailbox = {});
  // A reading of a mailbox's settings, all of them. invalid: no such mailbox.
  Result<void> add_settings(std::string_view address, std::span<const MailboxSetting> settings, TimePoint at);
  // Write users and domains that were added since; add_mail does it too.
  Result<void> flush();

 private:
  Storage& storage_;
  const TenantId tenant_;
  mail::ParseContext context_;
  std::vector<User> users_;
  TenantFacts facts_;
  bool facts_changed_ = true;
  std::map<MailboxId, std::int64_t> cursor_versions_;
  int messages_ = 0;
};

}  // namespace letterlock::detection
