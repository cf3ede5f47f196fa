// The control endpoint that plays a history of changes.

#include "sim/control_reply.h"
#include "sim/simulator.h"

namespace letterlock::sim {

using namespace control_reply;

namespace {
constexpr std::int64_t churn_steps_max = 100'000;  // of one request
}

// {"provider","seed","steps","settled"?}: play the next steps of the history with this seed; another seed than before begins a
// history of its own. "settled": true says first that everything so far has been read (churn.h). Answers what Churn::told tells.
http::Response Simulator::play_churn(const Json& body) {
  const auto provider = body.text("provider");
  const auto seed = body.number("seed", -1), steps = body.number("steps", -1);
  if (provider != "google" && provider != "microsoft") return wrong("provider must be google or microsoft");
  if (seed < 0) return wrong("seed must be a number from 0 on");
  if (steps < 0 || steps > churn_steps_max) return wrong("steps must be between 0 and " + std::to_string(churn_steps_max));
  const bool is_google = provider == "google";
  const std::lock_guard lock(churn_mutex_);
  auto& churn = churn_[is_google ? 0 : 1];
  if (!churn || churn->seed() != static_cast<std::uint64_t>(seed)) {
    Churn::Options options{.provider = is_google ? ProviderKind::google : ProviderKind::microsoft,
                           .seed = static_cast<std::uint64_t>(seed),
                           .begin = began_at_};
    options.poison = [this, provider](const std::string& id) { faults_.set_corrupt(provider, id, true); };
    options.suspend = [this, provider](const std::string& address, bool suspended) {
      faults_.set_condition(provider, address, suspended ? "suspended" : "");
    };
    options.expire_tokens = [this, is_google] { is_google ? google_auth_->expire_all() : microsoft_auth_->expire_all(); };
    churn = std::make_unique<Churn>(std::move(options), is_google ? churned(*google_) : churned(*microsoft_));
  }
  const auto* settled = body.find("settled");
  if (settled && settled->truthy()) churn->settle();
  churn->play(static_cast<int>(steps));
  return answer(200, churn->told());
}

}  // namespace letterlock::sim
