#include "domain/evaluation/corpus.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "domain/evaluation/header_block.h"
#include "mail/domain.h"
#include "mail/header.h"
#include "mail/text.h"

namespace letterlock::evaluation {
namespace {

constexpr std::size_t own_domain_share = 20;  // one message in so many
constexpr std::size_t addresses_max = 100;

// "mx.google.com; spf=pass …" → "mx.google.com"; "spf=pass …" → "microsoft"
std::string authserv_id_of(std::string_view value) {
  const auto clauses = mail::without_comments(value.substr(0, 64 << 10));
  const auto head = mail::trim(std::string_view(clauses).substr(0, clauses.find(';')));
  if (head.contains('=')) return "microsoft";
  return mail::lower(head.substr(0, head.find_first_of(" \t\r\n")));
}

template <class Count>
std::string most_common(const std::map<std::string, Count>& counts) {
  std::string best;
  Count most = 0;
  for (const auto& [name, count] : counts)
    if (count > most) best = name, most = count;
  return best;
}

}  // namespace

bool is_in_part(std::string_view message_id, Part part) {
  if (part == Part::all) return true;
  const bool is_tune = static_cast<unsigned char>(sha256(message_id).at(0)) < 128;
  return is_tune == (part == Part::tune);
}

Delivery read_delivery(std::string_view message) {
  static constexpr std::array<std::string_view, 4> names{"delivered-to", "x-original-to", "envelope-to", "to"};
  const auto fields = raw_fields(message);
  Delivery out;
  for (const auto name : names) {
    for (const auto& field : fields) {
      if (field.name != name || !out.address.empty()) continue;
      for (const auto& address : mail::parse_addresses(field.value, addresses_max))
        if (out.address.empty() && !mail::domain_of_address(address.address).empty()) out.address = address.address;
    }
  }
  for (const auto& field : fields) {
    if (field.name == "authentication-results" && out.authserv_id.empty()) out.authserv_id = authserv_id_of(field.value);
    if ((field.name == "to" || field.name == "cc") && out.name.empty())
      for (const auto& address : mail::parse_addresses(field.value, addresses_max))
        if (address.address == out.address && address.name != address.address && !address.name.contains('@')) out.name = address.name;
  }
  return out;
}

Recipients infer_recipients(std::span<const Delivery> deliveries) {
  std::map<std::string, std::size_t> domains, authserv_ids, addresses;
  std::map<std::string, std::string> names;
  for (const auto& delivery : deliveries) {
    if (!delivery.authserv_id.empty()) ++authserv_ids[delivery.authserv_id];
    if (delivery.address.empty()) continue;
    ++domains[mail::domain_of_address(delivery.address)];
    ++addresses[delivery.address];
    if (!delivery.name.empty()) names.try_emplace(delivery.address, delivery.name);
  }
  Recipients out;
  for (const auto& [domain, count] : domains)
    if (count * own_domain_share >= deliveries.size() && !mail::is_freemail(domain)) out.facts.domains.push_back(domain);
  for (const auto& [id, count] : authserv_ids)
    if (count * 2 >= deliveries.size()) out.trusted_authserv_ids.push_back(id);

  std::erase_if(addresses, [&](const auto& entry) {
    return !out.facts.domains.empty() && !std::ranges::contains(out.facts.domains, mail::domain_of_address(entry.first));
  });
  out.fallback = addresses.empty() ? "unknown@recipient.invalid" : most_common(addresses);
  addresses.try_emplace(out.fallback, 0);
  for (const auto& [address, count] : addresses) {
    User user{.user_id = UserId(address), .primary_email = address};
    if (const auto name = names.find(address); name != names.end()) user.display_name = name->second;
    out.users.push_back(std::move(user));
  }
  return out;
}

}  // namespace letterlock::evaluation
