#include "sim/quotas.h"

#include "sim/fault_answers.h"
#include "sim/google_reply.h"
#include "sim/microsoft_reply.h"

namespace letterlock::sim {
namespace {

struct GmailCost {
  std::string_view kind;
  std::uint64_t old_projects;
  std::uint64_t new_projects;
};

constexpr GmailCost gmail_costs[] = {
    {"messages.get", 5, 20}, {"attachments.get", 5, 20}, {"messages.list", 5, 5},
    {"history.list", 2, 2},  {"profile", 1, 1},          {"labels", 1, 1},
};

constexpr std::string_view of_google = " of service 'gmail.googleapis.com' for consumer 'project_number:108412257790'.";

http::Response google_quota(std::string_view limit) {
  return google::error(403, "Quota exceeded for quota metric 'Queries' and limit '" + std::string(limit) + "'" + std::string(of_google),
                       "rateLimitExceeded", "PERMISSION_DENIED", "usageLimits");
}

http::Response graph_throttled(std::string_view code, std::string_view message, Duration wait) {
  auto response = graph::error(429, code, message);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  response.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(1, seconds.count())));
  return response;
}

std::string mailbox_key(const Call& call, std::string_view what) {
  return std::string(call.provider) + "/" + std::string(what) + "/" + call.mailbox;
}

}  // namespace

Result<QuotaLimits> read_quota_limits(std::string_view text) {
  if (text == "off") return QuotaLimits{};
  if (text == "new") return QuotaLimits{.google = GoogleTable::new_projects, .microsoft = true};
  if (text == "old") return QuotaLimits{.google = GoogleTable::old_projects, .google_user_units_per_minute = 15'000, .microsoft = true};
  return fail(ErrorKind::invalid, "'" + std::string(text) + "' is no table of quotas: off, old or new");
}

std::uint64_t gmail_units(GoogleTable table, std::string_view kind) {
  if (table == GoogleTable::off) return 0;
  if (kind.starts_with("settings.")) return 1;
  for (const auto& cost : gmail_costs)
    if (cost.kind == kind) return table == GoogleTable::old_projects ? cost.old_projects : cost.new_projects;
  return 0;
}

void Quotas::set(QuotaLimits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
  windows_.clear();
  refused_.clear();
}

QuotaLimits Quotas::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

Json Quotas::json() const {
  const std::lock_guard lock(mutex_);
  static constexpr std::string_view tables[] = {"off", "old", "new"};
  Json used = Json::object(), refused = Json::object();
  for (const auto& [key, window] : windows_) used.set(key, window.used);
  for (const auto& [limit, count] : refused_) refused.set(limit, count);
  return Json::object({{"google", tables[static_cast<std::size_t>(limits_.google)]},
                       {"google_user_units_per_minute", limits_.google_user_units_per_minute},
                       {"google_project_units_per_minute", limits_.google_project_units_per_minute},
                       {"google_concurrent_per_user", limits_.google_concurrent_per_user},
                       {"directory_queries_per_minute", limits_.directory_queries_per_minute},
                       {"microsoft", limits_.microsoft},
                       {"graph_mailbox_requests_per_10_minutes", limits_.graph_mailbox_requests_per_10_minutes},
                       {"graph_mailbox_concurrent", limits_.graph_mailbox_concurrent},
                       {"graph_directory_units_per_10_seconds", limits_.graph_directory_units_per_10_seconds},
                       {"graph_app_requests_per_10_seconds", limits_.graph_app_requests_per_10_seconds},
                       {"used", std::move(used)},
                       {"refused", std::move(refused)}});
}

std::optional<Duration> Quotas::spend(const std::string& key, std::uint64_t cost, std::uint64_t limit, std::chrono::seconds length) {
  const auto now = clock_.now();
  auto& window = windows_[key];
  if (window.used == 0 || now - window.start >= length) window = {.start = now};
  window.used += cost;
  if (window.used <= limit) return std::nullopt;
  ++refused_[key.substr(0, key.rfind('/'))];
  return length - (now - window.start);
}

std::optional<http::Response> Quotas::refuse_google(const Call& call) {
  constexpr std::chrono::seconds minute{60};
  if (call.kind.starts_with("users.")) {
    if (spend("google/directory/" + call.mailbox, 1, limits_.directory_queries_per_minute, minute))
      return google::error(
          403, "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'admin.googleapis.com'.",
          "quotaExceeded", "PERMISSION_DENIED", "usageLimits");
    return std::nullopt;
  }
  const auto units = gmail_units(limits_.google, call.kind);
  if (units == 0 || call.mailbox.empty()) return std::nullopt;
  if (running_[mailbox_key(call, "running")] + call.at_once > limits_.google_concurrent_per_user) {
    ++refused_["google/concurrent"];
    return google::error(429, "Too many concurrent requests for user.", "rateLimitExceeded", "RESOURCE_EXHAUSTED");
  }
  const bool user = spend(mailbox_key(call, "user"), units, limits_.google_user_units_per_minute, minute).has_value();
  const bool project = spend("google/project/", units, limits_.google_project_units_per_minute, minute).has_value();
  if (user) return google_quota("Queries per minute per user");
  if (project) return google_quota("Queries per minute");
  return std::nullopt;
}

std::optional<http::Response> Quotas::refuse_microsoft(const Call& call) {
  constexpr std::chrono::seconds ten{10};
  if (const auto wait = spend("microsoft/app/", 1, limits_.graph_app_requests_per_10_seconds, ten))
    return graph_throttled("TooManyRequests", "Too many requests.", *wait);
  if (call.kind.starts_with("users")) {
    // GET users costs 2; a $select makes it cheaper by one, a $top below 20 too.
    std::uint64_t cost = call.kind == "users" ? 2 : 1;
    if (call.kind == "users" && call.request.query_value("$select")) --cost;
    if (const auto wait = spend("microsoft/directory/", cost, limits_.graph_directory_units_per_10_seconds, ten)) {
      auto response = graph_throttled("TooManyRequests", "Too many requests.", *wait);
      response.headers.emplace_back("x-ms-throttle-scope", "Tenant_Application/ReadWrite");
      response.headers.emplace_back("x-ms-throttle-information", "ResourceUnitLimitExceeded");
      return response;
    }
    return std::nullopt;
  }
  if (call.mailbox.empty()) return std::nullopt;
  if (running_[mailbox_key(call, "running")] > limits_.graph_mailbox_concurrent) {
    ++refused_["microsoft/concurrent"];
    return graph_throttled("ApplicationThrottled", "Application is over its MailboxConcurrency limit.", std::chrono::seconds(1));
  }
  if (const auto wait = spend(mailbox_key(call, "mailbox"), 1, limits_.graph_mailbox_requests_per_10_minutes, std::chrono::minutes(10)))
    return graph_throttled("ApplicationThrottled", "Application is over its request limit of this mailbox.", *wait);
  return std::nullopt;
}

Quotas::Ticket Quotas::enter(const Call& call) {
  const std::lock_guard lock(mutex_);
  const bool counts = call.is_authorized && (call.provider == "google" ? limits_.google != GoogleTable::off : limits_.microsoft) &&
                      call.kind != "batch" && call.kind != "token" && call.kind != "openid-configuration";
  if (!counts) return {*this, "", std::nullopt};
  std::string running;
  if (!call.mailbox.empty()) {
    running = mailbox_key(call, "running");
    ++running_[running];
  }
  return {*this, running, call.provider == "google" ? refuse_google(call) : refuse_microsoft(call)};
}

Quotas::Ticket::~Ticket() {
  if (running_.empty()) return;
  const std::lock_guard lock(quotas_.mutex_);
  if (auto found = quotas_.running_.find(running_); found != quotas_.running_.end() && --found->second == 0) quotas_.running_.erase(found);
}

}  // namespace letterlock::sim
