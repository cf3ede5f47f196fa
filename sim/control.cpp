// The control endpoints: tests order faults, change mailboxes and ask for the truth.

#include "sim/control_reply.h"
#include "sim/mime_reader.h"
#include "sim/reply.h"
#include "sim/simulator.h"

namespace letterlock::sim {

using namespace control_reply;

namespace {

// An order of a raw answer: {"provider","match","status","times","retry_after","cut_after_bytes","body","delay_ms"}.
Fault read_order(const Json& body) {
  Fault fault{.provider = body.text("provider"),
              .match = body.text("match"),
              .times = static_cast<int>(body.number("times", 1)),
              .status = static_cast<int>(body.number("status", 0)),
              .delay = std::chrono::milliseconds(body.number("delay_ms", 0))};
  if (const auto* after = body.find("retry_after"); after && !after->is_null())
    fault.retry_after = after->is_string() ? after->string() : std::to_string(after->integer().value_or(1));
  if (const auto* cut = body.find("cut_after_bytes"); cut && cut->integer())
    fault.cut_after_bytes = static_cast<std::size_t>(*cut->integer());
  if (const auto* text = body.find("body"); text && text->is_string()) fault.body = text->string();
  return fault;
}

Json fault_table() {
  Json rows = Json::array();
  for (const auto& kind : fault_kinds())
    rows.push(Json::object({{"provider", kind.provider},
                            {"kind", kind.name},
                            {"group", name_of(kind.group)},
                            {"on", kind.on},
                            {"status", kind.status},
                            {"code", kind.code},
                            {"message", kind.message},
                            {"retry_after", kind.retry_after}}));
  return rows;
}

}  // namespace

http::Response Simulator::control(const http::Request& request) {
  const auto path = split(request.path, '/');
  if (path.size() != 2 || path[0] != "control") return missing("no such control endpoint");
  const auto& action = path[1];
  if (request.method == "GET") {
    if (action == "settings") return settings(request.query_value("provider").value_or(""));
    if (action == "truth") return truth(request.query_value("provider").value_or(""));
    if (action == "requests") return answer(200, log_.json());
    if (action == "stories") return answer(200, truth_json());
    if (action == "faults") return answer(200, faults_.json().set("table", fault_table()));
    if (action == "quotas") return answer(200, quotas_.json());
    return missing("no such control endpoint");
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
    return put_faults(*body);
  } else if (action == "quotas") {
    return put_quotas(*body);
  } else if (action == "condition") {
    return put_condition(*body);
  } else if (action == "expire-cursors") {
    if (!named) return wrong("provider must be google or microsoft");
    provider == "google" ? google_->expire_cursors() : microsoft_->expire_cursors();
  } else if (action == "expire-tokens") {
    if (!named) return wrong("provider must be google or microsoft");
    provider == "google" ? google_auth_->expire_all() : microsoft_auth_->expire_all();
  } else if (action == "arrive") {
    arrive();
  } else if (action == "settings") {
    return put_settings(*body);
  } else if (action == "churn") {
    return play_churn(*body);
  } else if (action == "messages") {
    return put_message(*body);
  } else if (action == "delete" || action == "move" || action == "labels" || action == "read") {
    return change_message(action, *body);
  } else {
    return missing("no such control endpoint");
  }
  return done();
}

// A row of the table, {"provider","kind","match","times"}; a raw answer; or random ones, {"seed","rate","groups"} (seed null: none).
http::Response Simulator::put_faults(const Json& body) {
  if (const auto* number = body.find("seed")) {
    if (number->is_null()) {
      faults_.seed(std::nullopt);
      return done();
    }
    FaultSeed seed;
    if (!number->integer()) return wrong("seed must be a number or null");
    seed.seed = static_cast<std::uint64_t>(*number->integer());
    if (const auto* rate = body.find("rate")) seed.rate = rate->real().value_or(-1);
    if (!(seed.rate >= 0 && seed.rate <= 1)) return wrong("rate must be a number from 0 to 1");
    if (body.find("groups")) {
      auto groups = read_fault_groups(body.text("groups"));
      if (!groups) return wrong(groups.error().message);
      seed.groups = std::move(*groups);
    }
    faults_.seed(std::move(seed));
    return done();
  }
  const auto provider = body.text("provider");
  if (provider != "google" && provider != "microsoft") return wrong("provider must be google or microsoft");
  auto fault = read_order(body);
  if (const auto name = body.text("kind"); !name.empty()) {
    fault.kind = fault_kind(provider, name);
    if (!fault.kind) return wrong("no fault of " + provider + " is called '" + valid_utf8(name) + "'; GET /control/faults lists them");
  }
  faults_.order(std::move(fault));
  return done();
}

// {"provider","address","condition"} for a mailbox: a lasting row's name, "suspended", "no-mailbox" (Google) or "" for none;
// {"provider","id","corrupt":true} for a message.
http::Response Simulator::put_condition(const Json& body) {
  const auto provider = body.text("provider");
  if (provider != "google" && provider != "microsoft") return wrong("provider must be google or microsoft");
  if (const auto* corrupt = body.find("corrupt")) {
    faults_.set_corrupt(provider, body.text("id"), corrupt->truthy());
    return done();
  }
  const auto address = body.text("address"), condition = body.text("condition");
  const bool exists = provider == "google" ? google_->user(address) != nullptr : microsoft_->user(address) != nullptr;
  if (!exists) return missing("no such mailbox");
  const auto* row = fault_kind(provider, condition);
  const bool known = condition.empty() || condition == "suspended" || (condition == "no-mailbox" && provider == "google") ||
                     (row && row->group == FaultGroup::lasting && condition != "corrupt-item");
  if (!known) return wrong("'" + valid_utf8(condition) + "' is no condition of a mailbox");
  faults_.set_condition(provider, address, condition);
  return done();
}

// {"table":"off|old|new"} and any of the limits that GET /control/quotas shows; what was used is forgotten.
http::Response Simulator::put_quotas(const Json& body) {
  auto limits = quotas_.limits();
  if (body.find("table")) {
    auto read = read_quota_limits(body.text("table"));
    if (!read) return wrong(read.error().message);
    limits = *read;
  }
  const auto take = [&](const char* name, std::uint64_t& limit) {
    limit = static_cast<std::uint64_t>(body.number(name, static_cast<std::int64_t>(limit)));
  };
  take("google_user_units_per_minute", limits.google_user_units_per_minute);
  take("google_project_units_per_minute", limits.google_project_units_per_minute);
  take("google_concurrent_per_user", limits.google_concurrent_per_user);
  take("directory_queries_per_minute", limits.directory_queries_per_minute);
  take("graph_mailbox_requests_per_10_minutes", limits.graph_mailbox_requests_per_10_minutes);
  take("graph_mailbox_concurrent", limits.graph_mailbox_concurrent);
  take("graph_directory_units_per_10_seconds", limits.graph_directory_units_per_10_seconds);
  take("graph_app_requests_per_10_seconds", limits.graph_app_requests_per_10_seconds);
  quotas_.set(limits);
  return answer(200, quotas_.json());
}

}  // namespace letterlock::sim
