// The control endpoints: tests order faults, change mailboxes and ask for the truth.

#include "base/encoding.h"
#include "sim/reply.h"
#include "sim/simulator.h"

namespace letterlock::sim {
namespace {

http::Response answer(int status, const Json& body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
}
http::Response wrong(std::string_view what) { return answer(400, Json::object({{"error", what}})); }

std::vector<std::string> strings(const Json* array) {
  std::vector<std::string> all;
  if (array)
    for (const auto& item : array->items()) all.push_back(item.string());
  return all;
}

}  // namespace

http::Response Simulator::control(const http::Request& request) {
  const auto path = split(request.path, '/');
  if (path.size() != 2 || path[0] != "control") return answer(404, Json::object({{"error", "no such control endpoint"}}));
  const auto& action = path[1];
  if (request.method == "GET") {
    if (action == "truth") return truth(request.query_value("provider").value_or(""));
    if (action == "requests") return answer(200, log_.json());
    if (action == "stories") return answer(200, truth_json());
    return answer(404, Json::object({{"error", "no such control endpoint"}}));
  }
  const auto body = request.body.empty() ? std::optional(Json::object()) : Json::parse(request.body);
  if (!body) return wrong("the body is not JSON");
  const auto provider = body->text("provider");
  const bool named = provider == "google" || provider == "microsoft";
  if (action == "clear-faults") {
    faults_.clear();
  } else if (action == "clear-requests") {
    log_.clear();
  } else if (action == "faults") {
    if (!named) return wrong("provider must be google or microsoft");
    Fault fault{.provider = provider,
                .match = body->text("match"),
                .status = static_cast<int>(body->number("status", 0)),
                .times = static_cast<int>(body->number("times", 1)),
                .delay = std::chrono::milliseconds(body->number("delay_ms", 0))};
    if (const auto* after = body->find("retry_after"); after && !after->is_null())
      fault.retry_after = after->is_string() ? after->string() : std::to_string(after->integer().value_or(1));
    if (const auto* cut = body->find("cut_after_bytes"); cut && cut->integer())
      fault.cut_after_bytes = static_cast<std::size_t>(*cut->integer());
    if (const auto* text = body->find("body"); text && text->is_string()) fault.body = text->string();
    faults_.add(std::move(fault));
  } else if (action == "expire-cursors") {
    if (!named) return wrong("provider must be google or microsoft");
    provider == "google" ? google_->expire_cursors() : microsoft_->expire_cursors();
  } else if (action == "expire-tokens") {
    if (!named) return wrong("provider must be google or microsoft");
    provider == "google" ? google_auth_->expire_all() : microsoft_auth_->expire_all();
  } else if (action == "arrive") {
    arrive();
  } else if (action == "messages") {
    return put_message(*body);
  } else if (action == "delete" || action == "move" || action == "labels" || action == "read") {
    return change_message(action, *body);
  } else {
    return answer(404, Json::object({{"error", "no such control endpoint"}}));
  }
  return answer(200, Json::object({{"ok", true}}));
}

http::Response Simulator::truth(const std::string& provider) const {
  Json mailboxes = Json::array();
  if (provider == "google") {
    for (const auto& user : google_->users()) {
      Json messages = Json::array();
      for (const auto& message : google_->all_messages(user)) {
        if (message.labels.contains("DRAFT") || message.labels.contains("CHAT")) continue;
        Json labels = Json::array();
        for (const auto& label : message.labels) labels.push(label);
        messages.push(Json::object(
            {{"id", message.id}, {"sha256", sha256_hex(message.raw->read())}, {"labels", std::move(labels)}, {"folder_id", Json()}}));
      }
      mailboxes.push(Json::object({{"user_id", user.id}, {"address", user.person.address}, {"messages", std::move(messages)}}));
    }
  } else if (provider == "microsoft") {
    for (const auto& user : microsoft_->users()) {
      Json messages = Json::array();
      for (const auto& message : microsoft_->all_messages(user))
        if (!message.is_draft)
          messages.push(Json::object(
              {{"id", message.id}, {"sha256", sha256_hex(message.raw->read())}, {"labels", Json()}, {"folder_id", message.folder_id}}));
      mailboxes.push(Json::object({{"user_id", user.id}, {"address", user.person.address}, {"messages", std::move(messages)}}));
    }
  } else {
    return wrong("provider must be google or microsoft");
  }
  return answer(200, Json::object({{"mailboxes", std::move(mailboxes)}}));
}

http::Response Simulator::put_message(const Json& body) {
  const auto raw = from_base64(body.text("raw_base64"));
  if (!raw || raw->empty()) return wrong("raw_base64 is missing or not base64");
  const auto source = std::make_shared<StoredRaw>(*raw);
  std::string id;
  if (body.text("provider") == "google") {
    const auto* user = google_->user(body.text("address"));
    if (!user) return answer(404, Json::object({{"error", "no such mailbox"}}));
    auto labels = strings(body.find("labels"));
    if (!body.find("labels")) labels = {"INBOX", "UNREAD", "CATEGORY_PERSONAL"};
    id = google_->add(*user, source, clock_.now(), std::set<std::string>(labels.begin(), labels.end()), body.text("thread"));
  } else if (body.text("provider") == "microsoft") {
    const auto* user = microsoft_->user(body.text("address"));
    if (!user) return answer(404, Json::object({{"error", "no such mailbox"}}));
    id = microsoft_->add(*user, source, clock_.now(), body.text("folder"), body.text("thread"));
    if (id.empty()) return answer(404, Json::object({{"error", "no such folder"}}));
  } else {
    return wrong("provider must be google or microsoft");
  }
  return answer(200, Json::object({{"id", id}}));
}

http::Response Simulator::change_message(const std::string& action, const Json& body) {
  const auto id = body.text("id");
  const auto* google_user = google_->user(body.text("address"));
  const auto* microsoft_user = microsoft_->user(body.text("address"));
  bool done = false;
  if (action == "delete")
    done = google_user ? google_->remove(*google_user, id) : microsoft_user && microsoft_->remove(*microsoft_user, id);
  else if (action == "move")
    done = microsoft_user && microsoft_->move(*microsoft_user, id, body.text("folder"));
  else if (action == "labels")
    done = google_user && google_->change_labels(*google_user, id, strings(body.find("add")), strings(body.find("remove")));
  else if (const auto* read = body.find("read"); microsoft_user)
    done = microsoft_->set_read(*microsoft_user, id, read && read->truthy());
  else if (google_user)
    done = read && read->truthy() ? google_->change_labels(*google_user, id, {}, {"UNREAD"})
                                  : google_->change_labels(*google_user, id, {"UNREAD"}, {});
  if (!done) return answer(404, Json::object({{"error", "no such mailbox, message or folder"}}));
  return answer(200, Json::object({{"ok", true}}));
}

}  // namespace letterlock::sim
