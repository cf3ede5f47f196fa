#include <algorithm>
#include <array>
#include <cctype>
#include <glaze/glaze.hpp>
#include <set>

#include "domain/ingestion/tenant_facts.h"
#include "mail/domain.h"

namespace letterlock::ingestion {

// Read from any provider's settings: {"domains":["example.com"]}.
struct DomainSettings {
  std::vector<std::string> domains;
};

bool is_vip_title(std::string_view job_title) {
  // Whole words, or several in a row; compared in lower case between spaces.
  static constexpr std::array<std::string_view, 42> titles{"chief",
                                                           "ceo",
                                                           "cfo",
                                                           "coo",
                                                           "cto",
                                                           "cio",
                                                           "ciso",
                                                           "cro",
                                                           "cmo",
                                                           "president",
                                                           "managing director",
                                                           "owner",
                                                           "co-owner",
                                                           "founder",
                                                           "co-founder",
                                                           "cofounder",
                                                           "chairman",
                                                           "chairwoman",
                                                           "finance director",
                                                           "head of finance",
                                                           "treasurer",
                                                           "managing partner",
                                                           "geschäftsführer",
                                                           "geschäftsführerin",
                                                           "geschäftsführender gesellschafter",
                                                           "vorstand",
                                                           "finanzvorstand",
                                                           "inhaber",
                                                           "inhaberin",
                                                           "directeur général",
                                                           "directrice générale",
                                                           "président",
                                                           "fondateur",
                                                           "director general",
                                                           "director gerente",
                                                           "propietario",
                                                           "amministratore delegato",
                                                           "titolare",
                                                           "directeur financier",
                                                           "diretor executivo",
                                                           "eigenaar",
                                                           "directeur-grootaandeelhouder"};
  std::string words = " ";
  for (const char c : job_title) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_word = byte >= 0x80 || std::isalnum(byte) || c == '-';
    const char next = is_word ? static_cast<char>(std::tolower(byte)) : ' ';
    if (next != ' ' || words.back() != ' ') words += next;
  }
  if (words.back() != ' ') words += ' ';
  if (words.contains(" vice president ") || words.contains(" assistant ")) return false;  // banks have thousands of the former
  return std::ranges::any_of(titles, [&](std::string_view title) { return words.contains(" " + std::string(title) + " "); });
}

TenantFacts tenant_facts(std::span<const User> users, const Connection& connection) {
  TenantFacts facts;
  std::set<std::string> domains;
  const auto add = [&](std::string_view domain) {
    auto normal = mail::normalize_host(domain);
    if (!normal.empty() && !mail::is_freemail(normal)) domains.insert(std::move(normal));
  };
  for (const auto& user : users) {
    if (user.deleted_at || user.mailbox_state == MailboxState::no_mailbox) continue;
    add(mail::domain_of_address(user.primary_email));
    for (const auto& alias : user.aliases) add(mail::domain_of_address(alias));
    if (user.job_title && is_vip_title(*user.job_title)) facts.vip_user_ids.push_back(user.user_id.str());
  }
  DomainSettings settings;
  constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};
  if (!glz::read<lenient>(settings, connection.settings_json))
    for (const auto& domain : settings.domains) add(domain);
  facts.domains.assign(domains.begin(), domains.end());
  return facts;
}

}  // namespace letterlock::ingestion
