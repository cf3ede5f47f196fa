#pragma once

// The cast of one simulated company: its people, and the vendors, customers, services and newsletters that write to them.
// Made from a seed; immutable afterwards but for the live clock; any thread.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/bank.h"
#include "sim/content.h"
#include "sim/live_clock.h"
#include "sim/locale.h"
#include "sim/mime_reader.h"

namespace letterlock::sim {

enum class Hosting { own_server, google, microsoft };  // whose servers send a domain's mail

struct Correspondent {
  std::string company;
  std::string domain;
  const Locale* locale = nullptr;
  Address sales;
  Address accounts;
  Hosting hosting = Hosting::own_server;
  std::string ip;
  std::string host;
  std::string mailer;
  std::string trade;  // what they supply or buy, in their language
  BankAccount account;
  bool spaced_account = true;        // writes IBANs in groups of four
  bool account_in_pdf_only = false;  // its mail refers to the attached invoice
};

enum class BulkKind { newsletter, ticketing, tasks, signing, voicemail, file_share, password };

struct BulkSender {
  BulkKind kind = BulkKind::newsletter;
  std::string name;
  Address from;
  std::string domain;
  std::string link_domain;
  std::string list_id;
  std::string ip;
};

struct World {
  Company company;
  const Locale* locale = nullptr;
  std::vector<Correspondent> vendors;    // at least 12
  std::vector<Correspondent> customers;  // at least 8
  std::vector<BulkSender> newsletters;   // at least 3
  std::vector<BulkSender> services;      // one of each other kind
  BankAccount account_before;            // of the last vendor, which moves its account
  TimePoint account_moves_at;
  std::uint64_t seed = 0;
  TimePoint now;
  std::shared_ptr<LiveClock> live = std::make_shared<LiveClock>();

  const Person& person(std::size_t index) const { return company.people[index % company.people.size()]; }
  std::size_t index(std::size_t index) const { return index % company.people.size(); }
  Address address(std::size_t index) const { return {person(index).name(), person(index).address}; }
  const BulkSender& service(BulkKind kind) const;
};

// Who does what in every company of at least as many people; smaller ones wrap around.
enum Role : std::size_t {
  ceo,
  cfo,
  payables,
  it_admin,
  hr_manager,
  purchasing,
  sales_manager,
  operations,
  office_manager,
  controller,
  warehouse,
  account_manager,
  payroll,
  roles_count
};

World make_world(ProviderKind provider, std::uint64_t seed, std::size_t mailboxes, TimePoint now);

// A domain that is easily taken for another: one letter off, a hyphen or a word more. `attempt` picks the way.
std::string lookalike_of(std::string_view domain, Random& random);

// A firm that is in no world's list of vendors: a first contact.
Correspondent make_stranger(const Locale& locale, Random& random);

}  // namespace letterlock::sim
