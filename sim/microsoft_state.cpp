#include "sim/microsoft_state.h"

#include <algorithm>

#include "base/encoding.h"
#include "sim/mime_reader.h"
#include "sim/random.h"

namespace letterlock::sim {
namespace {

std::string uuid_from(std::uint64_t seed) {
  Random random(seed);
  auto hex = random.hex(32);
  hex[12] = '4';
  hex[16] = "89ab"[random.below(4)];
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20);
}

std::string opaque(std::string_view kind, std::string_view text) {
  return to_base64url(sha256(std::string(kind) + "/" + std::string(text)));
}

std::string well_known_of(Folder folder) {
  switch (folder) {
    case Folder::inbox:
      return "inbox";
    case Folder::sent:
      return "sentitems";
    case Folder::drafts:
      return "drafts";
    case Folder::archive:
      return "archive";
    case Folder::trash:
      return "deleteditems";
    case Folder::junk:
      return "junkemail";
    case Folder::project:
      return "Vendors";
  }
  return "inbox";
}

// A name that rules use for a folder which Graph has no well-known name for.
std::string rule_folder_name(const std::string& move_to) { return equal_ignoring_case(move_to, "rssfeeds") ? "RSS Feeds" : move_to; }

std::string folder_id(const std::string& user_id, std::string_view name) { return "AQMkAD" + opaque(user_id, name) + "AAA="; }

std::vector<MicrosoftFolder> make_folders(const std::string& user_id) {
  struct Row {
    const char* name;
    const char* well_known;
    const char* parent;
    bool hidden = false;
    bool search = false;
  };
  static constexpr Row rows[] = {
      {"Top of Information Store", "msgfolderroot", ""},
      {"Archive", "archive", "Top of Information Store"},
      {"Conversation History", "conversationhistory", "Top of Information Store", true},
      {"Deleted Items", "deleteditems", "Top of Information Store"},
      {"Drafts", "drafts", "Top of Information Store"},
      {"Inbox", "inbox", "Top of Information Store"},
      {"Vendors", "", "Inbox"},
      {"2026", "", "Vendors"},
      {"Junk Email", "junkemail", "Top of Information Store"},
      {"Outbox", "outbox", "Top of Information Store"},
      {"Sent Items", "sentitems", "Top of Information Store"},
      {"Unread Mail", "", "Top of Information Store", false, true},
  };
  std::vector<MicrosoftFolder> folders;
  for (const auto& row : rows) {
    const auto id_of = [&](std::string_view name) { return name.empty() ? std::string() : folder_id(user_id, name); };
    folders.push_back({.id = id_of(row.name),
                       .parent_id = id_of(row.parent),
                       .name = row.name,
                       .well_known = row.well_known,
                       .is_hidden = row.hidden,
                       .is_search = row.search});
  }
  return folders;
}

}  // namespace

MicrosoftState::MicrosoftState(CompanyMail mail, TimePoint now) : domain_(mail.company.domain), company_(mail.company.name) {
  const auto& people = mail.company.people;
  for (std::size_t i = 0; i < people.size(); ++i) {
    users_.push_back({.id = uuid_from(hashed(people[i].address)), .person = people[i]});
    user_index_.emplace(lower_case(people[i].address), i);
    user_index_.emplace(users_.back().id, i);
  }
  mailboxes_.resize(users_.size());
  for (std::size_t i = 0; i < users_.size(); ++i) mailboxes_[i].folders = make_folders(users_[i].id);
  std::stable_sort(mail.deliveries.begin(), mail.deliveries.end(),
                   [](const auto& a, const auto& b) { return a.received_at < b.received_at; });
  for (auto& delivery : mail.deliveries) {
    auto& box = mailboxes_[delivery.mailbox];
    const auto when = std::min(delivery.received_at, now);
    add_locked(box, users_[delivery.mailbox].id,
               {.folder_id = find_folder(box, well_known_of(delivery.folder))->id,
                .conversation = delivery.thread,
                .is_read = delivery.read || delivery.folder == Folder::sent,
                .is_draft = delivery.folder == Folder::drafts,
                .received_at = when,
                .modified_at = when,
                .raw = std::move(delivery.raw)});
  }
  for (auto& change : mail.settings) set_settings(users_[change.mailbox], change.at, std::move(change.settings));
  for (auto& box : mailboxes_) box.log.clear();  // nobody holds a cursor from before the start
}

const MicrosoftUser* MicrosoftState::user(std::string_view id_or_address) const {
  const auto found = user_index_.find(lower_case(id_or_address));
  return found == user_index_.end() ? nullptr : &users_[found->second];
}

const MicrosoftFolder* MicrosoftState::find_folder(const Mailbox& box, std::string_view id_or_well_known) {
  for (const auto& folder : box.folders)
    if (folder.id == id_or_well_known) return &folder;
  for (const auto& folder : box.folders)
    if (!folder.well_known.empty() && equal_ignoring_case(folder.well_known, id_or_well_known)) return &folder;
  for (const auto& folder : box.folders)
    if (folder.well_known.empty() && folder.name == id_or_well_known) return &folder;
  return nullptr;
}

std::string MicrosoftState::ordinary_id(const MicrosoftMessage& message) {
  return "AAMkAD" + opaque(message.folder_id, message.id) + "AAA=";
}

MicrosoftMessage* MicrosoftState::find_message(Mailbox& box, std::string_view id) {
  auto found = box.messages.find(id);
  if (found == box.messages.end())
    if (const auto other = box.ordinary.find(id); other != box.ordinary.end()) found = box.messages.find(other->second);
  return found == box.messages.end() ? nullptr : &found->second;
}

std::string MicrosoftState::add_locked(Mailbox& box, const std::string& user_id, MicrosoftMessage message) {
  message.id = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A" + opaque(user_id, std::to_string(++serial_)).substr(0, 22) + "AAA=";
  message.change = ++box.sequence;
  box.log[message.folder_id].push_back({.sequence = box.sequence, .message_id = message.id});
  box.by_date[message.folder_id].emplace(to_unix_micros(message.received_at), message.id);
  box.ordinary.emplace(ordinary_id(message), message.id);
  auto id = message.id;
  box.messages.emplace(id, std::move(message));
  return id;
}

std::vector<MicrosoftFolder> MicrosoftState::folders(const MicrosoftUser& user, const std::string& parent, bool include_hidden) const {
  const std::lock_guard lock(mutex_);
  const auto& box = mailbox(user);
  const auto* root = find_folder(box, parent.empty() ? "msgfolderroot" : parent);
  std::vector<MicrosoftFolder> found;
  for (const auto& folder : box.folders)
    if (root && folder.parent_id == root->id && (include_hidden || !folder.is_hidden)) found.push_back(folder);
  for (auto& folder : found) {
    for (const auto& child : box.folders) folder.children += child.parent_id == folder.id && (include_hidden || !child.is_hidden);
    const auto& held = folder.is_search ? find_folder(box, "inbox")->id : folder.id;
    if (const auto messages = box.by_date.find(held); messages != box.by_date.end())
      for (const auto& [when, id] : messages->second) {
        const bool unread = !box.messages.at(id).is_read;
        if (folder.is_search && !unread) continue;
        ++folder.total;
        folder.unread += unread;
      }
  }
  return found;
}

std::optional<MicrosoftFolder> MicrosoftState::folder(const MicrosoftUser& user, std::string_view id_or_well_known) const {
  std::string parent;
  MicrosoftFolder result;
  {
    const std::lock_guard lock(mutex_);
    const auto& box = mailbox(user);
    const auto* found = find_folder(box, id_or_well_known);
    if (!found || (found->well_known.empty() && found->id != id_or_well_known)) return std::nullopt;
    result = *found;
  }
  if (result.well_known == "msgfolderroot") {
    result.children = folders(user, "", false).size();
    return result;
  }
  for (const auto& folder : folders(user, result.parent_id, true))
    if (folder.id == result.id) return folder;
  return result;
}

std::optional<MicrosoftMessage> MicrosoftState::message(const MicrosoftUser& user, std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto* found = find_message(const_cast<Mailbox&>(mailbox(user)), id);
  if (!found) return std::nullopt;
  return *found;
}

MicrosoftState::Page MicrosoftState::list(const MicrosoftUser& user, const std::string& folder_id, const Position& after,
                                          std::size_t max) const {
  const std::lock_guard lock(mutex_);
  const auto& box = mailbox(user);
  Page page;
  std::set<std::pair<std::int64_t, std::string>> everything;
  const std::set<std::pair<std::int64_t, std::string>>* order = &everything;
  const auto* folder = folder_id.empty() ? nullptr : find_folder(box, folder_id);
  if (folder && !folder->is_search) {
    const auto found = box.by_date.find(folder->id);
    if (found != box.by_date.end()) order = &found->second;
  } else {
    for (const auto& [id, message] : box.messages)
      if (!folder || (message.folder_id == find_folder(box, "inbox")->id && !message.is_read))
        everything.emplace(to_unix_micros(message.received_at), id);
  }
  auto place = order->lower_bound({after.received_us, after.id});
  while (place != order->begin()) {
    --place;
    if (page.messages.size() == max) {
      page.more = true;
      break;
    }
    page.messages.push_back(box.messages.at(place->second));
  }
  return page;
}

MicrosoftState::Changes MicrosoftState::changes(const MicrosoftUser& user, const std::string& folder_id, std::uint64_t since,
                                                std::size_t max, bool loses_returns) const {
  const std::lock_guard lock(mutex_);
  const auto& box = mailbox(user);
  Changes result{.upto = box.sequence};
  const auto log = box.log.find(folder_id);
  if (log == box.log.end()) return result;
  // A message comes once, at its first entry after `since`: at a later one, a page that ends between the two would send what changed last
  // of a message that it never sent. It comes whole when one of its entries was. Its later entries may bring it again on the next page;
  // where returns are lost, one that left comes at its last entry, or its return would come there.
  struct Pending {
    std::uint64_t first = 0, last = 0;
    Change::Kind kind = Change::Kind::partial;
    bool has_left = false;
  };
  std::map<std::string_view, Pending> pending;
  for (auto entry = std::ranges::upper_bound(log->second, since, {}, &LogEntry::sequence); entry != log->second.end(); ++entry) {
    auto& message = pending.try_emplace(entry->message_id, Pending{.first = entry->sequence}).first->second;
    message.last = entry->sequence;
    message.has_left = message.has_left || entry->kind == Change::Kind::removed;
    if (entry->kind != Change::Kind::partial) message.kind = entry->kind;
  }
  std::map<std::uint64_t, std::pair<std::string_view, Change::Kind>> ordered;
  for (const auto& [id, message] : pending)
    ordered.emplace(loses_returns && message.has_left ? message.last : message.first, std::pair(id, message.kind));
  for (const auto& [sequence, state] : ordered) {
    if (result.changes.size() == max) {
      result.more = true;
      break;
    }
    const auto found = box.messages.find(state.first);
    if (found == box.messages.end() || found->second.folder_id != folder_id || (loses_returns && pending.at(state.first).has_left))
      result.changes.push_back({.kind = Change::Kind::removed, .message = {.id = std::string(state.first), .folder_id = folder_id}});
    else
      result.changes.push_back(
          {.kind = state.second == Change::Kind::partial ? Change::Kind::partial : Change::Kind::whole, .message = found->second});
    result.upto = sequence;
  }
  if (!result.more) result.upto = box.sequence;
  return result;
}

std::uint64_t MicrosoftState::change_sequence(const MicrosoftUser& user) const {
  const std::lock_guard lock(mutex_);
  return mailbox(user).sequence;
}

std::uint64_t MicrosoftState::generation(const MicrosoftUser& user) const {
  const std::lock_guard lock(mutex_);
  return mailbox(user).generation;
}

std::uint64_t MicrosoftState::version(const MicrosoftUser& user) const {
  const std::lock_guard lock(mutex_);
  const auto& box = mailbox(user);
  return box.sequence + (box.generation << 40);
}

void MicrosoftState::hold(const MicrosoftUser& user, const std::string& folder_id, std::uint64_t since) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  auto& log = box.log[folder_id];
  const auto first = std::ranges::upper_bound(log, since, {}, &LogEntry::sequence);
  auto& held = box.held[folder_id];
  held.insert(held.end(), first, log.end());
  log.erase(first, log.end());
}

void MicrosoftState::hold_message(const MicrosoftUser& user, const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  if (const auto* message = find_message(box, id)) box.held[message->folder_id].push_back({.message_id = message->id});
}

void MicrosoftState::release(const MicrosoftUser& user, const std::string& folder_id) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  const auto held = box.held.find(folder_id);
  if (held == box.held.end()) return;
  auto& log = box.log[folder_id];
  for (auto& entry : held->second) {
    entry.sequence = ++box.sequence;
    log.push_back(std::move(entry));
  }
  box.held.erase(held);
}

std::string MicrosoftState::add(const MicrosoftUser& user, std::shared_ptr<const RawSource> raw, TimePoint received_at,
                                const std::string& folder, const std::string& conversation) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  const auto* target = find_folder(box, folder.empty() ? "inbox" : folder);
  if (!target) return {};
  return add_locked(box, user.id,
                    {.folder_id = target->id,
                     .conversation = conversation,
                     .is_draft = target->well_known == "drafts",
                     .received_at = received_at,
                     .modified_at = received_at,
                     .raw = std::move(raw)});
}

bool MicrosoftState::remove(const MicrosoftUser& user, const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  const auto* message = find_message(box, id);
  if (!message) return false;
  const auto immutable = message->id;
  box.log[message->folder_id].push_back({.sequence = ++box.sequence, .message_id = immutable, .kind = Change::Kind::removed});
  box.by_date[message->folder_id].erase({to_unix_micros(message->received_at), immutable});
  box.ordinary.erase(ordinary_id(*message));
  box.messages.erase(immutable);
  return true;
}

bool MicrosoftState::move(const MicrosoftUser& user, const std::string& id, const std::string& folder, MoveOrder order) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  auto* message = find_message(box, id);
  const auto* target = find_folder(box, folder);
  if (!message || !target || target->is_search) return false;
  if (target->id == message->folder_id) return true;
  relocate(box, *message, target->id, message->received_at, order);
  return true;
}

void MicrosoftState::relocate(Mailbox& box, MicrosoftMessage& message, const std::string& folder_id, TimePoint received_at,
                              MoveOrder order) {
  auto& removals = order == MoveOrder::arrival_first ? box.held : box.log;
  auto& arrivals = order == MoveOrder::removal_first ? box.held : box.log;
  removals[message.folder_id].push_back({.sequence = ++box.sequence, .message_id = message.id, .kind = Change::Kind::removed});
  box.by_date[message.folder_id].erase({to_unix_micros(message.received_at), message.id});
  box.ordinary.erase(ordinary_id(message));
  message.folder_id = folder_id;
  message.received_at = received_at;
  message.change = ++box.sequence;
  arrivals[message.folder_id].push_back({.sequence = box.sequence, .message_id = message.id});
  box.by_date[message.folder_id].emplace(to_unix_micros(message.received_at), message.id);
  box.ordinary.emplace(ordinary_id(message), message.id);
}

bool MicrosoftState::save_draft(const MicrosoftUser& user, const std::string& id, std::shared_ptr<const RawSource> raw, TimePoint at) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  auto* message = find_message(box, id);
  if (!message || !message->is_draft) return false;
  message->raw = std::move(raw);
  message->modified_at = at;
  message->change = ++box.sequence;
  box.log[message->folder_id].push_back({.sequence = box.sequence, .message_id = message->id});
  return true;
}

bool MicrosoftState::send_draft(const MicrosoftUser& user, const std::string& id, std::shared_ptr<const RawSource> raw, TimePoint at) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  auto* message = find_message(box, id);
  if (!message || !message->is_draft) return false;
  message->raw = std::move(raw);
  message->is_draft = false;
  message->is_read = true;
  message->modified_at = at;
  relocate(box, *message, find_folder(box, "sentitems")->id, at, MoveOrder::together);
  return true;
}

std::string MicrosoftState::add_folder(const MicrosoftUser& user, const std::string& parent, const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  const auto* over = find_folder(box, parent);
  if (!over || over->is_search) return {};
  MicrosoftFolder folder{
      .id = "AQMkAD" + opaque(user.id, name + "/" + std::to_string(++serial_)) + "AAA=", .parent_id = over->id, .name = name};
  auto id = folder.id;
  box.folders.push_back(std::move(folder));
  ++box.sequence;
  return id;
}

bool MicrosoftState::rename_folder(const MicrosoftUser& user, const std::string& id, const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  for (auto& folder : box.folders)
    if (folder.id == id && folder.well_known.empty()) {
      folder.name = name;
      ++box.sequence;
      return true;
    }
  return false;
}

bool MicrosoftState::remove_folder(const MicrosoftUser& user, const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  const auto is_it = [&](const MicrosoftFolder& folder) { return folder.id == id && folder.well_known.empty() && !folder.is_search; };
  const bool is_parent = std::ranges::any_of(box.folders, [&](const auto& folder) { return folder.parent_id == id; });
  if (is_parent || std::ranges::none_of(box.folders, is_it)) return false;
  for (const auto& [when, message] : box.by_date[id]) {
    box.ordinary.erase(ordinary_id(box.messages.at(message)));
    box.messages.erase(message);
  }
  box.by_date.erase(id);
  box.log.erase(id);
  box.held.erase(id);
  ++box.sequence;
  std::erase_if(box.folders, is_it);
  return true;
}

bool MicrosoftState::set_read(const MicrosoftUser& user, const std::string& id, bool read) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  auto* message = find_message(box, id);
  if (!message) return false;
  message->is_read = read;
  message->change = ++box.sequence;
  box.log[message->folder_id].push_back({.sequence = box.sequence, .message_id = message->id, .kind = Change::Kind::partial});
  return true;
}

void MicrosoftState::expire_cursors() {
  for (const auto& user : users_) expire_cursors(user);
}

void MicrosoftState::expire_cursors(const MicrosoftUser& user) {
  const std::lock_guard lock(mutex_);
  auto& box = mailbox(user);
  box.generation += 2;
  box.log.clear();
  box.held.clear();
}

void MicrosoftState::set_settings(const MicrosoftUser& user, TimePoint at, MailboxSettings settings) {
  {
    const std::lock_guard lock(mutex_);
    auto& box = mailbox(user);
    for (const auto& rule : settings.rules) {
      if (!rule.move_to) continue;
      const auto name = rule_folder_name(*rule.move_to);
      if (!find_folder(box, name))
        box.folders.push_back({.id = folder_id(user.id, name), .parent_id = find_folder(box, "msgfolderroot")->id, .name = name});
    }
  }
  settings_.set(index_of(user), at, std::move(settings));
}

std::string MicrosoftState::rule_folder_id(const MicrosoftUser& user, const std::string& move_to) const {
  const std::lock_guard lock(mutex_);
  const auto* folder = find_folder(mailbox(user), rule_folder_name(move_to));
  return folder ? folder->id : std::string();
}

std::vector<MicrosoftMessage> MicrosoftState::all_messages(const MicrosoftUser& user) const {
  const std::lock_guard lock(mutex_);
  std::vector<MicrosoftMessage> all;
  for (const auto& [id, message] : mailbox(user).messages) all.push_back(message);
  return all;
}

}  // namespace letterlock::sim
