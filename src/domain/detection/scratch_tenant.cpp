#include "domain/detection/scratch_tenant.h"

#include <algorithm>

#include "base/encoding.h"

namespace letterlock::detection {
namespace {

bool owns(const User& user, std::string_view address) {
  return user.primary_email == address || std::ranges::find(user.aliases, address) != user.aliases.end();
}

}  // namespace

ScratchTenant::ScratchTenant(Storage& storage) : storage_(storage), tenant_(new_uuid()) {}

ScratchTenant::~ScratchTenant() { (void)storage_.forget(tenant_, true).has_value(); }

void ScratchTenant::add_domain(std::string domain) {
  context_.tenant_domains.push_back(domain);
  facts_.domains.push_back(std::move(domain));
  facts_changed_ = true;
}

void ScratchTenant::trust_authserv_id(std::string id) { context_.trusted_authserv_ids.push_back(std::move(id)); }

void ScratchTenant::add_user(std::string address, std::string name, bool is_vip) {
  if (is_vip) facts_.vip_user_ids.push_back(address);
  User user{.user_id = UserId(address), .primary_email = std::move(address)};
  if (!name.empty()) user.display_name = std::move(name);
  users_.push_back(std::move(user));
  facts_changed_ = true;
}

Result<void> ScratchTenant::flush() {
  if (!facts_changed_) return {};
  TRY(storage_.save_users(tenant_, users_, {.complete = true}, facts_, from_unix_micros(0)));
  facts_changed_ = false;
  return {};
}

Result<Email> ScratchTenant::add_mail(std::string_view bytes, std::string_view mailbox) {
  TRY(flush());
  auto email = TRY(mail::parse_message(bytes, context_));
  const auto mailbox_of = [&](std::string_view address) -> const User* {
    const auto found = std::ranges::find_if(users_, [&](const auto& user) { return owns(user, address); });
    return found == users_.end() ? nullptr : &*found;
  };
  const User* owner = mailbox_of(mailbox.empty() ? std::string_view(email.from_address) : mailbox);
  if (mailbox.empty() && !owner)
    for (const auto& recipient : email.recipients)
      if (!owner && recipient.kind != "reply_to") owner = mailbox_of(recipient.address);
  if (!owner) return fail(ErrorKind::invalid, "neither From nor a recipient is one of the users: name the mailbox");

  email.mailbox_id = MailboxId(owner->user_id.str());
  email.provider_message_id = ProviderMessageId("m" + std::to_string(++messages_));
  email.raw_sha256 = sha256_hex(bytes);
  auto& version = cursor_versions_[email.mailbox_id];
  Append append{.cursor = {.mailbox_id = email.mailbox_id, .source = "archive"}, .seen_version = version, .at = email.received_at};
  append.emails.push_back({.email = email, .raw = {.format = "rfc5322", .bytes = std::string(bytes)}});
  version = TRY(storage_.append(tenant_, append)).cursor_version;
  return email;
}

Result<void> ScratchTenant::add_settings(std::string_view address, std::span<const MailboxSetting> settings, TimePoint at) {
  TRY(flush());
  const auto owner = std::ranges::find_if(users_, [&](const auto& user) { return owns(user, address); });
  if (owner == users_.end()) return fail(ErrorKind::invalid, "no user has the address " + std::string(address));
  TRY(storage_.save_mailbox_settings(tenant_, MailboxId(owner->user_id.str()), settings, at));
  return {};
}

}  // namespace letterlock::detection
