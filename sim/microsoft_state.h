#pragma once

// A Microsoft 365 organisation: users, folder trees and messages, with a change sequence per mailbox from which delta
// answers are made. Owned by Simulator; any thread (one mutex; raw bytes are read outside it).

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/content.h"
#include "sim/settings_book.h"

namespace letterlock::sim {

struct MicrosoftMessage {
  std::string id;  // immutable
  std::string folder_id;
  std::string conversation;
  bool is_read = false;
  bool is_draft = false;
  TimePoint received_at;
  TimePoint modified_at;
  std::uint64_t change = 0;
  std::shared_ptr<const RawSource> raw;
};

struct MicrosoftFolder {
  std::string id;
  std::string parent_id;
  std::string name;
  std::string well_known;  // "inbox", … or empty
  bool is_hidden = false;
  bool is_search = false;                           // shows the inbox's messages a second time
  std::size_t total = 0, unread = 0, children = 0;  // filled in answers
};

struct MicrosoftUser {
  std::string id;
  Person person;
};

class MicrosoftState {
 public:
  MicrosoftState(CompanyMail mail, TimePoint now);

  const std::string& domain() const { return domain_; }
  const std::string& company() const { return company_; }
  const std::vector<MicrosoftUser>& users() const { return users_; }  // never changes after the constructor
  const MicrosoftUser* user(std::string_view id_or_address) const;

  // Folders in a fixed order; parent: an id, or empty for the top level.
  std::vector<MicrosoftFolder> folders(const MicrosoftUser& user, const std::string& parent, bool include_hidden) const;
  std::optional<MicrosoftFolder> folder(const MicrosoftUser& user, std::string_view id_or_well_known) const;
  std::optional<MicrosoftMessage> message(const MicrosoftUser& user, std::string_view id) const;  // immutable or ordinary id
  // The id without Prefer: IdType="ImmutableId"; it changes when the message moves.
  static std::string ordinary_id(const MicrosoftMessage& message);

  // Newest first; after: (received, id) of the last message of the page before.
  struct Position {
    std::int64_t received_us = INT64_MAX;
    std::string id;
  };
  struct Page {
    std::vector<MicrosoftMessage> messages;
    bool more = false;
  };
  Page list(const MicrosoftUser& user, const std::string& folder_id, const Position& after, std::size_t max) const;  // folder_id empty: all

  struct Change {
    enum class Kind { whole, partial, removed };
    Kind kind = Kind::whole;
    MicrosoftMessage message;  // of a removal: only the id
  };
  struct Changes {
    std::vector<Change> changes;
    std::uint64_t upto = 0;  // where the next page starts
    bool more = false;
  };
  // loses_returns: a message that left the folder and came back since then is told as removed, and never again (unless a page ends
  // between).
  Changes changes(const MicrosoftUser& user, const std::string& folder_id, std::uint64_t since, std::size_t max,
                  bool loses_returns = false) const;
  std::uint64_t change_sequence(const MicrosoftUser& user) const;
  std::uint64_t generation(const MicrosoftUser& user) const;  // cursors of an older one have expired
  std::uint64_t version(const MicrosoftUser& user) const;     // another one after every change
  // Hold back what happened in the folder after `since` until the round that is running has ended (release).
  void hold(const MicrosoftUser& user, const std::string& folder_id, std::uint64_t since);
  void hold_message(const MicrosoftUser& user, const std::string& id);  // tell of it in the next round (again, if it was told already)
  void release(const MicrosoftUser& user, const std::string& folder_id);

  std::string add(const MicrosoftUser& user, std::shared_ptr<const RawSource> raw, TimePoint received_at, const std::string& folder,
                  const std::string& conversation);
  bool remove(const MicrosoftUser& user, const std::string& id);
  // Which side of a move the next deltas tell of, and which one only the round after.
  enum class MoveOrder { together, removal_first, arrival_first };
  bool move(const MicrosoftUser& user, const std::string& id, const std::string& folder, MoveOrder order = MoveOrder::together);
  bool set_read(const MicrosoftUser& user, const std::string& id, bool read);
  // A draft keeps its immutable id when it is saved again and when it is sent:
  // https://learn.microsoft.com/graph/outlook-immutable-id
  bool save_draft(const MicrosoftUser& user, const std::string& id, std::shared_ptr<const RawSource> raw, TimePoint at);
  bool send_draft(const MicrosoftUser& user, const std::string& id, std::shared_ptr<const RawSource> raw, TimePoint at);
  // Folders of the user's own. A folder that is removed takes its messages with it, and nobody can ask for its changes any more.
  std::string add_folder(const MicrosoftUser& user, const std::string& parent, const std::string& name);
  bool rename_folder(const MicrosoftUser& user, const std::string& id, const std::string& name);
  bool remove_folder(const MicrosoftUser& user, const std::string& id);
  void expire_cursors();  // of every mailbox
  void expire_cursors(const MicrosoftUser& user);

  MailboxSettings settings(const MicrosoftUser& user, TimePoint now) const { return settings_.current(index_of(user), now); }
  // Folders that its rules move mail to are made when they are not there.
  void set_settings(const MicrosoftUser& user, TimePoint at, MailboxSettings settings);
  std::string rule_folder_id(const MicrosoftUser& user, const std::string& move_to) const;

  std::vector<MicrosoftMessage> all_messages(const MicrosoftUser& user) const;

 private:
  struct LogEntry {
    std::uint64_t sequence = 0;
    std::string message_id;
    Change::Kind kind = Change::Kind::whole;
  };
  struct Mailbox {
    std::vector<MicrosoftFolder> folders;
    std::map<std::string, std::vector<LogEntry>> log;                               // by folder id
    std::map<std::string, std::vector<LogEntry>> held;                              // by folder id, not yet told
    std::map<std::string, std::set<std::pair<std::int64_t, std::string>>> by_date;  // by folder id
    std::map<std::string, MicrosoftMessage, std::less<>> messages;
    std::map<std::string, std::string, std::less<>> ordinary;  // ordinary id to immutable
    std::uint64_t sequence = 1000;
    std::uint64_t generation = 149;
  };
  std::size_t index_of(const MicrosoftUser& user) const { return static_cast<std::size_t>(&user - users_.data()); }
  Mailbox& mailbox(const MicrosoftUser& user) { return mailboxes_[index_of(user)]; }
  const Mailbox& mailbox(const MicrosoftUser& user) const { return mailboxes_[index_of(user)]; }
  std::string add_locked(Mailbox& box, const std::string& user_id, MicrosoftMessage message);
  static const MicrosoftFolder* find_folder(const Mailbox& box, std::string_view id_or_well_known);
  static void relocate(Mailbox& box, MicrosoftMessage& message, const std::string& folder_id, TimePoint received_at, MoveOrder order);
  static MicrosoftMessage* find_message(Mailbox& box, std::string_view id);

  std::string domain_, company_;
  std::vector<MicrosoftUser> users_;
  std::map<std::string, std::size_t, std::less<>> user_index_;
  mutable std::mutex mutex_;
  std::vector<Mailbox> mailboxes_;
  std::uint64_t serial_ = 0;
  SettingsBook settings_;
};

}  // namespace letterlock::sim
