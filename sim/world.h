#pragma once

// The cast of one simulated company: its people, and the vendors, customers and senders of bulk mail who write to them.
// Made from a seed; immutable afterwards; any thread.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/content.h"
#include "sim/mime_reader.h"

namespace letterlock::sim {

struct Correspondent {
  std::string company;
  std::string domain;
  Address sales;
  Address accounts;
  std::string ip;
  std::string iban;
  std::string trade;  // what they supply: "packaging film", …
  std::string mailer;
};

struct BulkSender {
  std::string name;
  Address from;
  std::string domain;
  std::string link_domain;
  std::string list_id;
  bool notification = false;  // a service that writes about an account, not a newsletter
};

struct World {
  Company company;
  std::vector<Correspondent> vendors;
  std::vector<Correspondent> customers;
  std::vector<BulkSender> bulk;
  std::vector<std::string> sites;  // place names used in text
  std::vector<std::string> goods;
  std::string lookalike_domain;  // one edit away from the company's
  std::string near_domain;       // an honest firm with a name not quite as near
  std::uint64_t seed = 0;
  TimePoint now;

  const Person& person(std::size_t index) const { return company.people[index % company.people.size()]; }
  std::size_t index(std::size_t index) const { return index % company.people.size(); }
};

World make_world(ProviderKind provider, std::uint64_t seed, std::size_t mailboxes, TimePoint now);

}  // namespace letterlock::sim
