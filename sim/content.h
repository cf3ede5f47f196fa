#pragma once

// What a simulated company holds before it takes a provider's shape: people, and deliveries of raw mail into their mailboxes.
// Plain values, made by the generator or a corpus, handed once to a provider's state.

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"

namespace letterlock::sim {

struct Person {
  std::string given;
  std::string family;
  std::string address;
  std::string job_title;
  std::string department;

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

// Ground truth of one woven story.
struct Story {
  std::string kind;
  bool fraud = false;
  std::string message_id;
  std::vector<std::string> mailboxes;  // addresses
};

struct CompanyMail {
  Company company;
  std::vector<Delivery> deliveries;
  std::vector<Story> stories;
};

}  // namespace letterlock::sim
