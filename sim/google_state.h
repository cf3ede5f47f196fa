#pragma once

// A Google Workspace organisation: users, mailboxes, labels, and each mailbox's history. Owned by Simulator; any thread
// (one mutex; raw bytes are read outside it).

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

struct GoogleMessage {
  std::string id;
  std::string thread_id;
  std::set<std::string> labels;
  std::uint64_t history_id = 0;
  std::int64_t internal_date_ms = 0;
  std::shared_ptr<const RawSource> raw;
};

struct GoogleHistory {
  enum class Kind { added, deleted, labels_added, labels_removed };
  std::uint64_t id = 0;
  Kind kind = Kind::added;
  std::string message_id;
  std::string thread_id;
  std::set<std::string> labels;      // of the message after the change
  std::vector<std::string> changed;  // labels added or removed
};

struct GoogleUser {
  std::string id;
  Person person;
  bool is_admin = false;
};

class GoogleState {
 public:
  GoogleState(CompanyMail mail, TimePoint now);

  const std::string& domain() const { return domain_; }
  const std::vector<GoogleUser>& users() const { return users_; }  // never changes after the constructor
  const std::string& admin_address() const;
  const GoogleUser* user(std::string_view address_or_id) const;

  struct Profile {
    std::size_t messages = 0;
    std::size_t threads = 0;
    std::uint64_t history_id = 0;
  };
  Profile profile(const GoogleUser& user) const;

  struct ListQuery {
    std::set<std::string> labels;  // all of them
    std::set<std::string> excluded;
    bool include_spam_trash = false;
    std::optional<std::int64_t> after_ms, before_ms;  // of the q parameter
    std::size_t max = 100;
    std::string page;  // as returned
  };
  struct ListPage {
    std::vector<GoogleMessage> messages;
    std::string next_page;
    std::size_t estimate = 0;
  };
  std::optional<ListPage> list(const GoogleUser& user, const ListQuery& query) const;  // nullopt: bad page token
  std::optional<GoogleMessage> message(const GoogleUser& user, const std::string& id) const;

  struct HistoryPage {
    std::vector<GoogleHistory> records;
    bool more = false;
    std::uint64_t history_id = 0;
  };
  // nullopt: the start is too old or from the future. `from` is where this page starts (start, or the page token's).
  std::optional<HistoryPage> history(const GoogleUser& user, std::uint64_t from, std::size_t max) const;

  // Changes, as control does them. Each returns false when the message or user is not there.
  std::string add(const GoogleUser& user, std::shared_ptr<const RawSource> raw, TimePoint received_at, std::set<std::string> labels,
                  const std::string& thread);
  bool remove(const GoogleUser& user, const std::string& id);
  bool change_labels(const GoogleUser& user, const std::string& id, const std::vector<std::string>& add,
                     const std::vector<std::string>& remove);
  void expire_cursors();  // of every mailbox
  void expire_cursors(const GoogleUser& user);
  std::uint64_t version(const GoogleUser& user) const;  // another one after every change
  static std::string first_page();                      // a page token that means the beginning

  MailboxSettings settings(const GoogleUser& user, TimePoint now) const { return settings_.current(index_of(user), now); }
  void set_settings(const GoogleUser& user, TimePoint at, MailboxSettings settings) {
    settings_.set(index_of(user), at, std::move(settings));
  }
  // Names of the labels that the mailbox's filters have named up to now.
  std::set<std::string> filter_labels(const GoogleUser& user, TimePoint now) const;

  std::vector<GoogleMessage> all_messages(const GoogleUser& user) const;

 private:
  struct Mailbox {
    std::map<std::string, GoogleMessage> messages;
    std::set<std::pair<std::int64_t, std::string>> by_date;
    std::vector<GoogleHistory> history;
    std::uint64_t history_id = 0;
    std::uint64_t oldest_valid = 0;  // cursors below it have expired
  };
  std::size_t index_of(const GoogleUser& user) const { return static_cast<std::size_t>(&user - users_.data()); }
  Mailbox& mailbox(const GoogleUser& user) { return mailboxes_[index_of(user)]; }
  const Mailbox& mailbox(const GoogleUser& user) const { return mailboxes_[index_of(user)]; }
  std::string add_locked(Mailbox& box, std::string_view address, std::shared_ptr<const RawSource> raw, std::int64_t ms,
                         std::set<std::string> labels, const std::string& thread, bool record);

  std::string domain_;
  std::vector<GoogleUser> users_;
  std::map<std::string, std::size_t, std::less<>> user_index_;  // lower-case address, and id
  mutable std::mutex mutex_;
  std::vector<Mailbox> mailboxes_;
  std::uint64_t serial_ = 0;
  SettingsBook settings_;
};

}  // namespace letterlock::sim
