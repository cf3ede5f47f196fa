// The control endpoints for mail and mailbox settings: the truth, and changes to it.

#include "base/encoding.h"
#include "sim/control_reply.h"
#include "sim/large_mail.h"
#include "sim/settings_json.h"
#include "sim/simulator.h"

namespace letterlock::sim {

using namespace control_reply;

namespace {

// "removal_first", "arrival_first", or together.
MicrosoftState::MoveOrder read_order(std::string_view text) {
  using enum MicrosoftState::MoveOrder;
  return text == "removal_first" ? removal_first : text == "arrival_first" ? arrival_first : together;
}

}  // namespace

http::Response Simulator::truth(const std::string& provider) const {
  Json mailboxes = Json::array();
  if (provider == "google") {
    for (const auto& user : google_->users()) {
      Json messages = Json::array();
      for (const auto& message : google_->all_messages(user)) {
        if (message.labels.contains("DRAFT") || message.labels.contains("CHAT")) continue;
        Json labels = Json::array();
        for (const auto& label : message.labels) labels.push(label);
        messages.push(Json::object({{"id", message.id},
                                    {"sha256", sha256_hex(message.raw->read())},
                                    {"labels", std::move(labels)},
                                    {"folder_id", Json()},
                                    {"corrupt", faults_.is_corrupt("google", message.id)}}));
      }
      mailboxes.push(Json::object({{"user_id", user.id},
                                   {"address", user.person.address},
                                   {"condition", faults_.condition("google", user.person.address)},
                                   {"messages", std::move(messages)}}));
    }
  } else if (provider == "microsoft") {
    for (const auto& user : microsoft_->users()) {
      Json messages = Json::array();
      for (const auto& message : microsoft_->all_messages(user))
        if (!message.is_draft)
          messages.push(Json::object({{"id", message.id},
                                      {"sha256", sha256_hex(message.raw->read())},
                                      {"labels", Json()},
                                      {"folder_id", message.folder_id},
                                      {"corrupt", faults_.is_corrupt("microsoft", message.id)}}));
      mailboxes.push(Json::object({{"user_id", user.id},
                                   {"address", user.person.address},
                                   {"condition", faults_.condition("microsoft", user.person.address)},
                                   {"messages", std::move(messages)}}));
    }
  } else {
    return wrong("provider must be google or microsoft");
  }
  return answer(200, Json::object({{"mailboxes", std::move(mailboxes)}}));
}

// {"mailboxes":[{"user_id","address","settings":{…},"rows":[…]}]}: what holds now, as control takes it and as reading ought to yield it.
http::Response Simulator::settings(const std::string& provider) const {
  Json mailboxes = Json::array();
  const auto add = [&](const auto& user, ProviderKind kind, const MailboxSettings& held) {
    mailboxes.push(Json::object({{"user_id", user.id},
                                 {"address", user.person.address},
                                 {"settings", settings_json(held)},
                                 {"rows", settings_rows(kind, user.person.address, held)}}));
  };
  if (provider == "google")
    for (const auto& user : google_->users()) add(user, ProviderKind::google, google_->settings(user, clock_.now()));
  else if (provider == "microsoft")
    for (const auto& user : microsoft_->users()) add(user, ProviderKind::microsoft, microsoft_->settings(user, clock_.now()));
  else
    return wrong("provider must be google or microsoft");
  return answer(200, Json::object({{"mailboxes", std::move(mailboxes)}}));
}

// {"provider","address","settings":{…}}: the mailbox's whole settings from now on.
http::Response Simulator::put_settings(const Json& body) {
  const auto* given = body.find("settings");
  if (!given) return wrong("settings is missing");
  auto read = read_settings(*given);
  if (!read) return wrong(read.error().message);
  const auto provider = body.text("provider");
  if (provider == "google") {
    const auto* user = google_->user(body.text("address"));
    if (!user) return missing("no such mailbox");
    if (read->automatic_reply) return wrong("settings: automatic_reply is Microsoft's alone");
    google_->set_settings(*user, clock_.now(), std::move(*read));
  } else if (provider == "microsoft") {
    if (read->auto_forward_to || !read->forwarding_addresses.empty() || !read->delegates.empty())
      return wrong("settings: auto_forward_to, forwarding_addresses and delegates are Gmail's alone");
    const auto* user = microsoft_->user(body.text("address"));
    if (!user) return missing("no such mailbox");
    microsoft_->set_settings(*user, clock_.now(), std::move(*read));
  } else {
    return wrong("provider must be google or microsoft");
  }
  return done();
}

http::Response Simulator::put_message(const Json& body) {
  std::shared_ptr<const RawSource> source;
  if (const auto bytes = body.number("attachment_bytes", 0); bytes > 0) {
    if (bytes > large_attachment_bytes_max) return wrong("attachment_bytes is more than " + std::to_string(large_attachment_bytes_max));
    source = std::make_shared<LargeMail>(body.text("address"), static_cast<std::size_t>(bytes));
  } else {
    const auto raw = from_base64(body.text("raw_base64"));
    if (!raw || raw->empty()) return wrong("raw_base64 is missing or not base64, and there is no attachment_bytes");
    source = std::make_shared<StoredRaw>(*raw);
  }
  std::string id;
  if (body.text("provider") == "google") {
    const auto* user = google_->user(body.text("address"));
    if (!user) return missing("no such mailbox");
    auto labels = strings(body.find("labels"));
    if (!body.find("labels")) labels = {"INBOX", "UNREAD", "CATEGORY_PERSONAL"};
    id = google_->add(*user, source, clock_.now(), std::set<std::string>(labels.begin(), labels.end()), body.text("thread"));
  } else if (body.text("provider") == "microsoft") {
    const auto* user = microsoft_->user(body.text("address"));
    if (!user) return missing("no such mailbox");
    id = microsoft_->add(*user, source, clock_.now(), body.text("folder"), body.text("thread"));
    if (id.empty()) return missing("no such folder");
  } else {
    return wrong("provider must be google or microsoft");
  }
  return answer(200, Json::object({{"id", id}}));
}

http::Response Simulator::change_message(const std::string& action, const Json& body) {
  const auto id = body.text("id");
  const auto* google_user = google_->user(body.text("address"));
  const auto* microsoft_user = microsoft_->user(body.text("address"));
  bool changed = false;
  if (action == "delete")
    changed = google_user ? google_->remove(*google_user, id) : microsoft_user && microsoft_->remove(*microsoft_user, id);
  else if (action == "move")
    changed = microsoft_user && microsoft_->move(*microsoft_user, id, body.text("folder"), read_order(body.text("order")));
  else if (action == "labels")
    changed = google_user && google_->change_labels(*google_user, id, strings(body.find("add")), strings(body.find("remove")));
  else if (const auto* read = body.find("read"); microsoft_user)
    changed = microsoft_->set_read(*microsoft_user, id, read && read->truthy());
  else if (google_user)
    changed = read && read->truthy() ? google_->change_labels(*google_user, id, {}, {"UNREAD"})
                                     : google_->change_labels(*google_user, id, {"UNREAD"}, {});
  if (!changed) return missing("no such mailbox, message or folder");
  return done();
}

}  // namespace letterlock::sim
