#include "sim/faults.h"

#include <charconv>

#include "sim/mime_reader.h"
#include "sim/random.h"
#include "sim/reply.h"

namespace letterlock::sim {
namespace {

std::string key_of(std::string_view provider, const std::string& name) { return std::string(provider) + "/" + name; }

std::uint64_t share(double rate) { return static_cast<std::uint64_t>(rate * 1e9); }

}  // namespace

Result<std::set<FaultGroup>> read_fault_groups(std::string_view text) {
  std::set<FaultGroup> groups;
  static constexpr FaultGroup all[] = {FaultGroup::passing, FaultGroup::token, FaultGroup::cursor, FaultGroup::page, FaultGroup::lasting};
  for (const auto& word : split(text, ',')) {
    bool known = word == "all";
    for (const auto group : all)
      if (word == "all" || word == name_of(group)) known = groups.insert(group).second || known;
    if (!known) return fail(ErrorKind::invalid, "'" + word + "' is no group of faults: passing, token, cursor, page, lasting or all");
  }
  return groups;
}

Result<FaultSeed> read_fault_seed(std::string_view text) {
  FaultSeed seed;
  const auto pieces = split(text, ':');
  const auto read = [](const std::string& piece, auto& value) {
    const auto [end, code] = std::from_chars(piece.data(), piece.data() + piece.size(), value);
    return code == std::errc() && end == piece.data() + piece.size();
  };
  if (pieces.empty() || pieces.size() > 3 || !read(pieces[0], seed.seed) || (pieces.size() > 1 && !read(pieces[1], seed.rate)) ||
      !(seed.rate >= 0 && seed.rate <= 1))
    return fail(ErrorKind::invalid, "'" + std::string(text) + "' is not SEED[:RATE[:GROUPS]] with a rate from 0 to 1");
  if (pieces.size() > 2) seed.groups = TRY(read_fault_groups(pieces[2]));
  return seed;
}

void Faults::order(Fault fault) {
  const std::lock_guard lock(mutex_);
  orders_.push_back(std::move(fault));
}

void Faults::seed(std::optional<FaultSeed> seed) {
  const std::lock_guard lock(mutex_);
  seed_ = std::move(seed);
  requests_.clear();
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  orders_.clear();
  seed_.reset();
  conditions_.clear();
  corrupt_.clear();
}

void Faults::set_condition(const std::string& provider, const std::string& address, std::string condition) {
  const std::lock_guard lock(mutex_);
  conditions_[key_of(provider, lower_case(address))] = std::move(condition);
}

void Faults::set_corrupt(const std::string& provider, const std::string& id, bool corrupt) {
  const std::lock_guard lock(mutex_);
  corrupt_[key_of(provider, id)] = corrupt;
}

std::string Faults::condition(std::string_view provider, const std::string& address) const {
  const std::lock_guard lock(mutex_);
  return condition_locked(provider, lower_case(address));
}

bool Faults::is_corrupt(std::string_view provider, const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return is_corrupt_locked(provider, id);
}

bool Faults::drawn(std::string_view provider, std::string_view what, const std::string& key) const {
  return seed_ && seed_->groups.contains(FaultGroup::lasting) &&
         hashed(std::string(provider) + "/" + std::string(what) + "/" + key, seed_->seed) % 1'000'000'000 < share(seed_->rate);
}

std::string Faults::condition_locked(std::string_view provider, const std::string& address) const {
  if (address.empty()) return {};
  const auto found = conditions_.find(key_of(provider, address));
  if (found != conditions_.end()) return found->second;
  if (!drawn(provider, "mailbox", address)) return {};
  return provider == "google" ? "mail-not-enabled" : "mailbox-not-enabled";
}

bool Faults::is_corrupt_locked(std::string_view provider, const std::string& id) const {
  if (id.empty()) return false;
  const auto found = corrupt_.find(key_of(provider, id));
  return found != corrupt_.end() ? found->second : drawn(provider, "item", id);
}

std::optional<Fault> Faults::take(const Call& call) {
  const std::lock_guard lock(mutex_);
  auto fault = choose(call);
  if (fault) ++taken_[std::string(call.provider)][fault->kind ? std::string(fault->kind->name) : "ordered"];
  return fault;
}

std::optional<Fault> Faults::choose(const Call& call) {
  if (orders_.empty() && conditions_.empty() && corrupt_.empty() && !seed_) return std::nullopt;
  for (auto& fault : orders_)
    if (fault.times > 0 && fault.provider == call.provider && call.target.find(fault.match) != std::string::npos &&
        (!fault.kind || befalls(*fault.kind, call.kind))) {
      --fault.times;
      return fault;
    }
  const auto as_fault = [](const FaultKind* kind) { return Fault{.provider = std::string(kind->provider), .kind = kind}; };
  if (const auto condition = condition_locked(call.provider, call.mailbox); !condition.empty()) {
    const auto* kind = fault_kind(call.provider, condition == "suspended" && call.provider == "google" ? "mail-not-enabled" : condition);
    if (kind && befalls(*kind, call.kind)) return as_fault(kind);
  }
  if (const auto* kind = fault_kind(call.provider, "corrupt-item");
      befalls(*kind, call.kind) && is_corrupt_locked(call.provider, call.item))
    return as_fault(kind);
  if (!seed_) return std::nullopt;
  Random random(mixed(seed_->seed ^ hashed(call.provider, requests_[std::string(call.provider)]++)));
  if (random.below(1'000'000'000) >= share(seed_->rate)) return std::nullopt;
  std::vector<const FaultKind*> fitting;
  for (const auto& kind : fault_kinds())
    if (kind.provider == call.provider && kind.group != FaultGroup::lasting && seed_->groups.contains(kind.group) &&
        befalls(kind, call.kind))
      fitting.push_back(&kind);
  if (fitting.empty()) return std::nullopt;
  return as_fault(random.pick(fitting));
}

Json Faults::json() const {
  const std::lock_guard lock(mutex_);
  Json orders = Json::array();
  for (const auto& fault : orders_)
    orders.push(Json::object({{"provider", fault.provider},
                              {"match", fault.match},
                              {"kind", fault.kind ? Json(fault.kind->name) : Json()},
                              {"status", fault.kind ? fault.kind->status : fault.status},
                              {"times", fault.times}}));
  Json conditions = Json::object();
  for (const auto& [key, condition] : conditions_) conditions.set(key, condition);
  Json taken = Json::object();
  for (const auto& [provider, counts] : taken_) {
    Json one = Json::object();
    for (const auto& [name, count] : counts) one.set(name, count);
    taken.set(provider, std::move(one));
  }
  Json seed;
  if (seed_) {
    Json groups = Json::array();
    for (const auto group : seed_->groups) groups.push(name_of(group));
    seed = Json::object({{"seed", seed_->seed}, {"rate", seed_->rate}, {"groups", std::move(groups)}});
  }
  return Json::object(
      {{"random", std::move(seed)}, {"orders", std::move(orders)}, {"conditions", std::move(conditions)}, {"taken", std::move(taken)}});
}

}  // namespace letterlock::sim
