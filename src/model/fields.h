#pragma once

// The columns of each value that crosses a process border: for_each_field(value, visit) calls visit("column", member) in order.
// One list serves every schema, writer and reader (Arrow Flight, the parser processes), so that they cannot disagree. A new member
// of model::Email is added here once; flight_codec_test.cpp fails while one is missing.

#include <concepts>
#include <type_traits>

#include "model/append.h"
#include "model/email.h"
#include "model/mailbox_setting.h"
#include "model/user.h"

namespace letterlock {

void for_each_field(auto& recipient, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(recipient)>>, Recipient>
{
  visit("kind", recipient.kind);
  visit("address", recipient.address);
  visit("name", recipient.name);
  visit("domain", recipient.domain);
}

void for_each_field(auto& link, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(link)>>, Link>
{
  visit("url", link.url);
  visit("host", link.host);
  visit("domain", link.domain);
  visit("display_text", link.display_text);
  visit("display_domain", link.display_domain);
  visit("origin", link.origin);
}

void for_each_field(auto& attachment, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(attachment)>>, Attachment>
{
  visit("part_id", attachment.part_id);
  visit("filename", attachment.filename);
  visit("declared_type", attachment.declared_type);
  visit("sniffed_type", attachment.sniffed_type);
  visit("size_bytes", attachment.size_bytes);
  visit("sha256", attachment.sha256);
  visit("is_inline", attachment.is_inline);
}

void for_each_field(auto& instrument, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(instrument)>>, PaymentInstrument>
{
  visit("kind", instrument.kind);
  visit("value", instrument.value);
  visit("account", instrument.account);
  visit("country", instrument.country);
  visit("bank", instrument.bank);
  visit("origin", instrument.origin);
}

void for_each_field(auto& email, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(email)>>, Email>
{
  visit("mailbox_id", email.mailbox_id);
  visit("provider_message_id", email.provider_message_id);
  visit("thread_id", email.thread_id);
  visit("folder_id", email.folder_id);
  visit("labels", email.labels);
  visit("message_id", email.message_id);
  visit("in_reply_to", email.in_reply_to);
  visit("references", email.references);
  visit("direction", email.direction);
  visit("from_address", email.from_address);
  visit("from_name", email.from_name);
  visit("from_domain", email.from_domain);
  visit("sender_address", email.sender_address);
  visit("return_path", email.return_path);
  visit("subject", email.subject);
  visit("subject_base", email.subject_base);
  visit("is_reply", email.is_reply);
  visit("is_draft", email.is_draft);
  visit("is_list", email.is_list);
  visit("is_auto", email.is_auto);
  visit("date_header", email.date_header);
  visit("received_at", email.received_at);
  visit("body_text", email.body_text);
  visit("quoted_text", email.quoted_text);
  visit("has_html", email.has_html);
  visit("mailer", email.mailer);
  visit("size_bytes", email.size_bytes);
  visit("raw_sha256", email.raw_sha256);
  visit("auth_trusted", email.authentication.trusted);
  visit("authserv_id", email.authentication.authserv_id);
  visit("spf", email.authentication.spf);
  visit("dkim", email.authentication.dkim);
  visit("dkim_domain", email.authentication.dkim_domain);
  visit("dmarc", email.authentication.dmarc);
  visit("compauth", email.authentication.compauth);
  visit("recipients", email.recipients);
  visit("links", email.links);
  visit("attachments", email.attachments);
  visit("payment_instruments", email.payment_instruments);
  visit("parse_notes", email.parse_notes);
}

void for_each_field(auto& change, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(change)>>, EmailChange>
{
  visit("provider_message_id", change.provider_message_id);
  visit("labels", change.labels);
  visit("folder_id", change.folder_id);
  visit("is_draft", change.is_draft);
}

void for_each_field(auto& removal, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(removal)>>, Removal>
{
  visit("provider_message_id", removal.provider_message_id);
  visit("folder_id", removal.folder_id);
  visit("removed_at", removal.removed_at);
}

void for_each_field(auto& set_aside, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(set_aside)>>, SetAside>
{
  visit("provider_message_id", set_aside.provider_message_id);
  visit("reason", set_aside.reason);
  visit("size_bytes", set_aside.size_bytes);
}

void for_each_field(auto& setting, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(setting)>>, MailboxSetting>
{
  visit("kind", setting.kind);
  visit("setting_id", setting.setting_id);
  visit("name", setting.name);
  visit("is_enabled", setting.is_enabled);
  visit("forward_to", setting.forward_to);
  visit("move_to", setting.move_to);
  visit("deletes", setting.deletes);
  visit("marks_read", setting.marks_read);
  visit("words", setting.words);
  visit("senders", setting.senders);
  visit("definition", setting.definition);
}

void for_each_field(auto& user, auto&& visit)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(user)>>, User>
{
  visit("user_id", user.user_id);
  visit("primary_email", user.primary_email);
  visit("aliases", user.aliases);
  visit("display_name", user.display_name);
  visit("given_name", user.given_name);
  visit("family_name", user.family_name);
  visit("job_title", user.job_title);
  visit("department", user.department);
  visit("is_admin", user.is_admin);
  visit("mailbox_state", user.mailbox_state);
  visit("mailbox_state_reason", user.mailbox_state_reason);
  visit("created_at", user.created_at);
  visit("last_login_at", user.last_login_at);
  visit("deleted_at", user.deleted_at);
  visit("connection_id", user.connection_id);
}

}  // namespace letterlock
