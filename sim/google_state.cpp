#include "sim/google_state.h"

#include <algorithm>

#include "base/encoding.h"
#include "sim/mime_reader.h"
#include "sim/random.h"
#include "sim/settings_json.h"

namespace letterlock::sim {
namespace {

std::string hex16(std::uint64_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out(16, '0');
  for (int i = 15; i >= 0; --i, value >>= 4) out[static_cast<std::size_t>(i)] = digits[value & 15];
  return out;
}

std::set<std::string> labels_of(const Delivery& delivery) {
  std::set<std::string> labels;
  switch (delivery.folder) {
    case Folder::inbox:
      labels = {"INBOX", delivery.bulk ? "CATEGORY_PROMOTIONS" : "CATEGORY_PERSONAL"};
      break;
    case Folder::sent:
      return {"SENT"};
    case Folder::drafts:
      return {"DRAFT"};
    case Folder::archive:
      labels = {"CATEGORY_PERSONAL"};
      break;
    case Folder::trash:
      labels = {"TRASH"};
      break;
    case Folder::junk:
      labels = {"SPAM"};
      break;
    case Folder::project:
      labels = {"Label_1", "CATEGORY_PERSONAL"};
      break;
  }
  if (!delivery.read) labels.insert("UNREAD");
  return labels;
}

}  // namespace

GoogleState::GoogleState(CompanyMail mail, TimePoint now) : domain_(mail.company.domain) {
  const auto& people = mail.company.people;
  for (std::size_t i = 0; i < people.size(); ++i) {
    std::string id = "1";
    for (Random random(hashed(people[i].address)); id.size() < 21;) id += static_cast<char>('0' + random.below(10));
    users_.push_back({.id = id, .person = people[i], .is_admin = people.size() > 3 ? i == 3 : i == 0});
    user_index_.emplace(lower_case(people[i].address), i);
    user_index_.emplace(id, i);
  }
  mailboxes_.resize(users_.size());
  // Real history ids are large, differ between mailboxes and are not contiguous; start beyond 2^53 in the second mailbox.
  for (std::size_t i = 0; i < mailboxes_.size(); ++i) {
    auto& box = mailboxes_[i];
    box.history_id = i == 1 ? (1ULL << 53) + 1'000'001 : 1'000'000 + hashed(users_[i].id) % 8'000'000;
    box.oldest_valid = box.history_id;
  }
  std::stable_sort(mail.deliveries.begin(), mail.deliveries.end(),
                   [](const auto& a, const auto& b) { return a.received_at < b.received_at; });
  for (auto& delivery : mail.deliveries) {
    auto& box = mailboxes_[delivery.mailbox];
    const auto ms = to_unix_micros(std::min(delivery.received_at, now)) / 1000;
    add_locked(box, users_[delivery.mailbox].person.address, std::move(delivery.raw), ms, labels_of(delivery), delivery.thread, false);
  }
  for (auto& box : mailboxes_) box.oldest_valid = box.history_id;
  for (auto& change : mail.settings) settings_.set(change.mailbox, change.at, std::move(change.settings));
}

const std::string& GoogleState::admin_address() const {
  for (const auto& user : users_)
    if (user.is_admin) return user.person.address;
  return users_.front().person.address;
}

const GoogleUser* GoogleState::user(std::string_view address_or_id) const {
  const auto found = user_index_.find(lower_case(address_or_id));
  return found == user_index_.end() ? nullptr : &users_[found->second];
}

std::string GoogleState::add_locked(Mailbox& box, std::string_view address, std::shared_ptr<const RawSource> raw, std::int64_t ms,
                                    std::set<std::string> labels, const std::string& thread, bool record) {
  GoogleMessage message;
  message.id = hex16(0x1900000000000000ULL | (hashed(address, ++serial_) >> 8));
  message.thread_id = thread.empty() ? message.id : hex16(0x1900000000000000ULL | (hashed(thread, hashed(address)) >> 8));
  message.labels = std::move(labels);
  message.internal_date_ms = ms;
  message.raw = std::move(raw);
  box.history_id += 3 + hashed(message.id) % 90;
  message.history_id = box.history_id;
  if (record)
    box.history.push_back({.id = box.history_id,
                           .kind = GoogleHistory::Kind::added,
                           .message_id = message.id,
                           .thread_id = message.thread_id,
                           .labels = message.labels});
  box.by_date.emplace(ms, message.id);
  auto id = message.id;
  box.messages.emplace(id, std::move(message));
  return id;
}

GoogleState::Profile GoogleState::profile(const GoogleUser& user) const {
  const std::lock_guard lock(mutex_);
  const auto& box = mailbox(user);
  std::set<std::string_view> threads;
  for (const auto& [id, message] : box.messages) threads.insert(message.thread_id);
  return {.messages = box.messages.size(), .threads = threads.size(), .history_id = box.history_id};
}

std::optional<GoogleState::ListPage> GoogleState::list(const GoogleUser& user, const ListQuery& query) const {
  std::pair<std::int64_t, std::string> before{std::numeric_limits<std::int64_t>::max(), ""};
  if (!query.page.empty()) {
    const auto token = from_base64(query.page);
    const auto colon = token ? token->find(':') : std::string::npos;
    if (!token || colon == std::string::npos || !token->starts_with("L")) return std::nullopt;
    before = {std::atoll(token->c_str() + 1), token->substr(colon + 1)};
  }
  const std::lock_guard lock(mutex_);
  const auto& box = mailbox(user);
  ListPage page;
  page.estimate = box.messages.size();
  auto place = box.by_date.lower_bound(before);
  while (place != box.by_date.begin()) {
    --place;
    const auto& message = box.messages.at(place->second);
    const bool hidden = message.labels.contains("SPAM") || message.labels.contains("TRASH");
    if (hidden && !query.include_spam_trash && !query.labels.contains("SPAM") && !query.labels.contains("TRASH")) continue;
    if (!std::ranges::includes(message.labels, query.labels)) continue;
    if (std::ranges::any_of(query.excluded, [&](const auto& label) { return message.labels.contains(label); })) continue;
    if (query.after_ms && message.internal_date_ms < *query.after_ms) break;
    if (query.before_ms && message.internal_date_ms >= *query.before_ms) continue;
    if (page.messages.size() == query.max) {
      const auto& last = page.messages.back();
      page.next_page = to_base64url("L" + std::to_string(last.internal_date_ms) + ":" + last.id);
      break;
    }
    page.messages.push_back(message);
  }
  return page;
}

std::optional<GoogleMessage> GoogleState::message(const GoogleUser& user, const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto& box = mailbox(user);
  const auto found = box.messages.find(id);
  if (found == box.messages.end()) return std::nullopt;
  return found->second;
}

std::optional<GoogleState::HistoryPage> GoogleState::history(const GoogleUser& user, std::uint64_t from, std::size_t max) const {
  const std::lock_guard lock(mutex_);
  const auto& box = mailbox(user);
  if (from < box.oldest_valid || from > box.history_id) return std::nullopt;
  HistoryPage page;
  page.history_id = box.history_id;
  auto place = std::ranges::upper_bound(box.history, from, {}, &GoogleHistory::id);
  for (; place != box.history.end(); ++place) {
    if (page.records.size() == max) {
      page.more = true;
      break;
    }
    page.records.push_back(*place);
  }
  return page;
}

std::string GoogleState::add(const GoogleUser& user, std::shared_ptr<const RawSource> raw, TimePoint received_at,
                             std::set<std::string> labels, const std::string& thread) {
  const std::lock_guard lock(mutex_);
  return add_locked(mailbox(user), user.person.address, std::move(raw), to_unix_micros(received_at) / 1000, std::move(labels), thread,
                    true);
}

bool GoogleState::remove(const GoogleUser& user, const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  const auto found = box.messages.find(id);
  if (found == box.messages.end()) return false;
  box.history_id += 7;
  box.history.push_back({.id = box.history_id,
                         .kind = GoogleHistory::Kind::deleted,
                         .message_id = id,
                         .thread_id = found->second.thread_id,
                         .labels = found->second.labels});
  box.by_date.erase({found->second.internal_date_ms, id});
  box.messages.erase(found);
  return true;
}

bool GoogleState::change_labels(const GoogleUser& user, const std::string& id, const std::vector<std::string>& add,
                                const std::vector<std::string>& remove) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  const auto found = box.messages.find(id);
  if (found == box.messages.end()) return false;
  auto& message = found->second;
  std::vector<std::string> added, removed;
  for (const auto& label : add)
    if (message.labels.insert(label).second) added.push_back(label);
  for (const auto& label : remove)
    if (message.labels.erase(label)) removed.push_back(label);
  const auto record = [&](GoogleHistory::Kind kind, std::vector<std::string> changed) {
    if (changed.empty()) return;
    box.history_id += 5;
    message.history_id = box.history_id;
    box.history.push_back({.id = box.history_id,
                           .kind = kind,
                           .message_id = id,
                           .thread_id = message.thread_id,
                           .labels = message.labels,
                           .changed = std::move(changed)});
  };
  record(GoogleHistory::Kind::labels_added, std::move(added));
  record(GoogleHistory::Kind::labels_removed, std::move(removed));
  return true;
}

void GoogleState::expire_cursors() {
  for (const auto& user : users_) expire_cursors(user);
}

void GoogleState::expire_cursors(const GoogleUser& user) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  box.history_id += 11;
  box.oldest_valid = box.history_id;
  box.history.clear();
}

std::uint64_t GoogleState::version(const GoogleUser& user) const {
  const std::lock_guard lock(mutex_);
  return mailbox(user).history_id;
}

std::string GoogleState::first_page() { return to_base64url("L" + std::to_string(std::numeric_limits<std::int64_t>::max()) + ":"); }

std::set<std::string> GoogleState::filter_labels(const GoogleUser& user, TimePoint now) const {
  std::set<std::string> names;
  for (const auto& change : settings_.until(index_of(user), now))
    for (const auto& rule : change.settings.rules)
      if (is_gmail_label(rule)) names.insert(*rule.move_to);
  return names;
}

std::vector<GoogleMessage> GoogleState::all_messages(const GoogleUser& user) const {
  const std::lock_guard lock(mutex_);
  std::vector<GoogleMessage> all;
  for (const auto& [id, message] : mailbox(user).messages) all.push_back(message);
  return all;
}

}  // namespace letterlock::sim
