#pragma once

// The catalogue of texts from which stories are told. A text belongs to a theme and a language and has slots in braces; fraud
// and innocent twin are told from the same one, so that the words never tell them apart. Tables; any thread.
//
// Every text may use {hello} and {bye} (greeting; sign-off, name and firm). The themes' own slots stand beside them below.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/locale.h"

namespace letterlock::sim {

enum class Theme {
  vip_request,      // {amount}
  thread_payment,   // {invoice} {amount} {account}
  vendor_invoice,   // {vendor} {trade} {invoice} {amount} {date} {account}
  payroll,          // {account} {date}
  account_notice,   // {recipient} {link} {date}
  inside_payment,   // {vendor} {amount} {account}
  handoff,          // {vip} {invoice} {amount} {account}
  handoff_quote,    // {payee_given} {payee}: what the VIP wrote before
  first_invoice,    // {vendor} {trade} {company} {invoice} {amount} {date} {account}
  campaign,         // {recipient_given} {recipient} {link} {company}
  staff_form,       // {link} {date}
  payment_release,  // {vendor} {amount} {account}
  from_home,
  bank_move,         // {vendor} {date} {account}
  bank_move_answer,  // {date} {account}
  quote_request,     // {trade} {company}
  rebrand,           // {vendor} {new_name} {new_domain} {date}
};

struct Wording {
  Theme theme;
  Language language;
  const char* subject;
  const char* body;
};

// All texts of a theme; of one language where the theme has any in it, else the English ones.
std::vector<const Wording*> wordings(Theme theme, Language language);
std::span<const Wording> payment_wordings();  // the tables behind it
std::span<const Wording> account_wordings();

using Slots = std::map<std::string, std::string, std::less<>>;
// The text with its slots filled; a slot without a value stops the process: the catalogue and its teller disagree.
std::string filled(std::string_view text, const Slots& slots);

}  // namespace letterlock::sim
