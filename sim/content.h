#pragma once

// What a simulated company holds before it takes a provider's shape: people, and deliveries of raw mail into their mailboxes.
// Plain values, made by the generator or a corpus, handed once to a provider's state.

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/settings.h"

namespace letterlock::sim {

struct Person {
  std::string given;
  std::string family;
  std::string address;
  std::string job_title;
  std::string department;
  std::size_t manager = 0;  // index into Company::people; the head of the company is its own

  std::string name() const { return given + " " + family; }
};

enum class ProviderKind { google, microsoft };

struct Company {
  ProviderKind provider = ProviderKind::google;
  std::string name;
  std::string domain;
  std::vector<Person> people;  // [0] CEO, [1] CFO, [2] accounts payable, [3] IT (the directory's admin), then others
};

// Bytes of one message, kept or made again whenever they are asked for. Immutable; any thread.
class RawSource {
 public:
  virtual ~RawSource() = default;
  virtual std::string read() const = 0;
};

class StoredRaw final : public RawSource {
 public:
  explicit StoredRaw(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string read() const override { return bytes_; }

 private:
  std::string bytes_;
};

enum class Folder { inbox, sent, drafts, archive, trash, junk, project };

struct Delivery {
  std::size_t mailbox = 0;  // index into Company::people
  Folder folder = Folder::inbox;
  bool read = true;
  bool bulk = false;  // newsletters: Gmail's promotions
  TimePoint received_at;
  std::string thread;  // any text that is the same for one conversation
  std::shared_ptr<const RawSource> raw;
};

// Ground truth of one woven story. What only sets its scene (the genuine thread before a hijack) is not part of it.
struct StoryMessage {
  std::size_t mailbox = 0;
  std::string message_id;  // with angle brackets
};
struct StorySetting {
  std::size_t mailbox = 0;
  std::string setting_id;  // MailRule::id
};
struct Story {
  std::string id;
  std::string kind;
  bool fraud = false;
  std::string twin_of;  // of an innocent one: the id of the fraud story whose wording it shares, or empty
  TimePoint from;       // its first message or setting
  std::vector<StoryMessage> messages;
  std::vector<StorySetting> settings;
};

struct CompanyMail {
  Company company;
  std::vector<Delivery> deliveries;
  std::vector<SettingsChange> settings;  // in order of time; a mailbox without any has none
  std::vector<Story> stories;
};

}  // namespace letterlock::sim
